package io.pagewire.core;

import java.util.Arrays;

/**
 * Which hosts hold copies of which pages: the copyset and the newest grant number of every page. Slots 0 to 30 have a bit of
 * their own, all later ones share bit 31: a purge then goes to each of them, which is never wrong.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Copies {
    static final int FIRST_SHARED_SLOT = 31;

    private final int[] sets;
    private final int[] grants;
    private boolean[] joined = new boolean[32];
    private int[] fetches = new int[32];
    private int joinedShared;
    private int newestGrant;

    Copies(Geometry geometry) {
        this.sets = new int[(int) geometry.pages()];
        this.grants = new int[(int) geometry.pages()];
    }

    static int bit(int slot) {
        return 1 << Math.min(slot, FIRST_SHARED_SLOT);
    }

    boolean isJoined(int slot) {
        return slot >= 0 && slot < joined.length && joined[slot];
    }

    /** One more than the highest slot that ever joined. */
    int limit() {
        return joined.length;
    }

    void join(int slot) {
        if (slot < 0) {
            throw new IllegalArgumentException("slot " + slot);
        }
        if (slot >= joined.length) {
            joined = Arrays.copyOf(joined, Math.max(slot + 1, joined.length * 2));
            fetches = Arrays.copyOf(fetches, joined.length);
        }
        if (joined[slot]) {
            throw new IllegalStateException("slot " + slot + " has joined already; it must be gone first");
        }
        joined[slot] = true;
        fetches[slot] = 0;
        joinedShared += slot >= FIRST_SHARED_SLOT ? 1 : 0;
    }

    /** Takes the host out of every copyset. */
    void leave(int slot) {
        joined[slot] = false;
        joinedShared -= slot >= FIRST_SHARED_SLOT ? 1 : 0;
        if (slot < FIRST_SHARED_SLOT || joinedShared == 0) {
            int keep = ~bit(slot);
            for (int i = 0; i < sets.length; i++) {
                sets[i] &= keep;
            }
        }
    }

    /** Fetches of this host that are not answered completely yet; {@code change} is added first. */
    int fetches(int slot, int change) {
        fetches[slot] += change;
        return fetches[slot];
    }

    int set(long page) {
        return sets[(int) page];
    }

    boolean holds(long page, int slot) {
        return (sets[(int) page] & bit(slot)) != 0;
    }

    void clear(long page) {
        sets[(int) page] = 0;
    }

    int grantNumber(long page) {
        return grants[(int) page];
    }

    /** The number for the next PAGES message. */
    int nextGrant() {
        return newestGrant + 1;
    }

    /** The pages went out to the host under {@link #nextGrant}. */
    void sent(int slot, long first, int count) {
        newestGrant++;
        int bit = bit(slot);
        for (int i = (int) first; i < (int) first + count; i++) {
            sets[i] |= bit;
            grants[i] = newestGrant;
        }
    }

    /**
     * The host dropped its copy, unless home has sent the page again since: then the number is not the newest any more. A host
     * that shares its bit with others stays in the set.
     */
    boolean released(int slot, long page, int grantNumber) {
        int i = (int) page;
        if (grants[i] != grantNumber || !holds(page, slot) || slot >= FIRST_SHARED_SLOT && joinedShared > 1) {
            return false;
        }
        sets[i] &= ~bit(slot);
        return true;
    }
}
