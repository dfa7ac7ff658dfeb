package io.pagewire.testkit;

import io.pagewire.core.Cause;
import io.pagewire.core.FrameBudget;
import io.pagewire.core.FramePort;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The frames of one region in one daemon, and the slow threads that move pages between them and the spill file. A frame must
 * not be touched while such a thread is at it, and not be given back while its bytes are nowhere else.
 *
 * <p>Not thread-safe.
 */
final class Memory {
    /** What a frame holds that was given back. */
    static final long NOTHING = -1;

    final long[] frames;
    final Budget.View budget;
    private final Node node;
    private final Simulation world;
    private final SplittableRandom random;
    private final boolean isHome;
    private final int[] spilling;
    private final int[] loading;
    private final boolean[] kept;
    private final long[] newestSent;
    private final int[] newestSector;
    private final long[] firstSpilled;
    private final boolean[] torn;

    /** {@code budget}: null when there is no bound. */
    Memory(Node node, long[] frames, Budget budget, boolean isHome) {
        this.node = node;
        this.world = node.world;
        this.random = node.daemon.random;
        this.frames = frames;
        this.budget = budget == null ? null : budget.view(node);
        this.isHome = isHome;
        this.spilling = new int[frames.length];
        this.loading = new int[frames.length];
        this.kept = new boolean[frames.length];
        this.newestSent = new long[frames.length];
        Arrays.fill(newestSent, NOTHING);
        this.newestSector = new int[frames.length];
        this.firstSpilled = new long[frames.length];
        Arrays.fill(firstSpilled, NOTHING);
        this.torn = new boolean[frames.length];
    }

    FrameBudget frameBudget() {
        return budget == null ? FrameBudget.UNLIMITED : budget;
    }

    boolean limited() {
        return budget != null;
    }

    /** The bytes of the page, wherever they are in this daemon; {@link #NOTHING} when they are not. */
    long value(int page) {
        return frames[page] == NOTHING && newestSector[page] != 0 ? spill().value(newestSector[page]) : frames[page];
    }

    /** Bytes that came over a circuit are written into the frame. */
    void write(int page, long value) {
        if (isHome && spilling[page] != 0) {
            // Bytes that come home do not wait; the sector is worth nothing then, and must never be read.
            torn[page] = true;
        } else {
            expectFree(page, "is overwritten");
        }
        if (kept[page] && frames[page] != value) {
            throw violation(page, "is overwritten before home has acknowledged its bytes");
        }
        world.oracle.frameOverwritten(node, page, value);
        frames[page] = value;
    }

    /** The bytes went into a message that home has to acknowledge. */
    void keep(int page) {
        kept[page] = true;
        newestSent[page] = frames[page];
    }

    /** What was sent home last of the page, {@link #NOTHING} when nothing was. */
    long newestSent(int page) {
        return newestSent[page];
    }

    void acknowledged(int page) {
        kept[page] = false;
    }

    boolean isKept(int page) {
        return kept[page];
    }

    /** Whether a slow thread reads the frame at present. */
    boolean isSpilling(int page) {
        return spilling[page] != 0;
    }

    void discard(int first, int count) {
        for (int page = first; page < first + count; page++) {
            expectFree(page, "is given back");
            if (kept[page]) {
                throw violation(page, "is given back before home has acknowledged its bytes");
            }
            boolean written = frames[page] != NOTHING && frames[page] != 0;
            if (isHome && written && (newestSector[page] == 0 || spill().value(newestSector[page]) != frames[page])) {
                throw violation(page, "is given back at home, and no sector holds " + frames[page]);
            }
            world.oracle.frameGivenBack(node, page);
            // A page that was never written reads as zeros again, as a hole does.
            frames[page] = isHome && !written ? frames[page] : NOTHING;
        }
    }

    private void expectFree(int page, String what) {
        if (spilling[page] != 0) {
            throw violation(page, what + " while it is being written to sector " + spilling[page]);
        }
        if (loading[page] != 0) {
            throw violation(page, what + " while sector " + loading[page] + " is being read into it");
        }
    }

    int spill(int page) {
        expectLimited();
        expectFree(page, "is spilled");
        world.oracle.frameSpills(node, page);
        int sector = spill().take(this, page);
        world.trace(
                "host %d, region %d: page %d = %d goes to sector %d",
                node.host.number, node.shared.number, page, frames[page], sector);
        if (sector == 0) {
            return 0;
        }
        boolean fails = !world.isCalm() && random.nextInt(20) == 0;
        long delay = delay();
        if (world.bug(Bug.PUNCH_WHILE_SPILLING) && !fails) {
            // Reported before the slow thread has read the frame.
            spill().busy(sector, false);
            newestSector[page] = sector;
            node.daemon.after(0, () -> node.spilled(page, 0));
            node.daemon.after(delay, () -> spill().written(sector, frames[page]));
            return sector;
        }
        spilling[page] = sector;
        node.daemon.after(delay, () -> {
            spilling[page] = 0;
            if (fails || torn[page]) {
                torn[page] = false;
                spill().busy(sector, false);
            } else {
                write(page, sector);
            }
            node.spilled(page, fails ? Cause.NO_MEMORY : 0);
        });
        return sector;
    }

    private void write(int page, int sector) {
        boolean stale = world.bug(Bug.STALE_SECTOR) && firstSpilled[page] != NOTHING;
        firstSpilled[page] = stale ? firstSpilled[page] : frames[page];
        spill().written(sector, stale ? firstSpilled[page] : frames[page]);
        newestSector[page] = sector;
    }

    int load(int page, int sector) {
        expectLimited();
        expectFree(page, "is loaded");
        if (!spill().holds(this, sector, page)) {
            throw violation(page, "is read from sector " + sector + ", which does not hold it");
        }
        world.oracle.frameOverwritten(node, page, spill().value(sector));
        boolean fails = spill().unreadable || !world.isCalm() && !isHome && random.nextInt(30) == 0;
        boolean silent = fails && world.bug(Bug.IGNORE_BAD_SECTOR);
        if (random.nextInt(3) == 0) {
            if (!fails) {
                frames[page] = spill().value(sector);
            }
            return fails && !silent ? Cause.FILE_ERROR : 0;
        }
        loading[page] = sector;
        spill().busy(sector, true);
        node.daemon.after(delay(), () -> {
            spill().busy(sector, false);
            long value = spill().value(sector);
            if (!fails) {
                frames[page] = value;
            }
            // The frame is written; the word about it comes later.
            node.daemon.after(random.nextLong(500_000), () -> {
                loading[page] = 0;
                node.loaded(page, fails && !silent ? Cause.FILE_ERROR : 0);
            });
            if (world.bug(Bug.LATE_SECTOR_READ)) {
                node.daemon.after(random.nextLong(5 * Times.MS), () -> frames[page] = value);
            }
        });
        return FramePort.LOADING;
    }

    void forget(int sector) {
        expectLimited();
        if (world.bug(Bug.LEAK_SECTOR) && random.nextInt(10) == 0) {
            return;
        }
        for (int page = 0; page < frames.length; page++) {
            if (spilling[page] == sector || loading[page] == sector) {
                throw violation(page, "is at work with sector " + sector + ", which is given back");
            }
            if (newestSector[page] == sector) {
                newestSector[page] = 0;
            }
        }
        spill().forget(this, sector);
        if (world.bug(Bug.FREE_SECTOR_TWICE)) {
            node.daemon.after(random.nextLong(2 * Times.MS), () -> spill().forgetBlindly(sector));
        }
    }

    /** At rest: frames that are being moved, and bytes home has not acknowledged. */
    int underWay() {
        int busy = 0;
        for (int page = 0; page < frames.length; page++) {
            busy += spilling[page] != 0 || loading[page] != 0 || kept[page] ? 1 : 0;
        }
        return busy;
    }

    private void expectLimited() {
        if (budget == null) {
            throw new Violation(node.where() + "uses the spill file although there is no bound");
        }
    }

    private long delay() {
        return random.nextInt(10) == 0 ? random.nextLong(20 * Times.MS) : random.nextLong(Times.MS);
    }

    SpillFile spill() {
        return node.daemon.spill();
    }

    private Violation violation(int page, String what) {
        return new Violation(node.where() + "the frame of page " + page + " " + what);
    }

    @Override
    public String toString() {
        return "host " + node.host.number + ", region " + node.shared.number;
    }
}
