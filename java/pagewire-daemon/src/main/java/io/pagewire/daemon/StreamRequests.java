package io.pagewire.daemon;

import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.Names;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.directory.RegionSpec;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.stream.HomeStream;
import io.pagewire.daemon.stream.StreamTable;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes frame streams and their consumers for programs, and ends streams at an administrator's wish (SPEC: V12). Blocks; runs
 * on the slow threads.
 *
 * <p>Safe for use by any thread that may block.
 */
final class StreamRequests {
    private static final Logger LOG = LoggerFactory.getLogger(StreamRequests.class);
    private static final int DEFAULT_DROP_MS = 5000;
    private static final int LEAST_DROP_MS = 100;
    private static final int MOST_DROP_MS = 3_600_000;

    /** A loop has answered by then, beyond what a first call may take; only a mistake in here lets that pass. */
    private static final int ANSWER_MS = 30_000;

    /** A name that is just becoming free is waited for that long. */
    private static final long PATIENCE_NS = 5_000_000_000L;

    /** The socket of a producer that has just ended may not have been read yet. */
    private static final long LEAVING_NS = 200_000_000L;

    /** Another host may only have to hear that its stream is over, and to say so in the directory. */
    private static final long LEAVING_ELSEWHERE_NS = 1_000_000_000L;

    private static final int PAUSE_MS = 20;

    private final RegionContext context;
    private final StreamTable table;
    private final Directory directory;
    private final Set<String> publishing = ConcurrentHashMap.newKeySet();

    StreamRequests(RegionContext context, StreamTable table) {
        this.context = context;
        this.table = table;
        this.directory = context.directory();
    }

    // ---- publish -------------------------------------------------------------------------------------------------

    ControlReply publish(LocalProcess by, String name, long frameSize, int frames, long dropMs, boolean discard)
            throws Exception {
        check(Names.checkRegion(name));
        check(
                frameSize < 1 || frameSize > RegionRecord.MAX_FRAME_SIZE
                        ? "a frame has 1 to " + RegionRecord.MAX_FRAME_SIZE + " bytes, not " + frameSize
                        : null);
        check(
                dropMs != 0 && (dropMs < LEAST_DROP_MS || dropMs > MOST_DROP_MS)
                        ? "a consumer is dropped after " + LEAST_DROP_MS + " to " + MOST_DROP_MS + " ms, not " + dropMs
                        : null);
        checkMemory(name, frameSize, frames);
        if (!publishing.add(name)) {
            throw busy(name, "a program on host " + context.host() + " is publishing it at this moment");
        }
        try {
            Claimed claimed = claimName(name, frameSize);
            return open(claimed, frames, discard, dropMs == 0 ? DEFAULT_DROP_MS : (int) dropMs, by);
        } finally {
            publishing.remove(name);
        }
    }

    private static void check(String problem) throws RequestException {
        if (problem != null) {
            throw new RequestException(LocalStatus.INVALID_ARGUMENT, problem);
        }
    }

    private static void checkMemory(String name, long frameSize, int frames) throws IOException, RequestException {
        String problem = StreamTable.checkMemory(frameSize, frames);
        if (problem != null) {
            throw new RequestException(LocalStatus.LIMIT, "stream " + name + ": " + problem);
        }
    }

    private static RequestException busy(String name, String why) {
        return new RequestException(LocalStatus.BUSY, "stream " + name + " has one producer at a time: " + why);
    }

    private record Claimed(RegionRecord record, OwnerRecord claim) {}

    /** Makes the record and claims it. Others want the same name at the same time, and forget what nobody has claimed yet. */
    private Claimed claimName(String name, long frameSize)
            throws DirectoryException, RequestException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NS;
        while (true) {
            freeName(name, end);
            try {
                RegionRecord record = Futures.get(directory.create(RegionSpec.stream(name, frameSize)));
                return new Claimed(record, Futures.get(directory.claim(record, false)));
            } catch (DirectoryException e) {
                boolean overtaken = e.kind() == DirectoryException.Kind.EXISTS
                        || e.kind() == DirectoryException.Kind.UNKNOWN_REGION;
                if (!overtaken || System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
        }
    }

    /** Returns when nobody has the name; says who has it when that is somebody who stays. */
    private void freeName(String name, long end) throws DirectoryException, RequestException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            RegionRecord record;
            try {
                record = Futures.get(directory.lookup(name));
            } catch (DirectoryException e) {
                if (e.kind() == DirectoryException.Kind.UNKNOWN_REGION) {
                    return;
                }
                throw e;
            }
            if (!record.isStream()) {
                throw new RequestException(
                        LocalStatus.REGION_EXISTS,
                        "a region of host " + record.owner() + " is called " + name
                                + "; choose another name for the stream, or delete the region");
            }
            HomeStream home = table.home(record.id());
            String producer = home == null ? takeOver(record) : giveWay(home);
            long now = System.nanoTime();
            long patience = home == null ? LEAVING_ELSEWHERE_NS : LEAVING_NS;
            if (producer != null && now - begin >= patience || now - end >= 0) {
                throw busy(name, producer == null ? "the one before it is still leaving; try again" : producer);
            }
            Thread.sleep(PAUSE_MS); // the record, or the socket of its producer, is just going
        }
    }

    /** A stream of this host gives its name to the next when its producer has ended. Null, or who the producer is. */
    private String giveWay(HomeStream home) throws RequestException, DirectoryException {
        if (!get(CompletableFuture.supplyAsync(home::isEnded, home.loop()))) {
            return home.producerName() + " has it";
        }
        if (home.takeRecord()) {
            deleteRecord(home.record());
        }
        return null;
    }

    /** A stream of which this daemon knows nothing: forgets it when its daemon is gone. Null, or who has it. */
    private String takeOver(RegionRecord record) throws DirectoryException {
        try {
            OwnerRecord owner = Futures.get(directory.owner(record.id()));
            if (owner.session() == context.session()) {
                deleteRecord(record); // of a stream that has ended, or whose claim succeeded without our hearing it
                return null;
            }
            return "host " + owner.host() + " has it (a program there fills it, or consumers still take what is left)";
        } catch (DirectoryException e) {
            if (e.kind() == DirectoryException.Kind.NO_OWNER) {
                retire(record);
            } else if (e.kind() != DirectoryException.Kind.UNKNOWN_REGION) {
                throw e;
            }
            return null;
        }
    }

    private void retire(RegionRecord record) throws DirectoryException {
        try {
            Futures.get(directory.retire(record));
            LOG.info("stream {} of host {} is forgotten: its dsmd is gone", record.name(), record.owner());
        } catch (DirectoryException e) {
            boolean overtaken =
                    e.kind() == DirectoryException.Kind.OWNED || e.kind() == DirectoryException.Kind.UNKNOWN_REGION;
            if (!overtaken) {
                throw e;
            }
        }
    }

    private ControlReply open(Claimed claimed, int frames, boolean discard, int dropMs, LocalProcess by)
            throws RequestException {
        try {
            return get(table.publish(claimed.record(), claimed.claim(), frames, discard, dropMs, by));
        } catch (IOException e) {
            directory.delete(claimed.record()).whenComplete((done, failure) -> {
                if (failure != null) {
                    LOG.warn(
                            "stream {} is left in the directory: {}",
                            claimed.record().name(),
                            Reasons.of(failure));
                }
            });
            throw Descriptors.explained(e, LocalStatus.LIMIT);
        }
    }

    // ---- subscribe -----------------------------------------------------------------------------------------------

    ControlReply subscribe(LocalProcess by, String name, int frames, boolean latest) throws Exception {
        check(Names.checkRegion(name));
        RegionRecord record;
        try {
            record = Futures.get(directory.lookup(name));
        } catch (DirectoryException e) {
            throw e.kind() == DirectoryException.Kind.UNKNOWN_REGION
                    ? new RequestException(LocalStatus.UNKNOWN_REGION, "nobody publishes a stream " + name)
                    : e;
        }
        if (!record.isStream()) {
            throw new RequestException(
                    LocalStatus.INVALID_ARGUMENT, name + " is a region and no frame stream; map it instead");
        }
        if (record.owner().equals(context.host())) {
            return subscribeHere(by, record, latest);
        }
        checkMemory(name, record.size(), frames);
        while (true) {
            ControlReply reply = get(table.subscribe(record, frames, latest, by));
            if (reply != null) {
                return reply;
            }
        }
    }

    private ControlReply subscribeHere(LocalProcess by, RegionRecord record, boolean latest) throws RequestException {
        HomeStream home = table.home(record.id());
        ControlReply reply = home == null
                ? null
                : get(CompletableFuture.supplyAsync(
                        () -> home.takesConsumers() ? home.openConsumer(by, latest) : null, home.loop()));
        return reply != null
                ? reply
                : ControlReply.failed(
                        LocalStatus.UNKNOWN_REGION, "stream " + record.name() + " has no producer at this moment");
    }

    // ---- end -----------------------------------------------------------------------------------------------------

    /** An administrator ends a stream of this host. */
    void delete(RegionRecord record) throws DirectoryException {
        HomeStream home = table.home(record.id());
        if (home != null) {
            home.takeRecord();
        }
        Futures.get(directory.delete(record));
        if (home != null) {
            String reason = "stream " + record.name() + " has been deleted on host " + context.host();
            home.loop().execute(() -> home.endBy(FaultCause.UNKNOWN_REGION, reason));
        }
    }

    /** Forgets a stream that an earlier run of this daemon has left: its frames ended with that. */
    void forget(RegionRecord record) throws DirectoryException {
        deleteRecord(record);
        LOG.info("stream {} of an earlier run is forgotten", record.name());
    }

    private void deleteRecord(RegionRecord record) throws DirectoryException {
        try {
            Futures.get(directory.delete(record));
        } catch (DirectoryException e) {
            if (e.kind() != DirectoryException.Kind.UNKNOWN_REGION) {
                throw e;
            }
        }
    }

    private <T> T get(CompletableFuture<T> answer) throws RequestException {
        long mostMs = context.settings().deadlines().faultMs() + (long) ANSWER_MS;
        try {
            return answer.get(mostMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new RequestException(
                    LocalStatus.TIMEOUT, "dsmd has not done it within " + mostMs + " ms; look at its log");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RequestException(LocalStatus.TIMEOUT, "dsmd is stopping");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
