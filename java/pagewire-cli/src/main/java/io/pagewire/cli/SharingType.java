package io.pagewire.cli;

import io.pagewire.wire.PeerLayout;

/**
 * The sharing types in words. 1 to 4: how the client maps, demand or preloaded, and whether the owner holds the region in real
 * memory as well (SPEC: V8-V11). 5 and 6: the circuit of a stream for consumers of every frame, or of the latest (SPEC: V12).
 *
 * <p>Stateless; safe for use by any thread.
 */
final class SharingType {
    private SharingType() {}

    /** The type of a mapping. */
    static int of(boolean preloaded, boolean resident) {
        return (preloaded ? 3 : 1) + (resident ? 1 : 0);
    }

    /** Number and words, as {@code 1 demand} or {@code 4 preloaded, resident}; a number that is none of them stands alone. */
    static String words(int type) {
        if (type == PeerLayout.Setup.LOSSLESS_STREAM || type == PeerLayout.Setup.LATEST_STREAM) {
            return type + " stream" + (type == PeerLayout.Setup.LATEST_STREAM ? ", latest" : "");
        }
        if (type < 1 || type > 4) {
            return Integer.toString(type);
        }
        return type + (type >= 3 ? " preloaded" : " demand") + (type % 2 == 0 ? ", resident" : "");
    }
}
