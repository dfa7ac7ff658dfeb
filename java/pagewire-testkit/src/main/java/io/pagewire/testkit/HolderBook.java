package io.pagewire.testkit;

import io.pagewire.core.HomeRegion;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a home in a file has written down of who holds its pages: it outlives the daemon, like the file.
 *
 * <p>Not thread-safe.
 */
final class HolderBook {
    /** A session that home knows, and what of it must not be forgotten with home's daemon. */
    static final class Entry {
        final int session;
        Circuit circuit;
        int incarnation;
        boolean doubtful;

        Entry(int session, Circuit circuit, int incarnation) {
            this.session = session;
            this.circuit = circuit;
            this.incarnation = incarnation;
        }
    }

    private final Map<Integer, Entry> entries = new LinkedHashMap<>();
    private final int[] holders;
    private final int[] grants;

    HolderBook(int pages) {
        holders = new int[pages];
        grants = new int[pages];
    }

    Iterable<Entry> entries() {
        return entries.values();
    }

    void joined(int session, Circuit circuit, int incarnation) {
        entries.put(session, new Entry(session, circuit, incarnation));
    }

    void gone(int session) {
        entries.remove(session);
    }

    void doubt(int session) {
        if (entries.containsKey(session)) {
            entries.get(session).doubtful = true;
        }
    }

    void holds(int session, long first, int count, int grantNumber) {
        for (int page = (int) first; page < first + count; page++) {
            holders[page] = session;
            grants[page] = grantNumber;
        }
    }

    void home(long first, int count) {
        holds(0, first, count, 0);
    }

    /** Tells a restarted home what the session with this slot holds. */
    void restore(int session, int slot, HomeRegion region) {
        for (int page = 0; page < holders.length; page++) {
            if (holders[page] == session) {
                region.heldBefore(slot, page, grants[page]);
            }
        }
    }
}
