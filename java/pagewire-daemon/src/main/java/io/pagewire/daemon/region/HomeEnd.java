package io.pagewire.daemon.region;

import io.pagewire.core.Ending;
import io.pagewire.core.HomeDeparture;
import io.pagewire.core.HomeRegion;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The end of a region at its owner, when its dsmd stops, as the log and the reports see it: {@link HomeDeparture} calls back what
 * other hosts have written; this tells how far that is, and goes on with the stop when it is done, stalled or given up.
 *
 * <p>Belongs to the region's event loop.
 */
final class HomeEnd implements RegionEnd {
    private final HomeRuntime region;
    private final HomeRegion core;
    private final HomeDeparture departure;
    private final EndLog log;
    private final int stallMs;
    private Consumer<Boolean> then;
    private boolean goingOn;

    HomeEnd(HomeRuntime region, int stallMs) {
        this.region = region;
        this.core = region.core();
        this.stallMs = stallMs;
        this.departure = new HomeDeparture(core, stallMs * 1_000_000L);
        this.log = new EndLog(region.record().name(), region.record().pageSize());
    }

    /** Whether nothing may be given to other hosts to write any more. */
    boolean isUnderWay() {
        return departure.state() != Ending.NONE;
    }

    /** {@code whenOver} hears, once, whether everything came home. */
    void begin(long now, Consumer<Boolean> whenOver) {
        then = whenOver;
        log.begin(now);
        departure.begin(now);
        tick(now);
    }

    /** Nobody waits any longer: what is not home now stays where it is. */
    void giveUp(String why) {
        if (then != null) {
            PageRanges away = new PageRanges();
            Set<String> holders = new LinkedHashSet<>();
            for (long page = 0; page < core.geometry().pages(); page++) {
                if (core.holder(page) >= 0) {
                    away.add(page, 1);
                    holders.add(String.valueOf(region.holderOf(page)));
                }
            }
            if (!away.isEmpty()) {
                log.failed(away, "home from " + String.join(", ", holders), why);
            }
            over(away.isEmpty());
        }
    }

    /** The departure's reader was answered; it asks for more when the core is done with what it is doing. */
    void answered() {
        departure.answered();
        if (!goingOn) {
            goingOn = true;
            region.loop().execute(() -> {
                goingOn = false;
                if (then != null) {
                    tick(System.nanoTime());
                }
            });
        }
    }

    /** A part of a page has moved on some circuit. */
    void moved(long now) {
        departure.moved(now);
    }

    /** The departure's reader looks at nothing, so it gives every right up at once. */
    void revoked(long sequence) {
        region.loop().execute(() -> core.revoked(HomeDeparture.READER, sequence, System.nanoTime()));
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
        if (then == null) {
            return;
        }
        switch (departure.tick(now)) {
            case NONE -> {}
            case DONE -> {
                log.done("on this host");
                over(true);
            }
            case STALLED -> giveUp("nothing has come for " + stallMs + " ms");
            case UNDER_WAY -> log.left(true, core.pagesNotHome(), departure.total(), "on this host", now);
        }
    }

    private void over(boolean complete) {
        Consumer<Boolean> whenOver = then;
        then = null;
        whenOver.accept(complete);
    }
}
