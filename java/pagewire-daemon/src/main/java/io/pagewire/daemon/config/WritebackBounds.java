package io.pagewire.daemon.config;

import io.pagewire.core.WritebackSettings;

/**
 * When pages that programs of this host have written in another host's region go home by themselves, and how much of one region
 * may be away from home.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param maxBytes with that much of a region not at home its writers wait; 0 = no bound, and nothing goes home by itself
 * @param backgroundBytes with more than that not at home pages go home although others use the circuit
 * @param ageMs a page that nobody was given to write for that long goes home while the circuit is idle
 * @param maxAgeMs a page goes home after that long however often it is written
 */
public record WritebackBounds(long maxBytes, long backgroundBytes, int ageMs, int maxAgeMs) {
    /** Least value of {@code writeback.dirty-max} that is a bound, in bytes. */
    public static final long LEAST = 1 << 20;

    /** 256 MiB, a quarter of it in the background; half a second, five seconds. */
    public static final WritebackBounds DEFAULT = new WritebackBounds(256L << 20, 64L << 20, 500, 5000);

    /** One instruction needs a few pages at once, and several threads do. */
    private static final int LEAST_PAGES = 16;

    private static final long MS = 1_000_000L;

    /** The same for a region with pages of this size: at least 16 pages may be away from home. */
    public WritebackSettings forPages(int pageSize) {
        if (maxBytes == 0) {
            return WritebackSettings.OFF;
        }
        long most = Math.max(LEAST_PAGES, Math.min(maxBytes / pageSize, Integer.MAX_VALUE));
        long background = Math.min(backgroundBytes / pageSize, most / 2);
        return new WritebackSettings(ageMs * MS, maxAgeMs * MS, (int) background, (int) most);
    }
}
