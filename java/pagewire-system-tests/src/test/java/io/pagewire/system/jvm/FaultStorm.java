package io.pagewire.system.jvm;

import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.RegionStats;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Faults from many threads in a JVM that allocates, collects, throws NullPointerException from implicit checks and runs into
 * StackOverflowError, all through the same signal and the same stacks.
 *
 * <p>For use by one thread; it starts more and ends them.
 */
final class FaultStorm {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long SHORTEST_NS = 1_500_000_000L;
    private static final long LONGEST_NS = 30_000_000_000L;
    private static volatile boolean stop;
    private static volatile Object sink;

    private interface Work {
        void run() throws Exception;
    }

    private static final class Worker extends Thread {
        final AtomicLong rounds = new AtomicLong();
        private final Work work;
        volatile Throwable failed;

        Worker(String name, Work work) {
            super(name);
            this.work = work;
        }

        @Override
        public void run() {
            try {
                while (!stop) {
                    work.run();
                    rounds.incrementAndGet();
                }
            } catch (Throwable e) {
                failed = e;
                stop = true;
            }
        }
    }

    private static final class Node {
        int value;
    }

    private FaultStorm() {}

    /**
     * Goes on until there were enough faults and revokes, but not for ever.
     *
     * @param live the owner keeps changing it; each page starts with a counter that only grows
     * @param fileRegion holds the file
     */
    static void run(Pagewire pagewire, Region live, String fileRegion, byte[] file) throws InterruptedException {
        List<Worker> workers = new ArrayList<>();
        workers.add(watcher("accessor", live, (region, offset) -> region.getLong(offset)));
        workers.add(watcher("volatile", live, (region, offset) -> region.getLongVolatile(offset)));
        ByteBuffer raw = live.buffer(0, (int) live.size());
        workers.add(watcher("raw", live, (region, offset) -> raw.getLong((int) offset)));
        workers.add(watcher("varhandle", live, (region, offset) -> (long) LONG.getVolatile(raw, (int) offset)));
        workers.add(new Worker("file", new FileReader(pagewire, fileRegion, file)));
        workers.add(new Worker("allocate", FaultStorm::allocate));
        workers.add(new Worker("collect", () -> {
            System.gc();
            Thread.sleep(20);
        }));
        workers.add(new Worker("null", FaultStorm::nullPointers));
        workers.add(new Worker("recurse", () -> overflow(live)));
        workers.forEach(Thread::start);
        long start = System.nanoTime();
        while (!stop && !isOver(live.stats(), System.nanoTime() - start)) {
            Thread.sleep(20);
        }
        stop = true;
        for (Worker worker : workers) {
            worker.join(20_000);
            if (worker.isAlive()) {
                throw new AssertionError(worker.getName() + " hangs: " + Arrays.toString(worker.getStackTrace()));
            }
            if (worker.failed != null) {
                throw new AssertionError(worker.getName(), worker.failed);
            }
            if (worker.rounds.get() == 0) {
                throw new AssertionError(worker.getName() + " got nothing done");
            }
        }
        RegionStats stats = live.stats();
        System.out.println("storm: " + stats);
        if (!isEnough(stats) || stats.failedFaults() != 0) {
            throw new AssertionError("no storm of faults: " + stats);
        }
    }

    private static boolean isOver(RegionStats stats, long ns) {
        return ns > LONGEST_NS || ns > SHORTEST_NS && isEnough(stats);
    }

    private static boolean isEnough(RegionStats stats) {
        return stats.readFaults() >= 300 && stats.revokes() >= 50;
    }

    private interface Load {
        long at(Region region, long offset);
    }

    /** Reads counters page by page; none may ever go back. */
    private static Worker watcher(String name, Region live, Load load) {
        int pages = (int) (live.size() / live.pageSize());
        long[] seen = new long[pages];
        return new Worker(name, () -> {
            int page = ThreadLocalRandom.current().nextInt(pages);
            long now = load.at(live, (long) page * live.pageSize());
            if (now < seen[page]) {
                throw new AssertionError("page " + page + " went back from " + seen[page] + " to " + now);
            }
            seen[page] = now;
        });
    }

    /** Maps the file's region, compares it with the file in several ways, and closes it again, so that pages fault anew. */
    private record FileReader(Pagewire pagewire, String name, byte[] file) implements Work {
        @Override
        public void run() throws IOException {
            try (Region region = pagewire.map(name)) {
                int half = file.length / 2;
                ByteBuffer buffer = region.buffer(0, file.length);
                byte[] copy = new byte[half];
                switch (ThreadLocalRandom.current().nextInt(4)) {
                    case 0 -> buffer.get(0, copy);
                    case 1 -> region.get(0, copy, 0, half);
                    case 2 -> ByteBuffer.wrap(copy).put(buffer.duplicate().limit(half));
                    default -> {
                        if (buffer.mismatch(ByteBuffer.wrap(file)) != -1) {
                            throw new AssertionError("the region differs from its file (mismatch)");
                        }
                        return;
                    }
                }
                if (!Arrays.equals(copy, 0, half, file, 0, half)) {
                    throw new AssertionError("the region differs from its file at " + Arrays.mismatch(copy, file));
                }
            }
        }
    }

    private static void allocate() {
        byte[][] kept = new byte[64][];
        for (int i = 0; i < 1000; i++) {
            kept[i % kept.length] = new byte[ThreadLocalRandom.current().nextInt(16 << 10)];
        }
        sink = kept;
    }

    private static void nullPointers() {
        int caught = 0;
        for (int i = 0; i < 1000; i++) {
            Node node = i % 2 == 0 ? null : new Node();
            try {
                node.value++;
            } catch (NullPointerException e) {
                caught++;
            }
        }
        if (caught != 500) {
            throw new AssertionError("500 null pointers, " + caught + " exceptions");
        }
    }

    /** Runs out of stack while reading the region at every depth, so that faults come at every distance from its end. */
    private static void overflow(Region live) {
        try {
            recurse(live, 0);
            throw new AssertionError("no StackOverflowError");
        } catch (StackOverflowError e) {
            sink = e;
        }
    }

    private static long recurse(Region live, long depth) {
        long offset = Math.floorMod(depth * 8191, live.size() / live.pageSize()) * live.pageSize();
        return live.getLong(offset) + recurse(live, depth + 1);
    }
}
