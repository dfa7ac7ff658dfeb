package io.pagewire.core;

/**
 * Codes of failures that the core decides by itself or passes through. They equal the codes of the wire's FaultCause; a test
 * of the daemon, which sees both, holds them together.
 *
 * <p>Constants only; safe for use by any thread.
 */
public final class Cause {
    public static final int OWNER_LOST = 1;
    public static final int DEADLINE = 2;
    public static final int REFUSED = 3;
    public static final int READ_ONLY = 4;
    public static final int UNKNOWN_REGION = 5;
    public static final int DATA_LOST = 6;
    public static final int FILE_ERROR = 7;
    public static final int DIRECTORY_UNREACHABLE = 8;
    public static final int DAEMON_LOST = 9;
    public static final int CLOSED = 10;
    public static final int OUT_OF_RANGE = 11;
    public static final int PROTOCOL = 12;
    public static final int NO_MEMORY = 13;
    public static final int NO_OWNER = 14;
    public static final int FENCED = 15;
    public static final int PRODUCER_LOST = 16;
    public static final int TOO_SLOW = 17;

    private Cause() {}
}
