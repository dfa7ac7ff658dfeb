package io.pagewire.daemon.config;

import java.nio.file.Path;

/**
 * Puts the settings of {@code [frames]} together and checks them against each other.
 *
 * <p>Used by one thread.
 */
final class FrameChoices {
    static final String MAX = "frames.max";
    static final String SPILL_MAX = "frames.spill-max";
    static final String SPILL_DIR = "frames.spill-dir";

    String max;
    String spillMax;
    Path spillDir;

    /** @param data directory of the daemon; the spill files stand below it unless told otherwise */
    FrameSettings build(SettingsFile file, Path data) throws SettingsException {
        Path directory = data.resolve("spill");
        if (spillDir != null) {
            directory = spillDir.toAbsolutePath().normalize();
        } else if (file.has(SPILL_DIR)) {
            directory = file.path(SPILL_DIR);
        }
        if (max == null && !file.has(MAX)) {
            needsMax("--spill-max", spillMax != null, file, SPILL_MAX);
            needsMax("--spill-dir", spillDir != null, file, SPILL_DIR);
            return new FrameSettings(0, FrameSettings.NOT_GIVEN, directory);
        }
        long most = size("--frames-max", max, file, MAX, FrameSettings.LEAST);
        long spill = spillMax == null && !file.has(SPILL_MAX)
                ? FrameSettings.NOT_GIVEN
                : size("--spill-max", spillMax, file, SPILL_MAX, 0);
        return new FrameSettings(most, spill, directory);
    }

    private static void needsMax(String option, boolean given, SettingsFile file, String key) throws SettingsException {
        if (given || file.has(key)) {
            throw new SettingsException((given ? option : file.origin(key))
                    + " says nothing without a bound on the frames; give --frames-max SIZE, too");
        }
    }

    static long size(String option, String given, SettingsFile file, String key, long least) throws SettingsException {
        Choice choice = given != null ? new Choice(option, given) : new Choice(file.origin(key), file.size(key));
        try {
            long bytes = ByteCount.parse(choice.value());
            choice.check(bytes < least ? "it is less than " + least + " bytes" : null);
            return bytes;
        } catch (IllegalArgumentException e) {
            throw choice.refused(e.getMessage());
        }
    }
}
