package io.pagewire.cli;

import java.io.PrintStream;

/**
 * One line on standard error that is written over as work goes on, at most five times a second, and only when a person
 * watches (standard error is a terminal).
 *
 * <p>Not thread safe: used by the thread that does the work.
 */
final class Progress implements AutoCloseable {
    private static final long EVERY_NS = 200_000_000L;

    private final PrintStream err = System.err;
    private final String what;
    private final long total;
    private final boolean visible = watched();
    private final long startNs = System.nanoTime();
    private long shownNs = startNs;
    private boolean dirty;

    /** Progress of so many bytes; total is 0 when nobody knows. */
    Progress(String what, long total) {
        this.what = what;
        this.total = total;
    }

    /** The launcher says whether standard error is a terminal: Java cannot ask for that stream alone. */
    private static boolean watched() {
        return "true".equals(System.getProperty("pagewire.watched"));
    }

    void at(long bytes) {
        long now = System.nanoTime();
        if (!visible || now - shownNs < EVERY_NS) {
            return;
        }
        shownNs = now;
        dirty = true;
        long perSecond = (long) (bytes / ((now - startNs) / 1e9));
        String of = total == 0 ? "" : " of " + Sizes.human(total);
        err.printf("\r%s %s%s, %s/s\033[K", what, Sizes.human(bytes), of, Sizes.human(perSecond));
        err.flush();
    }

    @Override
    public void close() {
        if (dirty) {
            err.print("\r\033[K");
            err.flush();
        }
    }
}
