package io.pagewire.core;

/**
 * The state of a page in a host: fig. 5 (c). At home a page is {@link #SHARED} or {@link #EXCLUSIVE}, never absent while the
 * owner alone may write; elsewhere it is {@link #ABSENT} or {@link #SHARED}. SPEC: O6.
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum HostState {
    ABSENT,
    SHARED,
    EXCLUSIVE
}
