package io.pagewire.testkit;

import io.pagewire.core.Geometry;
import java.util.ArrayList;
import java.util.List;

/**
 * A region of the simulated cluster: who owns it, and the bytes at home, one number a page. A region in a file keeps them when
 * its owner's daemon dies; one in memory is lost then.
 *
 * <p>Not thread-safe.
 */
final class SharedRegion {
    final int number;
    final Geometry geometry;
    final int homeHost;
    final boolean inFile;

    /** Processes of every host may write, not only those of home. */
    final boolean anyWriter;

    final long[] frames;

    /** Null where it would be of no use: the contents die with home's daemon, or nobody else writes. */
    final HolderBook book;

    /** Pages that cannot be read from the disk at present, and the chance in percent that one must be read first. */
    final boolean[] bad;

    final int coldPercent;

    /** The disk does not answer at present; what comes of what has been read from it meanwhile. */
    boolean hangs;

    final List<Runnable> hanging = new ArrayList<>();

    /** Set when the owner of a region in memory died: nothing of it can be had any more. */
    boolean lost;

    /** The directory's node: who claims the region under which epoch. */
    long epoch;

    int ownerSession;

    SharedRegion(int number, Geometry geometry, int homeHost, boolean inFile, boolean anyWriter, int coldPercent) {
        this.number = number;
        this.geometry = geometry;
        this.homeHost = homeHost;
        this.inFile = inFile;
        this.anyWriter = anyWriter;
        this.coldPercent = inFile ? coldPercent : 0;
        this.book = inFile && anyWriter ? new HolderBook((int) geometry.pages()) : null;
        this.frames = new long[(int) geometry.pages()];
        this.bad = new boolean[(int) geometry.pages()];
    }

    void goOnReading() {
        hangs = false;
        List<Runnable> read = List.copyOf(hanging);
        hanging.clear();
        read.forEach(Runnable::run);
    }

    int pages() {
        return frames.length;
    }

    boolean mayWrite(Host host) {
        return anyWriter || host.number == homeHost;
    }
}
