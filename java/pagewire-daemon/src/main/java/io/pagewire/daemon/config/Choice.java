package io.pagewire.daemon.config;

/**
 * The text of a setting and where it came from.
 *
 * <p>Immutable; safe for use by any thread.
 */
record Choice(String origin, String value) {
    /** What the command line says, else the file, else the default. */
    static Choice of(String key, String option, SettingsFile file, String byDefault) throws SettingsException {
        if (option != null) {
            return new Choice("--" + key.replace('.', '-'), option);
        }
        return file.has(key)
                ? new Choice(file.origin(key), file.text(key))
                : new Choice("the default of --" + key, byDefault);
    }

    void check(String reason) throws SettingsException {
        if (reason != null) {
            throw refused(reason);
        }
    }

    SettingsException refused(String reason) {
        return new SettingsException(origin + ", \"" + value + "\", cannot be used: " + reason);
    }
}
