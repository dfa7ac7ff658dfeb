package io.pagewire.testkit.cluster;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * How many bytes a second each host may send, and as many receive: hosts without an entry as many as they like. A host's bytes
 * follow each other as on a wire, whatever connections they belong to.
 *
 * <p>Safe for use by any thread.
 */
final class Rates {
    private static final long SECOND_NS = 1_000_000_000;

    private Map<String, Long> bytesPerSecond = Map.of();

    /** When a wire has carried what it was given; "a >" is what a sends, "> a" what it receives. */
    private final Map<String, Long> freeAtNs = new HashMap<>();

    synchronized void set(Map<String, Long> rates) {
        bytesPerSecond = Map.copyOf(rates);
        freeAtNs.clear();
    }

    /** Returns when so many bytes have passed from one host to the other. */
    void pass(String from, String to, int bytes) {
        long now = System.nanoTime();
        long until = now + Math.max(take(from + " >", from, bytes, now), take("> " + to, to, bytes, now));
        for (long left = until - now; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** For how long, ns from now. */
    private synchronized long take(String wire, String host, int bytes, long now) {
        Long rate = bytesPerSecond.get(host);
        if (rate == null) {
            return 0;
        }
        long begin = freeAtNs.merge(wire, now, (free, at) -> free - at > 0 ? free : at);
        long end = begin + bytes * SECOND_NS / rate;
        freeAtNs.put(wire, end);
        return end - now;
    }
}
