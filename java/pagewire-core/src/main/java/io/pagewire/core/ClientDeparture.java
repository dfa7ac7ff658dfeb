package io.pagewire.core;

/**
 * The orderly end of a region at a client: what was written there goes home first, however long that takes, as long as it gets
 * on. Called off when a program maps the region again meanwhile.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class ClientDeparture {
    /** Token of its flushes; those of programs are greater. */
    public static final int TOKEN = 0;

    private final ClientRegion region;
    private final Headway headway;
    private Ending state = Ending.NONE;
    private boolean flushing;

    /** @param stallNs the end stalls when home has acknowledged nothing for so long */
    public ClientDeparture(ClientRegion region, long stallNs) {
        this.region = region;
        this.headway = new Headway(stallNs);
    }

    public Ending state() {
        return state;
    }

    /** The most pages that were to come home since it began. */
    public long total() {
        return headway.total();
    }

    /** A part of a page got on. */
    public void moved(long now) {
        headway.moved(now);
    }

    /** Begins; one that is under way goes on. The next {@link #tick} says whether there is anything to wait for. */
    public void begin(long now) {
        if (state == Ending.NONE) {
            state = Ending.UNDER_WAY;
            headway.begin(region.pagesNotHome(), now);
        }
    }

    /** The region is in use again. */
    public void callOff() {
        state = Ending.NONE;
    }

    /** The core has answered the flush with our token. */
    public void flushed() {
        flushing = false;
    }

    /** Goes on with it; called with the region's other deadlines, and when a flush was answered. */
    public Ending tick(long now) {
        if (state == Ending.NONE) {
            return state;
        }
        long left = region.pagesNotHome();
        if (left == 0) {
            state = Ending.DONE;
            return state;
        }
        state = headway.stalls(left, now) ? Ending.STALLED : Ending.UNDER_WAY;
        if (!flushing) {
            flushing = true;
            region.flush(0, (int) region.geometry().pages(), TOKEN, now);
        }
        return state;
    }
}
