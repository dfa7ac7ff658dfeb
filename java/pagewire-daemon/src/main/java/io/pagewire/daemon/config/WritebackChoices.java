package io.pagewire.daemon.config;

/**
 * Puts the settings of {@code [writeback]} together and checks them against each other.
 *
 * <p>Used by one thread.
 */
final class WritebackChoices {
    static final String MAX = "writeback.dirty-max";
    static final String BACKGROUND = "writeback.dirty-background";
    static final String AGE = "writeback.age-ms";
    static final String MAX_AGE = "writeback.max-age-ms";

    private static final int HOUR_MS = 3_600_000;

    String max;

    WritebackBounds build(SettingsFile file) throws SettingsException {
        WritebackBounds usual = WritebackBounds.DEFAULT;
        long most =
                max == null && !file.has(MAX) ? usual.maxBytes() : FrameChoices.size("--dirty-max", max, file, MAX, 0);
        if (most > 0 && most < WritebackBounds.LEAST) {
            throw new SettingsException((max == null ? file.origin(MAX) : "--dirty-max") + " is " + most
                    + " bytes, which is less than " + WritebackBounds.LEAST
                    + "; with 0 nothing goes home by itself, and nothing is bounded");
        }
        long background = file.has(BACKGROUND) ? FrameChoices.size(null, null, file, BACKGROUND, 0) : most / 4;
        if (background > most) {
            throw new SettingsException(file.origin(BACKGROUND) + " is " + background + " bytes, which is more than "
                    + MAX + ", " + most + " bytes");
        }
        int age = (int) DaemonSettingsBuilder.number(file, AGE, usual.ageMs(), 1, HOUR_MS);
        int maxAge = (int) DaemonSettingsBuilder.number(file, MAX_AGE, Math.max(age, usual.maxAgeMs()), age, HOUR_MS);
        return new WritebackBounds(most, background, age, maxAge);
    }
}
