package io.pagewire.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * The spill file of one daemon: sectors of one page each, what they hold, and whose page that is. It dies with the daemon. The
 * lowest free sector is taken first, so a sector that is freed too early is soon written by somebody else.
 *
 * <p>Not thread-safe.
 */
final class SpillFile {
    /** What a sector holds before its write is complete. */
    private static final long HALF_WRITTEN = -2;

    private static final class Sector {
        Memory owner;
        int page;
        long value;
        boolean busy;
    }

    private final Simulation world;

    /** Sector numbers begin with 1; 0 stands for a page that was never written. */
    private final List<Sector> sectors = new ArrayList<>();

    /** No room for the time being, or nothing can be read. */
    boolean full;

    boolean unreadable;

    SpillFile(Simulation world) {
        this.world = world;
    }

    /** A sector that is to be written, or 0. */
    int take(Memory owner, int page) {
        if (full) {
            return 0;
        }
        int number = 1;
        while (number <= sectors.size() && sectors.get(number - 1).owner != null) {
            number++;
        }
        if (number > sectors.size()) {
            sectors.add(new Sector());
        }
        Sector sector = sectors.get(number - 1);
        sector.owner = owner;
        sector.page = page;
        sector.value = HALF_WRITTEN;
        sector.busy = true;
        return number;
    }

    void written(int number, long value) {
        Sector sector = sectors.get(number - 1);
        sector.value = value;
        sector.busy = false;
    }

    long value(int number) {
        return sectors.get(number - 1).value;
    }

    void busy(int number, boolean nowBusy) {
        sectors.get(number - 1).busy = nowBusy;
    }

    void forget(Memory owner, int number) {
        Sector sector = sectorOf(owner, number);
        if (sector == null || sector.busy) {
            throw new Violation(world.where() + owner + ": sector " + number + " is given back, but "
                    + (sector == null ? "it is not the region's" : "it is being read or written"));
        }
        free(sector);
    }

    /** What a late second call does to a sector that may be somebody else's by now. */
    void forgetBlindly(int number) {
        free(sectors.get(number - 1));
    }

    private static void free(Sector sector) {
        sector.owner = null;
        sector.busy = false;
    }

    /** Whether this sector holds that page, completely. */
    boolean holds(Memory owner, int number, int page) {
        Sector sector = sectorOf(owner, number);
        return sector != null && sector.page == page && sector.value != HALF_WRITTEN;
    }

    private Sector sectorOf(Memory owner, int number) {
        boolean known = number >= 1 && number <= sectors.size();
        return known && sectors.get(number - 1).owner == owner ? sectors.get(number - 1) : null;
    }

    /** The sectors of a region's page, in use or not. */
    List<Integer> sectors(Memory owner, int page) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < sectors.size(); i++) {
            if (sectors.get(i).owner == owner && sectors.get(i).page == page) {
                found.add(i + 1);
            }
        }
        return found;
    }
}
