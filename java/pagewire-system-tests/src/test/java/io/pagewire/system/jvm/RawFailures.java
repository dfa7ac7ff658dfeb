package io.pagewire.system.jvm;

import io.pagewire.PageFaultException;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.system.FailingDsmd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What threads that use raw buffers meet when pages fail, one scenario a JVM. Arguments: the program of {@link FailingDsmd},
 * scenario. Says DONE when all was well; an exception ends it otherwise.
 *
 * <p>The main thread of its JVM.
 */
final class RawFailures {
    private static final int PAGE = 4096;
    private static final int PAGES = 64;

    /** A hung thread is told from a slow machine by this. */
    private static final long PATIENCE_MS = 30_000;

    private static final long HELD_MS = 5000;
    private static final int ATTEMPTS = 4;

    private final FailingDsmd dsmd;
    private final Region region;
    private final ByteBuffer bytes;

    private RawFailures(FailingDsmd dsmd, Region region) {
        this.dsmd = dsmd;
        this.region = region;
        this.bytes = region.buffer(0, PAGES * PAGE);
    }

    private interface Scenario {
        void run(RawFailures scene) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        ChildInput.endWithParent();
        Scenario scenario = switch (arguments[1]) {
            case "storm" -> RawFailures::stormMustLeaveNoHole;
            case "zeros" -> RawFailures::zerosMustEndAlthoughAThreadWaits;
            case "held" -> RawFailures::nobodyMustWaitForAThreadInAFault;
            case "crossing" -> RawFailures::instructionOnTwoPagesMustEnd;
            case "ends" -> RawFailures::threadsThatEndMustHarmNobody;
            case "closed" -> RawFailures::closedRegionMustBeTold;
            case "close" -> RawFailures::closeMustEnd;
            default -> throw new IllegalArgumentException(arguments[1]);
        };
        try (FailingDsmd dsmd = new FailingDsmd(Path.of(arguments[0]), PAGES);
                Pagewire pagewire = Pagewire.connect(dsmd.socket());
                Region region = pagewire.map(FailingDsmd.REGION)) {
            scenario.run(new RawFailures(dsmd, region));
        }
        System.out.println("DONE");
    }

    private static long sum(ByteBuffer part) {
        long sum = 0;
        for (int i = 0; i < part.limit(); i += Long.BYTES) {
            sum = sum * 31 + part.getLong(i);
        }
        return sum;
    }

    private ByteBuffer part(int first, int count) {
        return bytes.slice(first * PAGE, count * PAGE).order(ByteOrder.nativeOrder());
    }

    private static ByteBuffer truth(int first, int count) {
        ByteBuffer truth = ByteBuffer.allocateDirect(count * PAGE).order(ByteOrder.nativeOrder());
        for (int i = 0; i < count * PAGE; i += Long.BYTES) {
            truth.putLong(i, first + i / PAGE + 1);
        }
        return truth;
    }

    /** Sums all of it; null = an exception came instead. Waits for it when the sum is wrong. */
    private static Long sumOrFailure(ByteBuffer part, long expected) throws InterruptedException {
        try {
            long got = sum(part);
            if (got != expected) {
                Thread.sleep(PATIENCE_MS);
            }
            return got;
        } catch (PageFaultException e) {
            return null;
        }
    }

    private void stormMustLeaveNoHole() throws Exception {
        List<Task> readers = new ArrayList<>();
        boolean[] stop = new boolean[1];
        int[] failures = new int[1];
        for (int half = 0; half < PAGES; half += PAGES / 2) {
            ByteBuffer part = part(half, PAGES / 2);
            long expected = sum(truth(half, PAGES / 2));
            readers.add(new Task("reader", () -> {
                while (!stop[0]) {
                    Long got = sumOrFailure(part, expected);
                    if (got == null) {
                        synchronized (failures) {
                            failures[0]++;
                        }
                    } else if (got != expected) {
                        throw new AssertionError("sum " + got + " instead of " + expected + ", and no exception");
                    }
                    LockSupport.parkNanos(200_000);
                }
            }));
        }
        dsmd.storm(0, PAGES, 60, 100, 25, 1000);
        stop[0] = true;
        for (Task reader : readers) {
            reader.mustEndWell();
        }
        if (failures[0] < 20) {
            throw new AssertionError("only " + failures[0] + " failures");
        }
        System.out.println(failures[0] + " failures");
    }

    /** A thread that has failed, and waits in its next page fault for HELD_MS. */
    private Task heldUp(CountDownLatch ended) throws InterruptedException {
        dsmd.fail(0, 1, 0);
        dsmd.fail(1, 1, (int) HELD_MS);
        CountDownLatch failed = new CountDownLatch(1);
        Task task = new Task("held up", () -> {
            try {
                bytes.getLong(0);
                failed.countDown();
                bytes.getLong(PAGE);
                ended.countDown();
                Thread.sleep(PATIENCE_MS);
            } catch (PageFaultException e) {
                ended.countDown();
                return;
            }
            throw new AssertionError("no exception");
        });
        failed.await();
        Thread.sleep(100); // the time when it is to be told, and longer than the grace of accessors
        return task;
    }

    private void zerosMustEndAlthoughAThreadWaits() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Task held = heldUp(ended);
        dsmd.fail(10, 1, 0);
        new Task("fails once", () -> mustBeTold(10)).await(() -> region.stats().failedFaults() >= 2);
        dsmd.serve(10, 1);
        long served = System.nanoTime();
        long lastZero = 0;
        while (ended.getCount() > 0) {
            if (bytes.getLong(10 * PAGE) == 0) {
                lastZero = System.nanoTime();
            }
        }
        if (lastZero - served > TimeUnit.MILLISECONDS.toNanos(HELD_MS / 4)) {
            throw new AssertionError("page 10 showed zeros for " + (lastZero - served) / 1_000_000 + " ms");
        }
        held.mustEndWell();
    }

    private void mustBeTold(int page) throws InterruptedException {
        try {
            bytes.getLong(page * PAGE);
            Thread.sleep(PATIENCE_MS);
        } catch (PageFaultException e) {
            if (e.page() != page || e.getStackTrace().length == 0) {
                throw new AssertionError("an odd exception", e);
            }
            return;
        }
        throw new AssertionError("no exception for page " + page);
    }

    /** More failures than anything can queue, and threads that are told while another cannot be. */
    private void nobodyMustWaitForAThreadInAFault() throws Exception {
        dsmd.fail(20, 44, 0);
        Clock clock = new Clock();
        boolean early = false;
        for (int attempt = 0; attempt < ATTEMPTS && !early; attempt++) {
            CountDownLatch ended = new CountDownLatch(1);
            Task held = heldUp(ended);
            failByAccessors(3, 100);
            early = ended.getCount() > 0; // else this machine is too busy for the failures to come in time
            if (early) {
                new Task("to be told", () -> mustBeTold(20)).mustEndWell();
                early = ended.getCount() > 0;
            }
            held.mustEndWell();
        }
        clock.stop = true;
        clock.join();
        if (!early) {
            throw new AssertionError("a thread was told after the one in a fault, not before");
        }
        if (clock.longest > TimeUnit.MILLISECONDS.toNanos(HELD_MS / 2)) {
            throw new AssertionError("all threads stood still for " + clock.longest / 1_000_000 + " ms");
        }
    }

    private void failByAccessors(int threads, int times) throws InterruptedException {
        List<Task> accessors = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int mine = i;
            accessors.add(new Task("accessor", () -> {
                for (int count = 0; count < times; count++) {
                    try {
                        region.getLong((40 + mine + count % 20) * PAGE);
                    } catch (PageFaultException e) {
                        continue;
                    }
                    throw new AssertionError("an accessor did not throw");
                }
            }));
        }
        for (Task accessor : accessors) {
            accessor.mustEndWell();
        }
    }

    /** Notes for how long it was held up. */
    private static final class Clock extends Thread {
        private volatile boolean stop;
        private volatile long longest;

        Clock() {
            super("clock");
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            long last = System.nanoTime();
            while (!stop) {
                LockSupport.parkNanos(1_000_000);
                long now = System.nanoTime();
                longest = Math.max(longest, now - last);
                last = now;
            }
        }
    }

    /** Each of its pages takes longer to fail than a failed page stays readable. */
    private void instructionOnTwoPagesMustEnd() throws Exception {
        dsmd.fail(2, 2, 100);
        new Task("crossing", () -> {
                    try {
                        bytes.getLong(3 * PAGE - 4);
                        Thread.sleep(PATIENCE_MS);
                    } catch (PageFaultException e) {
                        return;
                    }
                    throw new AssertionError("no exception");
                })
                .mustEndWell();
    }

    private void threadsThatEndMustHarmNobody() throws Exception {
        dsmd.fail(0, PAGES, 0);
        for (int round = 0; round < 20; round++) {
            List<Task> tasks = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int page = i;
                tasks.add(new Task("ends at once", () -> {
                    try {
                        bytes.getLong(page * PAGE);
                    } catch (PageFaultException e) {
                        // Told in its last moment.
                    }
                }));
            }
            for (Task task : tasks) {
                task.mustEndWell();
            }
        }
        new Task("to be told", () -> mustBeTold(40)).mustEndWell();
    }

    private void closedRegionMustBeTold() throws Exception {
        dsmd.fail(5, 1, 0);
        CountDownLatch failed = new CountDownLatch(1);
        Task before = new Task("failed before", () -> {
            try {
                bytes.getLong(5 * PAGE);
                failed.countDown();
                Thread.sleep(PATIENCE_MS);
            } catch (PageFaultException e) {
                failed.countDown();
                return;
            }
            throw new AssertionError("no exception");
        });
        failed.await();
        region.close();
        before.mustEndWell();
        new Task("fails afterwards", () -> mustBeTold(6)).mustEndWell();
    }

    /** Exceptions hit threads that come and go through the gates of the library. */
    private void closeMustEnd() throws Exception {
        dsmd.fail(0, PAGES, 0);
        boolean[] stop = new boolean[1];
        int[] told = new int[1];
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int first = i * 16;
            tasks.add(new Task("comes and goes", () -> {
                while (!stop[0]) {
                    try {
                        bytes.getLong((first + (told[0] & 15)) * PAGE);
                        for (int calls = 0; calls < 1_000_000 && !stop[0]; calls++) {
                            region.isHome();
                        }
                    } catch (PageFaultException e) {
                        synchronized (told) {
                            told[0]++;
                        }
                    }
                }
            }));
        }
        Thread.sleep(20_000);
        stop[0] = true;
        for (Task task : tasks) {
            task.mustEndWell();
        }
        System.out.println("told " + told[0] + " times");
        if (told[0] < 20) {
            throw new AssertionError("told only " + told[0] + " times");
        }
        new Task("close", region::close).mustEndWell();
    }

    private interface Work {
        void run() throws Exception;
    }

    /** A thread of the scenario. */
    private static final class Task extends Thread {
        private final Work work;
        private volatile Throwable wrong;

        Task(String name, Work work) {
            super(name);
            this.work = work;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            try {
                work.run();
            } catch (Throwable e) {
                wrong = e;
            }
        }

        /** Until the condition holds. */
        void await(BooleanSupplier condition) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError(getName() + " got nowhere", wrong);
                }
                Thread.sleep(1);
            }
        }

        void mustEndWell() throws InterruptedException {
            join(PATIENCE_MS + PATIENCE_MS / 2);
            if (isAlive() || wrong != null) {
                AssertionError error = new AssertionError(getName() + " alive: " + isAlive(), wrong);
                for (StackTraceElement element : getStackTrace()) {
                    System.out.println("    at " + element);
                }
                throw error;
            }
        }
    }
}
