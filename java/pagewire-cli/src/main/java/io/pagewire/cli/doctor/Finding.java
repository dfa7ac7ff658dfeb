package io.pagewire.cli.doctor;

/**
 * The outcome of one check.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param check what was looked at
 * @param level how it stands
 * @param value what was found
 * @param advice what to do; empty when nothing is to be done
 */
public record Finding(String check, Level level, String value, String advice) {
    /** How it stands. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Works, with a limit that is worth knowing. */
        WARN,
        /** Pagewire cannot work until it is mended. */
        PROBLEM
    }

    static Finding ok(String check, String value) {
        return new Finding(check, Level.OK, value, "");
    }

    static Finding warn(String check, String value, String advice) {
        return new Finding(check, Level.WARN, value, advice);
    }

    static Finding problem(String check, String value, String advice) {
        return new Finding(check, Level.PROBLEM, value, advice);
    }
}
