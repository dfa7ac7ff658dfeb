package io.pagewire.core;

/**
 * Pages whose writers have been asked to stop so that the bytes can go home, though nobody waits for that: each goes on being
 * granted meanwhile. One that was given to a writer again, or taken for another reason, is spoilt: when the writers have
 * answered, its bytes are not read (ARCHITECTURE.md, rule 18). A page is asked about once at a time, so that an answer that comes
 * late is never taken for a later one.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class Cleanings {
    /** Null where only home writes. */
    private final PageSet asked;

    private final PageSet spoilt;

    Cleanings(long pages, boolean anyWriter) {
        asked = anyWriter ? new PageSet(pages) : null;
        spoilt = anyWriter ? new PageSet(pages) : null;
    }

    boolean isAsked(long page) {
        return asked != null && asked.has(page);
    }

    void begin(long page) {
        asked.add(page);
    }

    /** The page is somebody's again, or is being taken in another way. True when that spoils a cleaning. */
    boolean spoil(long page) {
        if (!isAsked(page) || spoilt.has(page)) {
            return false;
        }
        spoilt.add(page);
        return true;
    }

    /** Every writer has answered. True when nobody can have written to the page since. */
    boolean end(long page) {
        boolean holds = !spoilt.has(page);
        asked.remove(page);
        spoilt.remove(page);
        return holds;
    }
}
