package io.pagewire.system;

import io.pagewire.Access;
import io.pagewire.ConnectOptions;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread of a litmus test as a process of its own, in Java: {@code BOARD INDEX SOCKET REGION}. Accesses are those of a
 * VarHandle over the region's own memory. The calls of {@link Cells} are never inlined (the JVM is told so), because the
 * Java memory model lets a compiler change the order of plain accesses; what is tested is the memory, not the compiler.
 *
 * <p>One thread plays the test, another one the disturber.
 */
final class LitmusWorker {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** A kind of access. */
    abstract static class Cells {
        abstract long get(ByteBuffer memory, int at);

        abstract void put(ByteBuffer memory, int at, long value);
    }

    /** Modes 0 to 3 of the board; the last one is sequentially consistent. */
    private static final Cells[] MODES = {
        new Cells() {
            @Override
            long get(ByteBuffer memory, int at) {
                return (long) LONG.get(memory, at);
            }

            @Override
            void put(ByteBuffer memory, int at, long value) {
                LONG.set(memory, at, value);
            }
        },
        new Cells() {
            @Override
            long get(ByteBuffer memory, int at) {
                return (long) LONG.getOpaque(memory, at);
            }

            @Override
            void put(ByteBuffer memory, int at, long value) {
                LONG.setOpaque(memory, at, value);
            }
        },
        new Cells() {
            @Override
            long get(ByteBuffer memory, int at) {
                return (long) LONG.getAcquire(memory, at);
            }

            @Override
            void put(ByteBuffer memory, int at, long value) {
                LONG.setRelease(memory, at, value);
            }
        },
        new Cells() {
            @Override
            long get(ByteBuffer memory, int at) {
                return (long) LONG.getVolatile(memory, at);
            }

            @Override
            void put(ByteBuffer memory, int at, long value) {
                LONG.setVolatile(memory, at, value);
            }
        }
    };

    static final int MODE_COUNT = MODES.length;

    private final LitmusBoard board;
    private final int index;
    private final Pagewire pagewire;
    private final String name;
    private Region region;
    private volatile ByteBuffer memory;
    private volatile boolean dirty;

    private LitmusWorker(LitmusBoard board, int index, Pagewire pagewire, String name) {
        this.board = board;
        this.index = index;
        this.pagewire = pagewire;
        this.name = name;
    }

    public static void main(String[] args) throws Exception {
        LitmusBoard board = LitmusBoard.open(Path.of(args[0]));
        int index = Integer.parseInt(args[1]);
        Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {
            failure.printStackTrace();
            board.set(index, LitmusBoard.FAILED, 1);
            Runtime.getRuntime().halt(1);
        });
        endWithStdin();
        ConnectOptions patient =
                ConnectOptions.defaults().withSocket(Path.of(args[2])).withDeadline(Duration.ofMinutes(1));
        try (Pagewire pagewire = Pagewire.connect(patient)) {
            new LitmusWorker(board, index, pagewire, args[3]).run();
        }
    }

    private static void endWithStdin() {
        Thread end = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is said there; only its end matters.
                }
            } catch (java.io.IOException e) {
                // As good as the end.
            }
            Runtime.getRuntime().halt(3);
        });
        end.setDaemon(true);
        end.start();
    }

    private void map() {
        region = pagewire.map(name);
        memory = region.buffer(0, (int) region.size());
    }

    private void run() {
        map();
        if (index == 0) {
            Thread disturber = new Thread(this::makeDirt, "dirt");
            disturber.setDaemon(true);
            disturber.start();
        }
        long done = 0;
        board.set(index, LitmusBoard.DONE, done);
        while (true) {
            long phase = board.awaitPhase(done);
            switch ((int) board.get(LitmusBoard.COMMAND)) {
                case LitmusBoard.RACE -> {
                    dirty = board.get(LitmusBoard.DIRT) != 0;
                    race();
                    dirty = false;
                }
                case LitmusBoard.LOOK -> {
                    if (index < board.get(LitmusBoard.LOOKERS)) {
                        look();
                    }
                }
                case LitmusBoard.REMAP -> {
                    if (!region.isHome() && index != 0) {
                        region.close();
                        map();
                    }
                }
                case LitmusBoard.PREFETCH -> region.prefetch(0, region.size(), Access.READ);
                default -> {
                    return;
                }
            }
            done = phase;
            board.set(index, LitmusBoard.DONE, done);
        }
    }

    private void race() {
        int kind1 = (int) board.get(index, LitmusBoard.KIND_1);
        if (kind1 == LitmusTest.NOTHING) {
            return;
        }
        int[] areas = {(int) board.get(LitmusBoard.OFFSET_X), (int) board.get(LitmusBoard.OFFSET_Y)};
        int first = areas[(int) board.get(index, LitmusBoard.VAR_1)];
        int second = areas[(int) board.get(index, LitmusBoard.VAR_2)];
        long go = System.nanoTime() + board.get(index, LitmusBoard.DELAY);
        while (System.nanoTime() < go) {
            Thread.onSpinWait();
        }
        loop(
                MODES[(int) board.get(LitmusBoard.MODE)],
                kind1,
                (int) board.get(index, LitmusBoard.KIND_2),
                first,
                second,
                board.get(LitmusBoard.ROUND) * 4 + 1 + index);
    }

    private void loop(Cells cells, int kind1, int kind2, int first, int second, long value) {
        ByteBuffer region = memory;
        int count = (int) board.get(LitmusBoard.COUNT);
        int stride = (int) board.get(LitmusBoard.STRIDE);
        int page = (int) board.get(LitmusBoard.PAGE);
        int step = (int) board.get(LitmusBoard.STEP);
        int results = board.results(index, 0);
        int most = (int) board.get(LitmusBoard.PAUSE);
        int i = (int) ((board.get(LitmusBoard.START) + board.get(index, LitmusBoard.SHIFT)) % count);
        for (int n = 0; n < count; n++) {
            int at = LitmusBoard.cell(i, stride, page);
            long r0 = 0;
            long r1 = 0;
            if (kind1 == LitmusTest.WRITE) {
                cells.put(region, first + at, value);
            } else {
                r0 = cells.get(region, first + at);
            }
            if (kind2 == LitmusTest.WRITE) {
                cells.put(region, second + at, value);
            } else if (kind2 == LitmusTest.READ) {
                r1 = cells.get(region, second + at);
            }
            board.putResult(results + 4 * i, r0);
            board.putResult(results + 4 * i + 1, r1);
            for (int pause = (8 * n + index) * 0x9E3779B1 >>> 29 & most; pause > 0; pause--) {
                Thread.onSpinWait(); // lets pages change hands between the instances they hold
            }
            i += step;
            if (i >= count) {
                i -= count;
            }
        }
    }

    private void look() {
        int count = (int) board.get(LitmusBoard.COUNT);
        int stride = (int) board.get(LitmusBoard.STRIDE);
        int page = (int) board.get(LitmusBoard.PAGE);
        int x = (int) board.get(LitmusBoard.OFFSET_X);
        int y = (int) board.get(LitmusBoard.OFFSET_Y);
        for (int i = 0; i < count; i++) {
            int at = LitmusBoard.cell(i, stride, page);
            int results = board.results(index, i);
            board.putResult(results + 2, MODES[0].get(memory, x + at));
            board.putResult(results + 3, MODES[0].get(memory, y + at));
        }
    }

    /** Stores to the spare end of pages, so that copies of pages under test are purged in the middle of everything. */
    private void makeDirt() {
        java.util.SplittableRandom random = new java.util.SplittableRandom(1);
        while (true) {
            if (dirty) {
                int page = (int) board.get(LitmusBoard.PAGE);
                int end = (1 + random.nextInt(memory.capacity() / page)) * page;
                LONG.setOpaque(memory, end - 8, random.nextLong());
            }
            LockSupport.parkNanos(dirty ? 20_000 : 50_000);
        }
    }
}
