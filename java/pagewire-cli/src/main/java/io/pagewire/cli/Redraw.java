package io.pagewire.cli;

import java.io.PrintWriter;

/**
 * Shows a text again and again: in its own place on a terminal, else one after the other with an empty line between.
 *
 * <p>Not thread safe: one thread shows.
 */
final class Redraw {
    private final PrintWriter out;
    private final boolean inPlace;
    private boolean shown;

    Redraw(PrintWriter out, boolean inPlace) {
        this.out = out;
        this.inPlace = inPlace;
    }

    boolean inPlace() {
        return inPlace;
    }

    /** Shows a text whose lines all end in a newline; false when nobody reads the output any more. */
    boolean show(String text) {
        if (inPlace) {
            // Written over rather than cleared first, so that it does not flicker.
            out.print((shown ? "" : Terminal.HOME + Terminal.CLEAR_BELOW)
                    + Terminal.HOME
                    + text.replace("\n", Terminal.CLEAR_LINE + "\n")
                    + Terminal.CLEAR_BELOW);
        } else {
            out.print(shown ? "\n" + text : text);
        }
        shown = true;
        // The writer over standard output hides the stream's errors.
        return !out.checkError() && !System.out.checkError();
    }
}
