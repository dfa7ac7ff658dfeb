package io.pagewire.daemon;

import io.netty.channel.EventLoop;
import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.DirectoryListener;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.region.HomeRuntime;
import io.pagewire.daemon.stream.HomeStream;
import io.pagewire.daemon.stream.StreamTable;
import io.pagewire.wire.FaultCause;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes what becomes of the directory session on to the regions this host owns: their rights end with it, and after an
 * expiry every region is claimed again before it is served (ARCHITECTURE: Coherence, the owner's lease). Frame streams have no
 * rights that could end, and go on; one whose claim cannot be had again is over.
 *
 * <p>Called by the directory's thread, on which claims are made too; {@link #expiries} and {@link #claimAgain} by any.
 */
final class SessionWatch implements DirectoryListener {
    private static final Logger LOG = LoggerFactory.getLogger(SessionWatch.class);

    private final DaemonInfo info;
    private final Executor slow;
    private final Supplier<RegionTable> table;
    private final Supplier<StreamTable> streams;
    private volatile Directory directory;
    private final ClaimLane lane = new ClaimLane();
    private final AtomicInteger expiries = new AtomicInteger();
    private boolean claimsGone; // the directory's thread only

    SessionWatch(DaemonInfo info, Executor slow, Supplier<RegionTable> table, Supplier<StreamTable> streams) {
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
            claimAll(expiries.get());
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
        expiries.incrementAndGet();
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
            // One task for all regions of a loop: this happens twice a second.
            Map<EventLoop, List<HomeRuntime>> byLoop = new HashMap<>();
            for (HomeRuntime home : regions.homes()) {
                byLoop.computeIfAbsent(home.loop(), loop -> new ArrayList<>()).add(home);
            }
            byLoop.forEach((loop, homes) -> loop.execute(() -> homes.forEach(home -> apply(action, home))));
        }
    }

    private static void apply(Consumer<HomeRuntime> action, HomeRuntime home) {
        try {
            action.accept(home);
        } catch (RuntimeException e) {
            LOG.error(
                    "region {} could not be told what became of the session",
                    home.record().name(),
                    e);
        }
    }

    private void claimAll(int session) {
        RegionTable regions = table.get();
        if (regions == null || directory == null) {
            return; // the daemon is starting: what it claims from now on it claims in this session
        }
        regions.homes().forEach(home -> claim(home, session));
        for (RegionTable.LostRegion lost : regions.lost()) {
            boolean dataLost = lost.cause() == FaultCause.DATA_LOST;
            begin(lost.record(), dataLost, () -> session == expiries.get(), claim -> {}, SessionWatch::isUnknown);
        }
        streams.get().homes().forEach(stream -> claim(stream, session));
    }

    /** How many sessions have ended; a claim that was begun when there were fewer may have ended with one of them. */
    int expiries() {
        return expiries.get();
    }

    /** A region that was claimed while a session ended: nobody else knows yet that it has to be claimed again. */
    void claimAgain(HomeRuntime home) {
        home.loop().execute(() -> home.owner().claimExpired());
        claim(home, expiries.get());
    }

    private void claim(HomeRuntime home, int session) {
        begin(
                home.record(),
                false,
                () -> session == expiries.get(),
                claim -> home.loop().execute(() -> {
                    if (session == expiries.get()) { // else it may have gone with the session it was made in
                        home.claimed(claim);
                    }
                }),
                problem -> {
                    boolean unknown = isUnknown(problem);
                    if (unknown) {
                        home.loop().execute(home::deleted);
                    }
                    return unknown;
                });
    }

    /** Without its claim the name may have been given to another producer; this stream is over then. */
    private void claim(HomeStream stream, int session) {
        begin(
                stream.record(),
                false,
                () -> session == expiries.get() && stream.hasRecord(),
                claim -> stream.loop().execute(() -> stream.claimed(claim)),
                problem -> {
                    boolean forgotten = isUnknown(problem) || problem.kind() == DirectoryException.Kind.OWNED;
                    if (forgotten) {
                        String reason = "the session of its host with the directory expired, and stream "
                                + stream.record().name() + " was forgotten meanwhile";
                        stream.loop().execute(() -> stream.endBy(FaultCause.FENCED, reason));
                    }
                    return forgotten;
                });
    }

    private void begin(
            RegionRecord record,
            boolean lost,
            BooleanSupplier wanted,
            Consumer<OwnerRecord> made,
            Predicate<DirectoryException> hopeless) {
        new Claiming(lane, directory, record, lost, wanted, made, hopeless, slow).attempt();
    }

    private static boolean isUnknown(DirectoryException problem) {
        return problem.kind() == DirectoryException.Kind.UNKNOWN_REGION;
    }
}
