package io.pagewire.core;

import java.util.Arrays;

/**
 * Which hosts hold copies of which pages: the copyset and the newest grant number of every page, and where any host may write
 * also who holds a page exclusively. Slots 0 to 30 have a bit of their own, all later ones share bit 31: a purge then goes to
 * each of them, which is never wrong.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Copies {
    static final int FIRST_SHARED_SLOT = 31;

    private final PageInts sets;
    private final PageInts grants;
    /** Slot + 1 of the host that holds the page exclusively, 0 = home; null where only home writes. */
    private final PageInts holders;

    /** What a slot is at present. ABSENT: its lease has run out, but it may still have the bytes that it holds. */
    private enum Presence {
        GONE,
        JOINED,
        ABSENT,
        RETURNING
    }

    private Presence[] presences = gone(32);
    private boolean[] coherent = new boolean[32];
    private int[] circuits = new int[32];
    private int[] fetches = new int[32];
    private int[] joinedAfter = new int[32];
    /** Pages that each host holds exclusively. */
    private int[] held = new int[32];

    /** Hosts of an earlier life of home: whatever grant they quote they may have got. */
    private boolean[] earlier = new boolean[32];

    private int joinedShared;
    private int newestGrant;

    Copies(Geometry geometry, boolean anyWriter, int grantsAfter) {
        this.newestGrant = grantsAfter;
        this.holders = anyWriter ? new PageInts(geometry.pages()) : null;
        this.sets = new PageInts(geometry.pages());
        this.grants = new PageInts(geometry.pages());
    }

    private static Presence[] gone(int count) {
        Presence[] all = new Presence[count];
        Arrays.fill(all, Presence.GONE);
        return all;
    }

    static int bit(int slot) {
        return 1 << Math.min(slot, FIRST_SHARED_SLOT);
    }

    boolean isJoined(int slot) {
        return presence(slot) == Presence.JOINED;
    }

    /** Whether what the host holds is its own still, be it here or not. */
    boolean isKnown(int slot) {
        return presence(slot) != Presence.GONE;
    }

    /** Whether nobody has to wait for this host, which holds pages nevertheless. */
    boolean isAbsent(int slot) {
        return presence(slot) == Presence.ABSENT;
    }

    private Presence presence(int slot) {
        return slot >= 0 && slot < presences.length ? presences[slot] : Presence.GONE;
    }

    /** One more than the highest slot that ever joined. */
    int limit() {
        return presences.length;
    }

    /** @param keepsCopies false for a host that gets bytes and no copies: it is in no copyset and never asked for anything */
    void join(int slot, int circuit, boolean keepsCopies) {
        if (slot < 0) {
            throw new IllegalArgumentException("slot " + slot);
        }
        if (slot >= presences.length) {
            int before = presences.length;
            presences = Arrays.copyOf(presences, Math.max(slot + 1, before * 2));
            Arrays.fill(presences, before, presences.length, Presence.GONE);
            fetches = Arrays.copyOf(fetches, presences.length);
            coherent = Arrays.copyOf(coherent, presences.length);
            circuits = Arrays.copyOf(circuits, presences.length);
            joinedAfter = Arrays.copyOf(joinedAfter, presences.length);
            held = Arrays.copyOf(held, presences.length);
            earlier = Arrays.copyOf(earlier, presences.length);
        }
        if (isKnown(slot)) {
            throw new IllegalStateException("slot " + slot + " has joined already; it must be gone first");
        }
        presences[slot] = Presence.JOINED;
        coherent[slot] = keepsCopies;
        circuits[slot] = circuit;
        joinedAfter[slot] = newestGrant;
        fetches[slot] = 0;
        earlier[slot] = false;
        joinedShared += slot >= FIRST_SHARED_SLOT ? 1 : 0;
    }

    /** The host is gone, with all its copies. */
    void leave(int slot) {
        if (isJoined(slot)) {
            dropCopies(slot);
        }
        presences[slot] = Presence.GONE;
    }

    /** The host has no copy any more, but what it holds exclusively it holds still. */
    void goAway(int slot) {
        if (isJoined(slot)) {
            dropCopies(slot);
        }
        presences[slot] = Presence.ABSENT;
    }

    /** A host that had joined in an earlier life of home, and is absent. */
    void wasHere(int slot, int circuit) {
        join(slot, circuit, true);
        earlier[slot] = true;
        goAway(slot);
    }

    /** A host of an earlier life of home held the page, under the number that it was given then. */
    void heldBefore(int slot, long page, int grantNumber) {
        grants.set(page, grantNumber);
        holders.set(page, slot + 1);
        held[slot]++;
    }

    /** The absent host is back to hand back what it holds. */
    void comeBack(int slot) {
        if (isAbsent(slot)) {
            presences[slot] = Presence.RETURNING;
        }
    }

    /** Takes the host out of every copyset. */
    private void dropCopies(int slot) {
        presences[slot] = Presence.GONE;
        joinedShared -= slot >= FIRST_SHARED_SLOT ? 1 : 0;
        if (slot < FIRST_SHARED_SLOT || joinedShared == 0) {
            sets.andAll(~bit(slot));
        }
    }

    /** Fetches of this host that are not answered completely yet; {@code change} is added first. */
    int fetches(int slot, int change) {
        fetches[slot] += change;
        return fetches[slot];
    }

    int set(long page) {
        return sets.get(page);
    }

    boolean holds(long page, int slot) {
        return (sets.get(page) & bit(slot)) != 0;
    }

    boolean isCoherent(int slot) {
        return coherent[slot];
    }

    /** Whether this number can be that of a grant which the host got since it joined. */
    boolean gaveSinceJoined(int slot, int grantNumber) {
        return isKnown(slot)
                && (earlier[slot] || grantNumber - joinedAfter[slot] > 0 && newestGrant - grantNumber >= 0);
    }

    int circuit(int slot) {
        return circuits[slot];
    }

    /** Whether exactly this host is known to have a copy: never when it shares its bit with others. */
    boolean surelyHolds(long page, int slot) {
        return slot < FIRST_SHARED_SLOT && holds(page, slot);
    }

    /** Hosts other than this one (-1 = none) that may hold a copy, as bits. */
    int setWithout(long page, int slot) {
        int own = slot >= 0 && slot < FIRST_SHARED_SLOT ? bit(slot) : 0;
        return sets.get(page) & ~own;
    }

    /** Only this host (-1 = none) may hold a copy still. */
    void keepOnly(long page, int slot) {
        sets.and(page, slot < 0 ? 0 : bit(slot));
    }

    void add(long page, int slot) {
        sets.or(page, bit(slot));
    }

    /** The host has no copy; one that shares its bit with others stays in the set. */
    void remove(long page, int slot) {
        if (slot < FIRST_SHARED_SLOT || joinedShared == 1) {
            sets.and(page, ~bit(slot));
        }
    }

    /** The slot of the host that holds the page exclusively, -1 = home. */
    int holder(long page) {
        return holders == null ? -1 : holders.get(page) - 1;
    }

    /** The pages are the host's alone from now on, under {@link #nextGrant}. */
    void given(int slot, long first, int count) {
        newestGrant++;
        for (long page = first; page < first + count; page++) {
            sets.set(page, 0);
            grants.set(page, newestGrant);
            holders.set(page, slot + 1);
        }
        held[slot] += count;
    }

    /** How many pages the host holds exclusively. */
    int held(int slot) {
        return slot < held.length ? held[slot] : 0;
    }

    /** Home holds the page again. */
    void takenHome(long page) {
        held[holders.get(page) - 1]--;
        holders.set(page, 0);
    }

    int grantNumber(long page) {
        return grants.get(page);
    }

    /** The number for the next PAGES message. */
    int nextGrant() {
        return newestGrant + 1;
    }

    /** The pages went out to the host under {@link #nextGrant}. */
    void sent(int slot, long first, int count) {
        newestGrant++;
        if (!coherent[slot]) {
            return;
        }
        int bit = bit(slot);
        for (long page = first; page < first + count; page++) {
            sets.or(page, bit);
            grants.set(page, newestGrant);
        }
    }

    /**
     * The host dropped its copy, unless home has sent the page again since: then the number is not the newest any more. A host
     * that shares its bit with others stays in the set.
     */
    boolean released(int slot, long page, int grantNumber) {
        if (grants.get(page) != grantNumber || !holds(page, slot) || slot >= FIRST_SHARED_SLOT && joinedShared > 1) {
            return false;
        }
        sets.and(page, ~bit(slot));
        return true;
    }
}
