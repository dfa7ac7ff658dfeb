package io.pagewire;

/**
 * Whose processes may store into a region; chosen when it is made and never changed (SPEC: O2, V7).
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum Writers {
    /** Those of the owning host. A store from another host fails, and the kernel itself refuses it. */
    OWNER,
    /** Those of every host: a page is written by one host at a time, and goes to whoever needs it next. */
    ANY
}
