package io.pagewire.daemon.directory;

/**
 * The next free id and address. Regions are given ids and ranges one after the other and none is ever used again, so a
 * pointer or a message that outlives its region can never mean another one (ARCHITECTURE: Directory).
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param nextId of the next region
 * @param nextBase lowest address of the next region, a multiple of {@link #ALIGNMENT}
 */
record AddressSpace(int nextId, long nextBase) {
    /** Clear of the heaps, programs and libraries of every process that was looked at. */
    static final long START = 0x6600_0000_0000L;

    static final long END = 0x6F00_0000_0000L;
    static final long ALIGNMENT = 2L << 20;

    /** Unmapped space after each region, so that running off its end is a fault, not the next region. */
    static final long GUARD = 2L << 20;

    /** New directories begin anywhere in the first part of the space; a multiple of {@link #ALIGNMENT}. */
    static final long SPREAD = 512L << 30;

    /**
     * The space of a new directory. It begins at an address of its own, so that a process which speaks to one directory after
     * another (tests with private daemons do) meets its new regions elsewhere than its closed ones, whose addresses stay
     * reserved.
     */
    static AddressSpace fresh(long random) {
        return new AddressSpace(1, START + Math.floorMod(random, SPREAD / ALIGNMENT) * ALIGNMENT);
    }

    /** A region's id and base, and the space that is left. */
    record Allotment(int id, long base, AddressSpace rest) {}

    /** Null when the space does not suffice. */
    Allotment allot(long span) {
        if (nextId == Integer.MAX_VALUE || span > END - GUARD - nextBase) {
            return null;
        }
        long next = alignUp(nextBase + span + GUARD);
        return new Allotment(nextId, nextBase, new AddressSpace(nextId + 1, next));
    }

    long free() {
        return Math.max(0, END - GUARD - nextBase);
    }

    static long alignUp(long address) {
        return (address + ALIGNMENT - 1) & -ALIGNMENT;
    }
}
