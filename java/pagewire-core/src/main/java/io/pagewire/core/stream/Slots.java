package io.pagewire.core.stream;

/**
 * The slots of one host: which are empty, given or filled, and how many sinks use each. A filled slot has <em>users</em>, who may
 * look at it, and among them <em>holders</em>, who hold the source back. It is empty again when its last user leaves it.
 *
 * <p>Not thread-safe.
 */
final class Slots {
    private static final byte EMPTY = 0;
    private static final byte GIVEN = 1;
    private static final byte FILLED = 2;

    private final byte[] state;
    private final boolean[] stale;
    private final int[] users;
    private final int[] holders;
    private final long[] number;
    private final int[] length;
    private final long[] timeNs;
    private int given;
    private int heldBack;

    Slots(int slots) {
        state = new byte[slots];
        stale = new boolean[slots];
        users = new int[slots];
        holders = new int[slots];
        number = new long[slots];
        length = new int[slots];
        timeNs = new long[slots];
    }

    int size() {
        return state.length;
    }

    boolean isGiven(int slot) {
        return slot >= 0 && slot < state.length && state[slot] == GIVEN;
    }

    int given() {
        return given;
    }

    /** Slots that are given or hold the source back. */
    int counted() {
        return given + heldBack;
    }

    /** Slots that only sinks which hold nobody back still use. */
    int aside() {
        int aside = 0;
        for (int slot = 0; slot < state.length; slot++) {
            aside += state[slot] == FILLED && holders[slot] == 0 ? 1 : 0;
        }
        return aside;
    }

    /** The lowest empty slot, or -1: memory that was used before is used first. */
    int lowestEmpty() {
        for (int slot = 0; slot < state.length; slot++) {
            if (state[slot] == EMPTY) {
                return slot;
            }
        }
        return -1;
    }

    /** Gives an empty slot; true = its memory must be renewed first. */
    boolean give(int slot) {
        move(slot, EMPTY, GIVEN);
        given++;
        boolean renew = stale[slot];
        stale[slot] = false;
        return renew;
    }

    /** Fills a given slot. The caller is its first user, so that it stays while it is handed out. */
    void fill(int slot, long frame, int bytes, long time) {
        move(slot, GIVEN, FILLED);
        given--;
        users[slot] = 1;
        holders[slot] = 0;
        number[slot] = frame;
        length[slot] = bytes;
        timeNs[slot] = time;
    }

    void use(int slot, boolean holds) {
        users[slot]++;
        if (holds) {
            hold(slot);
        }
    }

    void leave(int slot, boolean holds) {
        if (holds) {
            letGo(slot);
        }
        if (--users[slot] == 0) {
            move(slot, FILLED, EMPTY);
        }
    }

    void hold(int slot) {
        if (holders[slot]++ == 0) {
            heldBack++;
        }
    }

    void letGo(int slot) {
        if (--holders[slot] == 0) {
            heldBack--;
        }
    }

    /** Its bytes may still be on their way out: it needs other memory before it is given again. */
    void markStale(int slot) {
        stale[slot] = true;
    }

    long number(int slot) {
        return number[slot];
    }

    int length(int slot) {
        return length[slot];
    }

    long timeNs(int slot) {
        return timeNs[slot];
    }

    private void move(int slot, byte from, byte to) {
        if (state[slot] != from) {
            throw new IllegalStateException("slot " + slot + " is in state " + state[slot] + ", not " + from);
        }
        state[slot] = to;
    }
}
