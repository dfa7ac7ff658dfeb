package io.pagewire.cli;

/**
 * Which of the standard streams a person watches. The launcher says so: Java cannot ask for one stream alone.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Terminal {
    /** Goes to the top left corner. */
    static final String HOME = "\033[H";

    /** Clears from here to the end of the line. */
    static final String CLEAR_LINE = "\033[K";

    /** Clears from here to the end of the screen. */
    static final String CLEAR_BELOW = "\033[J";

    private Terminal() {}

    /** Standard output is a terminal. */
    static boolean out() {
        return "true".equals(System.getProperty("pagewire.terminal"));
    }

    /** Standard error is a terminal. */
    static boolean err() {
        return "true".equals(System.getProperty("pagewire.watched"));
    }
}
