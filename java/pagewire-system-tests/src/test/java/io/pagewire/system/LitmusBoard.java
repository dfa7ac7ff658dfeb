package io.pagewire.system;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/**
 * The memory by which the processes of a litmus test start together and hand over their registers: a plain shared file, no
 * part of what is tested. Longs; {@code litmus_worker.c} has the same numbers.
 *
 * <pre>
 *      0  PHASE     counts up; a worker does COMMAND when it changes, then sets its DONE to it
 *   1-15  COMMAND, then what RACE needs (below)
 *     64  16 longs a worker: DONE, its two accesses, its start delay in ns, FAILED, WEAK (carries a planted bug), SHIFT (how many
 *         instances after START it begins)
 *   1024  4 longs an instance, MOST instances a worker: the results of its accesses, then x and y as LOOK found them
 * </pre>
 *
 * <p>Safe for use by several processes in the order that PHASE and DONE give.
 */
final class LitmusBoard {
    static final int PHASE = 0;
    static final int COMMAND = 1;
    static final int ROUND = 2;
    static final int MODE = 3;
    static final int COUNT = 4;
    static final int STRIDE = 5;
    static final int START = 6;
    static final int STEP = 7;
    static final int DIRT = 8;
    static final int PLANT = 9;
    static final int OFFSET_X = 10;
    static final int OFFSET_Y = 11;
    static final int MOST = 12;
    static final int BYTES = 13;
    static final int LOOKERS = 14;
    static final int PAUSE = 15;
    static final int PAGE = 16;

    static final int DONE = 0;
    static final int KIND_1 = 1;
    static final int VAR_1 = 2;
    static final int KIND_2 = 3;
    static final int VAR_2 = 4;
    static final int DELAY = 5;
    static final int FAILED = 6;
    static final int WEAK = 7;
    static final int SHIFT = 8;

    static final int RACE = 1;
    static final int LOOK = 2;
    static final int REMAP = 3;
    static final int PREFETCH = 4;
    static final int SNAPSHOT = 5;
    static final int END = 9;

    /** The last part of so many of each page is not under test; its end is written to have the page purged. */
    static final int SPARE_SHARE = 64;

    private static final int WORKERS = 64;
    private static final int PER_WORKER = 16;
    private static final int RESULTS = 1024;
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer memory;

    private LitmusBoard(ByteBuffer memory) {
        this.memory = memory;
    }

    /** The board of so many workers, each with results for {@code most} instances. */
    static LitmusBoard create(Path file, int workers, int most) throws IOException {
        long bytes = 8L * (RESULTS + 4L * most * workers);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            LitmusBoard board = new LitmusBoard(channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes));
            board.set(MOST, most);
            for (int worker = 0; worker < workers; worker++) {
                board.set(worker, DONE, -1);
            }
            return board;
        }
    }

    static LitmusBoard open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new LitmusBoard(channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size()));
        }
    }

    long get(int at) {
        return (long) LONG.getVolatile(memory, 8 * at);
    }

    void set(int at, long value) {
        LONG.setVolatile(memory, 8 * at, value);
    }

    long get(int worker, int field) {
        return get(WORKERS + PER_WORKER * worker + field);
    }

    void set(int worker, int field, long value) {
        set(WORKERS + PER_WORKER * worker + field, value);
    }

    /** Where the results of a worker's instance stand, for {@link #result} and {@link #putResult}. */
    int results(int worker, int instance) {
        return RESULTS + 4 * (int) get(MOST) * worker + 4 * instance;
    }

    /** Ordered by PHASE and DONE, so it need not be ordered itself. */
    long result(int at) {
        return (long) LONG.get(memory, 8 * at);
    }

    void putResult(int at, long value) {
        LONG.set(memory, 8 * at, value);
    }

    /** How many cells there are in a page. */
    static int cellsIn(int page, int stride) {
        return (page - page / SPARE_SHARE) / stride;
    }

    /** The offset of an instance's cell in the area of a variable. */
    static int cell(int instance, int stride, int page) {
        int inPage = cellsIn(page, stride);
        return instance / inPage * page + instance % inPage * stride;
    }

    /** Waits until a worker is told something after {@code done}; gives the new phase. */
    long awaitPhase(long done) {
        int tries = 0;
        long phase;
        while ((phase = get(PHASE)) == done) {
            rest(++tries);
        }
        return phase;
    }

    /** A short wait between two looks at the board: on few processors the others need them. */
    static void rest(int tries) {
        if (tries > 100) {
            LockSupport.parkNanos(50_000);
        } else {
            Thread.onSpinWait();
        }
    }
}
