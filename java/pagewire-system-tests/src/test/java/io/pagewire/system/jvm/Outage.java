package io.pagewire.system.jvm;

import io.pagewire.PageFaultException;
import io.pagewire.Region;
import io.pagewire.system.jvm.FailureOperations.Operation;
import io.pagewire.wire.FaultCause;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Every way to read, before, while and after the owner of a region is out of reach.
 *
 * <p>For use by one thread.
 */
final class Outage {
    /** Every operation has a part of the region of its own, so that no page of it was fetched before. */
    private static final int PART = 256 << 10;

    private static final int WARM_PART = 64 << 10;
    private static final long WARM_NS = 100_000_000;
    private static final int ATTEMPTS = 2;
    private static final long BACK_NS = 30_000_000_000L;

    /** Longer than the grace that the library gives to accessors before it throws for them. */
    private static final long QUIET_NS = 30_000_000;

    /** Once, behind the last operation: what is told later than that hits something else, which then says so. */
    private static final long LATE_NS = 1_000_000_000;

    private static final Set<FaultCause> GONE =
            EnumSet.of(FaultCause.OWNER_LOST, FaultCause.NO_OWNER, FaultCause.DEADLINE);

    private final Region region;
    private final ByteBuffer truth;
    private final List<Operation> operations;

    /** Where the operation before this one failed, if it may be told once more; -1 = none. */
    private int mayBeTold = -1;

    /** truth: what the region must hold. */
    Outage(Region region, ByteBuffer truth, List<Operation> operations) {
        this.region = region;
        this.truth = truth;
        this.operations = operations;
    }

    /** Until everything is compiled. */
    void warm() {
        for (Operation operation : operations) {
            long end = System.nanoTime() + WARM_NS;
            do {
                check(operation, 0, WARM_PART);
            } while (System.nanoTime() - end < 0);
        }
    }

    private void check(Operation operation, int offset, int length) {
        ByteBuffer part = truth.slice(offset, length).order(ByteOrder.nativeOrder());
        long expected = operation.read().run(null, 0, part);
        long got = operation.read().run(region, offset, region.buffer(offset, length));
        if (got != expected) {
            throw new AssertionError(operation.name() + " gave " + got + ", not " + expected);
        }
    }

    void mustFail() throws Exception {
        if (Runtime.version().feature() >= 21) {
            VirtualThreads.run(this::failVirtually);
        }
        for (int i = 0; i < operations.size(); i++) {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                mustFail(operations.get(i), (i + 1) * PART);
            }
        }
        if (mayBeTold >= 0) {
            PageFaultException late = toldWithin(LATE_NS);
            if (late != null && !isLate(late)) {
                throw new AssertionError("told of something else", late);
            }
        }
    }

    /** Whether it is the second telling of the operation before. How soon that comes is a matter of the machine's other work. */
    private boolean isLate(PageFaultException e) {
        boolean late = mayBeTold >= 0 && e.region().equals(region.name()) && isIn(mayBeTold, e);
        if (late) {
            System.out.println("late: " + e.getMessage());
            mayBeTold = -1;
        }
        return late;
    }

    private boolean isIn(int offset, PageFaultException e) {
        long first = offset / region.pageSize();
        return e.page() >= first && e.page() < first + PART / region.pageSize();
    }

    private void mustFail(Operation operation, int offset) throws InterruptedException {
        long start = System.nanoTime();
        boolean finished = false;
        try {
            operation.read().run(region, offset, region.buffer(offset, PART));
            finished = true;
            // A raw read has seen zeros; its exception is on the way and finds the thread here.
            Thread.sleep(operation.raw() ? 10_000 : 0);
        } catch (PageFaultException e) {
            if (mayBeTold != offset && isLate(e)) {
                mustFail(operation, offset);
                return;
            }
            System.out.printf("failed %s after %d ms%n", operation.name(), (System.nanoTime() - start) / 1_000_000);
            mustBeRight(operation, offset, e);
            if (!operation.raw() && finished) {
                throw new AssertionError(operation.name() + " must throw at once", e);
            }
            mayBeTold = mustBeQuiet(operation) && operation.raw() ? offset : -1;
            return;
        }
        throw new AssertionError(operation.name() + " did not fail");
    }

    private void mustBeRight(Operation operation, int offset, PageFaultException e) {
        long first = offset / region.pageSize();
        if (!e.region().equals(region.name()) || !isIn(offset, e) || !GONE.contains(e.faultCause())) {
            throw new AssertionError(operation.name() + " on pages from " + first + " failed in an odd way", e);
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new AssertionError(operation.name() + " left the interrupt flag set", e);
        }
    }

    /**
     * A failed operation is told once; of one on a raw buffer the thread may be told once more, better than never. Whether it was
     * quiet altogether.
     */
    private static boolean mustBeQuiet(Operation operation) {
        PageFaultException again = toldWithin(QUIET_NS);
        PageFaultException more = again != null && operation.raw() ? toldWithin(QUIET_NS) : again;
        if (more != null) {
            throw new AssertionError(operation.name() + " was told again and again", more);
        }
        return again == null;
    }

    private static PageFaultException toldWithin(long ns) {
        long end = System.nanoTime() + ns;
        try {
            while (System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
        } catch (PageFaultException e) {
            return e;
        }
        return null;
    }

    /** Accessors throw in virtual threads too; a raw read gives zeros and is only logged. */
    private void failVirtually() {
        Operation accessor = operations.get(0);
        try {
            accessor.read().run(region, PART, region.buffer(PART, PART));
        } catch (PageFaultException e) {
            mustBeRight(accessor, PART, e);
            int offset = (operations.size() + 1) * PART;
            sumRaw(region, offset, region.buffer(offset, PART));
            return;
        }
        throw new AssertionError(accessor.name() + " did not fail in a virtual thread");
    }

    static long sumByAccessor(Region region, int offset, ByteBuffer bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.limit(); i += Long.BYTES) {
            sum = sum * 31 + (region == null ? bytes.getLong(i) : region.getLong(offset + i));
        }
        return sum;
    }

    static long sumRaw(Region region, int offset, ByteBuffer bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.limit(); i += Long.BYTES) {
            sum = sum * 31 + bytes.getLong(i);
        }
        return sum;
    }

    void mustWorkAgain() throws InterruptedException {
        for (int i = 0; i < operations.size(); i++) {
            mustWorkAgain(operations.get(i), (i + 1) * PART);
        }
        if (Thread.interrupted()) {
            throw new AssertionError("the interrupt flag of this thread was left set");
        }
    }

    private void mustWorkAgain(Operation operation, int offset) throws InterruptedException {
        long end = System.nanoTime() + BACK_NS;
        while (true) {
            try {
                check(operation, offset, PART);
                // A failed page read by a raw operation gives a wrong number or the exception, whichever comes first.
                return;
            } catch (PageFaultException | AssertionError e) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError(operation.name() + " does not work again", e);
                }
            }
            try {
                Thread.sleep(100);
            } catch (PageFaultException e) {
                System.out.println("late: " + e.getMessage());
            }
        }
    }
}
