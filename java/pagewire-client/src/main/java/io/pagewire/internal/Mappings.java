package io.pagewire.internal;

import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The mappings of this process, by handle. The newest closed ones stay: a buffer that was kept may be used at any time later, and the
 * failure of that access must still be told by name. What was closed before them is forgotten, and told as that. C uses its record
 * of a closed mapping again when nothing in Java knows the handle any more.
 *
 * <p>Safe for use by any thread.
 */
final class Mappings {
    private static final int MOST_CLOSED = 1024;

    private static final ConcurrentHashMap<Long, Mapping> BY_HANDLE = new ConcurrentHashMap<>();
    private static final ArrayDeque<Mapping> CLOSED = new ArrayDeque<>();
    private static final Cleaner CLEANER = Cleaner.create();

    /** What is left to do when a mapping can no longer be reached; so it must not know the mapping itself. */
    private record Drop(long handle) implements Runnable {
        @Override
        public void run() {
            Native.drop(handle);
        }
    }

    private Mappings() {}

    static void add(Mapping mapping) {
        BY_HANDLE.put(mapping.handle(), mapping);
        CLEANER.register(mapping, new Drop(mapping.handle()));
        FailureDeliverer.start();
    }

    /** The mapping has been closed; it may be forgotten when many others have been after it. */
    static void closed(Mapping mapping) {
        Mapping oldest;
        synchronized (CLOSED) {
            CLOSED.add(mapping);
            oldest = CLOSED.size() > MOST_CLOSED ? CLOSED.remove() : null;
        }
        if (oldest != null) {
            BY_HANDLE.remove(oldest.handle(), oldest);
        }
    }

    /** Claims and re-arms everything that this thread has failed on, in any mapping. */
    static void settle(int kernelThread) {
        BY_HANDLE.keySet().forEach(handle -> Native.failureSettle(handle, kernelThread));
    }

    /** All of them, in an array of its own. */
    static long[] handles() {
        return BY_HANDLE.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    /** The mapping; or, for a handle that C gave and that is none of a mapping we remember, what stands for all forgotten ones. */
    static Mapping get(long handle) {
        return BY_HANDLE.computeIfAbsent(handle, Mapping::forgotten);
    }
}
