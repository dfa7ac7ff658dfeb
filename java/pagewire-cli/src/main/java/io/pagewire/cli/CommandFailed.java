package io.pagewire.cli;

import io.pagewire.wire.StandardOutput;

/**
 * A command cannot do what it was asked; the message is the one line the user sees, and the exit code is 1.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class CommandFailed extends RuntimeException {
    /** Of a process whose command has failed. */
    static final int EXIT_CODE = StandardOutput.FAILED;

    private static final long serialVersionUID = 1L;

    public CommandFailed(String message) {
        super(message);
    }

    public CommandFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
