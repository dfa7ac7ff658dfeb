package io.pagewire.internal;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Every mapping this process ever made, by handle. Closed ones stay: a buffer that was kept may be used at any time later, and
 * the failure of that access must still be told by name. C keeps its record of them likewise.
 *
 * <p>Safe for use by any thread.
 */
final class Mappings {
    private static final ConcurrentHashMap<Long, Mapping> BY_HANDLE = new ConcurrentHashMap<>();

    private Mappings() {}

    static void add(Mapping mapping) {
        BY_HANDLE.put(mapping.handle(), mapping);
        FailureDeliverer.start();
    }

    /** Claims and re-arms everything that this thread has failed on, in any mapping. */
    static void settle(int kernelThread) {
        BY_HANDLE.keySet().forEach(handle -> Native.failureSettle(handle, kernelThread));
    }

    /** All of them, in an array of its own. */
    static long[] handles() {
        return BY_HANDLE.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    /** Null when the handle was never given out. */
    static Mapping get(long handle) {
        return BY_HANDLE.get(handle);
    }
}
