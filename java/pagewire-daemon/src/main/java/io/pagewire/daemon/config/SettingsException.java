package io.pagewire.daemon.config;

/**
 * A setting that cannot be used; the message says which one, where it was given, what is wrong and what would be right.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }

    public SettingsException(String message, Throwable cause) {
        super(message, cause);
    }
}
