package io.pagewire.cli;

import io.pagewire.Progress;
import java.io.PrintStream;
import java.util.Locale;

/**
 * One line on standard error that is written over as work goes on, at most five times a second, and only when a person
 * watches (standard error is a terminal). Where the whole is known the line has a bar.
 *
 * <p>Not thread safe: used by the thread that does the work.
 */
final class ProgressBar implements Progress, AutoCloseable {
    private static final long EVERY_NS = 200_000_000L;
    private static final int CELLS = 30;

    private final PrintStream err = System.err;
    private final String what;
    private final boolean visible = Terminal.err();
    private final long startNs = System.nanoTime();
    private long total;
    private long shownNs = startNs;
    private boolean dirty;

    /** Progress of so many bytes; total is 0 when nobody knows. */
    ProgressBar(String what, long total) {
        this.what = what;
        this.total = total;
    }

    /** Progress of work that says itself how much it is. */
    ProgressBar(String what) {
        this(what, 0);
    }

    @Override
    public void progressed(long done, long all) {
        total = all;
        at(done);
    }

    void at(long bytes) {
        long now = System.nanoTime();
        if (!visible || now - shownNs < EVERY_NS) {
            return;
        }
        shownNs = now;
        dirty = true;
        err.print("\r" + line(what, bytes, total, now - startNs) + Terminal.CLEAR_LINE);
        err.flush();
    }

    /** What the line says after so many nanoseconds, more than none. */
    static String line(String what, long done, long total, long ns) {
        String rate = Sizes.human((long) (done / (ns / 1e9))) + "/s";
        if (total <= 0) {
            return what + " " + Sizes.human(done) + ", " + rate;
        }
        double share = Math.min(1, (double) done / total);
        int full = (int) (share * CELLS);
        return String.format(
                Locale.ROOT,
                "%s [%s%s] %3d%%  %s of %s, %s",
                what,
                "#".repeat(full),
                ".".repeat(CELLS - full),
                (int) (share * 100),
                Sizes.human(done),
                Sizes.human(total),
                rate);
    }

    /** Takes the line away again. */
    @Override
    public void close() {
        if (dirty) {
            err.print("\r" + Terminal.CLEAR_LINE);
            err.flush();
        }
    }
}
