package io.pagewire.cli;

import java.io.PrintStream;
import java.util.Locale;

/**
 * What the demo tells while it goes on, and whether all that it checked was as it must be.
 *
 * <p>Not thread safe: told by one thread.
 */
final class Story {
    private static final int MOST_LINES = 12;

    private final PrintStream out;
    private boolean good = true;

    Story(PrintStream out) {
        this.out = out;
    }

    boolean isGood() {
        return good;
    }

    void title(String text) {
        out.printf("%n== %s%n", text);
        out.flush();
    }

    void say(String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }

    void check(boolean isSo, String what) {
        say("%s: %s", isSo ? "yes" : "NOT SO", what);
        good &= isSo;
    }

    /** A block of lines, the first of them where there are many. */
    void indent(String block) {
        String[] lines = block.split("\n");
        for (int i = 0; i < Math.min(lines.length, MOST_LINES); i++) {
            out.println("    " + lines[i]);
        }
        if (lines.length > MOST_LINES) {
            out.println("    … " + (lines.length - MOST_LINES) + " more lines");
        }
        out.flush();
    }
}
