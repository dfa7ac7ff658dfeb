package io.pagewire.daemon;

import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.DirectoryListener;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.region.HomeRuntime;
import io.pagewire.daemon.stream.HomeStream;
import io.pagewire.daemon.stream.StreamTable;
import io.pagewire.wire.FaultCause;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes what becomes of the directory session on to the regions this host owns: their rights end with it, and after an
 * expiry every region is claimed again before it is served (ARCHITECTURE: Coherence, the owner's lease). Frame streams have no
 * rights that could end, and go on; one whose claim cannot be had again is over.
 *
 * <p>Called by the directory's thread; claims are made on the slow threads.
 */
final class SessionWatch implements DirectoryListener {
    private static final Logger LOG = LoggerFactory.getLogger(SessionWatch.class);
    private static final int ATTEMPTS_PAUSE_MS = 200;

    private final DaemonInfo info;
    private final ExecutorService slow;
    private final Supplier<RegionTable> table;
    private final Supplier<StreamTable> streams;
    private volatile Directory directory;
    private volatile boolean claimsGone;

    SessionWatch(DaemonInfo info, ExecutorService slow, Supplier<RegionTable> table, Supplier<StreamTable> streams) {
        this.info = info;
        this.slow = slow;
        this.table = table;
        this.streams = streams;
    }

    /** The directory stands; claims can be made from now on. */
    void ready(Directory opened) {
        directory = opened;
        info.directoryState("connected");
    }

    @Override
    public void connected(long sessionEstablishedBootNs) {
        info.directoryState("connected");
        if (claimsGone) {
            claimsGone = false;
            try {
                slow.execute(this::claimAll);
                slow.execute(this::claimStreams);
            } catch (RejectedExecutionException e) {
                LOG.debug("stopping; nothing is claimed any more");
            }
        }
    }

    @Override
    public void disconnected() {
        info.directoryState("disconnected");
        LOG.warn("the directory is out of reach; regions of this host are suspended until it answers");
        onHomes(home -> home.owner().suspend(System.nanoTime()));
    }

    @Override
    public void expired() {
        info.directoryState("expired");
        claimsGone = true;
        LOG.warn("the session with the directory has expired; regions of this host are claimed again");
        onHomes(home -> home.owner().claimExpired());
    }

    @Override
    public void leaseExtended(long endBootNs) {
        onHomes(home -> home.owner().extended(endBootNs));
    }

    private void onHomes(Consumer<HomeRuntime> action) {
        RegionTable regions = table.get();
        if (regions != null) {
            for (HomeRuntime home : regions.homes()) {
                home.loop().execute(() -> action.accept(home));
            }
        }
    }

    private void claimAll() {
        RegionTable regions = table.get();
        for (HomeRuntime home : regions.homes()) {
            claim(home);
        }
        for (RegionTable.LostRegion lost : regions.lost()) {
            try {
                Futures.get(directory.claim(lost.record(), lost.cause() == FaultCause.DATA_LOST));
            } catch (DirectoryException e) {
                LOG.warn("region {}: {}", lost.record().name(), e.getMessage());
            }
        }
    }

    private void claimStreams() {
        for (HomeStream stream : streams.get().homes()) {
            claim(stream);
        }
    }

    private void claim(HomeRuntime home) {
        while (!claimsGone && !Thread.currentThread().isInterrupted()) {
            try {
                OwnerRecord claim = Futures.get(directory.claim(home.record(), false));
                home.loop().execute(() -> home.claimed(claim));
                return;
            } catch (DirectoryException e) {
                LOG.warn("region {} cannot be claimed again: {}", home.record().name(), e.getMessage());
                if (e.kind() == DirectoryException.Kind.UNKNOWN_REGION) {
                    home.loop().execute(home::deleted);
                    return;
                }
            }
            pause();
        }
    }

    /** Without its claim the name may have been given to another producer; this stream is over then. */
    private void claim(HomeStream stream) {
        while (!claimsGone && stream.hasRecord() && !Thread.currentThread().isInterrupted()) {
            try {
                OwnerRecord claim = Futures.get(directory.claim(stream.record(), false));
                stream.loop().execute(() -> stream.claimed(claim));
                return;
            } catch (DirectoryException e) {
                LOG.warn(
                        "stream {} cannot be claimed again: {}", stream.record().name(), e.getMessage());
                if (e.kind() == DirectoryException.Kind.UNKNOWN_REGION || e.kind() == DirectoryException.Kind.OWNED) {
                    String reason = "the session of its host with the directory expired, and stream "
                            + stream.record().name() + " was forgotten meanwhile";
                    stream.loop().execute(() -> stream.endBy(FaultCause.FENCED, reason));
                    return;
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(ATTEMPTS_PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
