package io.pagewire.core;

/** How far the orderly end of a region at a host has come: everything that was written is to be at home first. */
public enum Ending {
    /** No end is under way. */
    NONE,
    /** Bytes are on their way home. */
    UNDER_WAY,
    /** None has arrived for the stall limit; the end goes on all the same, until whoever wants it gives it up. */
    STALLED,
    /** Nothing written is left where it does not belong. */
    DONE
}
