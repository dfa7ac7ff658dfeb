package io.pagewire.daemon.region;

import io.pagewire.core.ClientDeparture;
import io.pagewire.core.ClientRegion;
import io.pagewire.core.Ending;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalLayout;

/**
 * The end of a region at a client as its programs, the log and the reports see it: {@link ClientDeparture} brings home what was
 * written here; this tells how far that is, and ends the region when it is done or given up. A stall is told, and ends nothing:
 * the bytes stay here, and go home when home can be reached again. Only a daemon that stops gives them up.
 *
 * <p>Belongs to the region's event loop.
 */
final class ClientEnd implements RegionEnd {
    private final ClientRuntime region;
    private final ClientRegion core;
    private final ClientDeparture departure;
    private final EndLog log;
    private final int stallMs;
    private final PageRanges lost = new PageRanges();
    private Leaving leaving;
    private boolean stopping;
    private boolean toldStall;
    private boolean givenUp;
    private Leaving.Report outcome;

    ClientEnd(ClientRuntime region, int stallMs) {
        this.region = region;
        this.core = region.core();
        this.stallMs = stallMs;
        this.departure = new ClientDeparture(core, stallMs * 1_000_000L);
        this.log = new EndLog(region.record().name(), region.record().pageSize());
    }

    boolean isStopping() {
        return stopping;
    }

    boolean isUnderWay() {
        return departure.state() != Ending.NONE;
    }

    /** Whether bytes were left behind. */
    boolean failed() {
        return givenUp;
    }

    /** How it ended; null before, and when the region ended without it. */
    Leaving.Report outcome() {
        return outcome;
    }

    /** No program maps the region any more. */
    void begin(long now) {
        if (departure.state() == Ending.NONE) {
            log.begin(now);
            toldStall = false;
            departure.begin(now);
        }
        tick(now);
    }

    /** The daemon stops: nothing more is granted, and a stall ends it. */
    void stop(long now) {
        stopping = true;
        log.begin(now);
        begin(now);
    }

    /** Nobody waits any longer: what is not home now stays behind. */
    void giveUp(String why) {
        if (stopping && !region.isClosed()) {
            PageRanges pages = notHome();
            if (!pages.isEmpty()) {
                givenUp = true;
                log.failed(pages, where(), why);
            }
            close(LocalLayout.LEAVING_LOST, pages, why);
        }
    }

    /** A program maps the region again: its pages are in use once more. */
    void callOff() {
        if (!stopping && isUnderWay()) {
            departure.callOff();
            tell(LocalLayout.LEAVING_KEPT, new PageRanges(), "");
        }
    }

    void flushed() {
        departure.flushed();
        region.loop().execute(() -> {
            if (!region.isClosed()) {
                tick(System.nanoTime());
            }
        });
    }

    /** A part of a page has moved on the circuit. */
    void moved(long now) {
        departure.moved(now);
    }

    /** Home has not taken these pages. */
    void lost(long first, int count) {
        if (isUnderWay()) {
            lost.add(first, count);
        }
    }

    @Override
    public Ending state() {
        return departure.state();
    }

    @Override
    public long left() {
        return core.pagesNotHome();
    }

    @Override
    public long total() {
        return departure.total();
    }

    void tick(long now) {
        switch (departure.tick(now)) {
            case NONE -> {}
            case DONE -> {
                if (lost.isEmpty()) {
                    log.done(where());
                    close(LocalLayout.LEAVING_HOME, lost, "");
                } else {
                    String why = "home had given this host up, or could not store them";
                    log.failed(lost, where(), why);
                    close(LocalLayout.LEAVING_LOST, lost, why);
                }
            }
            case STALLED -> stalled(now);
            case UNDER_WAY -> {
                toldStall = false;
                log.left(stopping, core.pagesNotHome(), departure.total(), where(), now);
            }
        }
    }

    private void stalled(long now) {
        if (stopping) {
            giveUp(stall());
        } else if (!toldStall) {
            toldStall = true;
            log.failed(notHome(), where(), stall() + "; they stay here until it can be reached");
        } else {
            log.left(false, core.pagesNotHome(), departure.total(), where(), now);
        }
    }

    private String stall() {
        return "nothing has arrived there for " + stallMs + " ms ("
                + (core.isUp() ? "the circuit is up" : region.why(FaultCause.OWNER_LOST)) + ")";
    }

    private String where() {
        return "on host " + region.record().owner();
    }

    private PageRanges notHome() {
        PageRanges pages = new PageRanges();
        pages.add(lost);
        for (long page = 0; page < core.geometry().pages(); page++) {
            if (core.isNotHome(page)) {
                pages.add(page, 1);
            }
        }
        return pages;
    }

    /** What the process whose mapping ended last can ask, or with it others; null when nothing is left to wait for. */
    Leaving leaving() {
        if (region.isClosed() || !isUnderWay()) {
            return null;
        }
        if (leaving == null || leaving.isOver()) {
            leaving = new Leaving(region.loop(), this::report);
        }
        return leaving;
    }

    private Leaving.Report report(boolean withPages) {
        boolean stalled = departure.state() == Ending.STALLED;
        return new Leaving.Report(
                stalled ? LocalLayout.LEAVING_STALLED : LocalLayout.LEAVING_RUNNING,
                bytes(core.pagesNotHome()),
                bytes(departure.total()),
                withPages || stalled ? notHome() : null,
                stalled ? stall() : "");
    }

    private long bytes(long pages) {
        return pages * core.geometry().pageSize();
    }

    private void tell(int state, PageRanges pages, String why) {
        if (leaving != null && !leaving.isOver()) {
            leaving.end(new Leaving.Report(state, bytes(pages.count()), bytes(departure.total()), pages, why));
        }
    }

    private void close(int state, PageRanges pages, String why) {
        tell(state, pages, why);
        outcome = new Leaving.Report(state, bytes(pages.count()), bytes(departure.total()), pages, why);
        departure.callOff();
        region.close();
    }
}
