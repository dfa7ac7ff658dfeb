package io.pagewire.internal;

import io.pagewire.PagewireException;

/**
 * Refuses to work beside JNA's protected mode. That mode puts a SIGSEGV handler of its own in the place of all others during
 * every call into C, so page faults of regions would be reported as invalid memory accesses.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class JnaGuard {
    private JnaGuard() {}

    /** Throws when the mode is on or asked for. */
    public static void check() {
        if (Boolean.getBoolean("jna.protected") || Native.jnaProtected()) {
            throw new PagewireException(
                    "JNA's protected mode is on in this JVM and catches the page faults that Pagewire lives"
                            + " on: remove -Djna.protected=true, or Native.setProtected(true)");
        }
    }
}
