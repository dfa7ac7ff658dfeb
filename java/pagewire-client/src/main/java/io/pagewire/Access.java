package io.pagewire;

import io.pagewire.wire.LocalLayout;

/**
 * What a page is wanted for.
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum Access {
    /** Loads. */
    READ(LocalLayout.RIGHT_READ),
    /** Loads and stores; on other hosts than the owner only where the region's writers are {@link Writers#ANY} (SPEC: O2). */
    WRITE(LocalLayout.RIGHT_WRITE);

    private final int right;

    Access(int right) {
        this.right = right;
    }

    int right() {
        return right;
    }
}
