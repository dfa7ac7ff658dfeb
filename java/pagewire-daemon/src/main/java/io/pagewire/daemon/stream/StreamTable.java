package io.pagewire.daemon.stream;

import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frame streams of this daemon: homes of its own and clients of others, and the ends of programs by their tokens.
 *
 * <p>Safe for use by any thread.
 */
public final class StreamTable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamTable.class);
    private static final int RETRY_MS = 1000;

    private final RegionContext context;
    private final EventLoops loops;
    private final ConcurrentHashMap<Long, StreamEnd> ends = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, HomeStream> homes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<ClientKey, ClientStream> clients = new ConcurrentHashMap<>();
    private final Set<StreamRuntime> all = ConcurrentHashMap.newKeySet();
    private final Set<CompletableFuture<Void>> deleting = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    /** Lossless and latest consumers of a host do not share slots. */
    private record ClientKey(int regionId, boolean latest) {}

    public StreamTable(RegionContext context, EventLoops loops) {
        this.context = context;
        this.loops = loops;
    }

    // ---- homes ---------------------------------------------------------------------------------------------------

    /**
     * Makes the home of a stream that this host has claimed, with the producer's end in that program; blocks.
     *
     * @param discard frames for which there is no consumer are let go
     * @param dropMs how long a lossless consumer may hold the producer up
     */
    public CompletableFuture<ControlReply> publish(
            RegionRecord record, OwnerRecord claim, int frames, boolean discard, int dropMs, LocalProcess by)
            throws IOException {
        StreamMemory memory =
                StreamMemory.of(record.name(), record.size(), frames, frames + StreamRuntime.MOST_SINKS, false);
        HomeStream home = new HomeStream(
                context, record, loops.forStream(record.id()), this, memory, frames, discard, dropMs, claim, by);
        homes.put(record.id(), home);
        all.add(home);
        return CompletableFuture.supplyAsync(
                () -> {
                    home.start();
                    return home.openProducer(by);
                },
                home.loop());
    }

    /** Null when this host has memory for so many frames, otherwise why they cannot be had. May block. */
    public static String checkMemory(long frameSize, int frames) throws IOException {
        return StreamMemory.checkMemory(frameSize, frames);
    }

    /** The home of a stream, or null. */
    public HomeStream home(int regionId) {
        return homes.get(regionId);
    }

    public Collection<HomeStream> homes() {
        return homes.values();
    }

    /** Deletes the record of a stream in the directory, once, and as often as it takes. */
    void over(HomeStream home) {
        if (home.takeRecord()) {
            CompletableFuture<Void> deleted = deleteRecord(home);
            deleting.add(deleted);
            deleted.whenComplete((done, failure) -> deleting.remove(deleted));
        }
    }

    private CompletableFuture<Void> deleteRecord(HomeStream home) {
        return context.directory().delete(home.record()).handle((done, failure) -> {
            if (failure != null && !isUnknown(failure) && !stopping) {
                LOG.info(
                        "stream {} is still in the directory: {}", home.record().name(), Reasons.of(failure));
                String what = "deleting the record of stream " + home.record().name();
                Timers.after(home.loop(), RETRY_MS, what, () -> deleteRecord(home));
            }
            return null;
        });
    }

    private static boolean isUnknown(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof DirectoryException problem && problem.kind() == DirectoryException.Kind.UNKNOWN_REGION;
    }

    // ---- clients -------------------------------------------------------------------------------------------------

    /** Makes a consumer's end in that program on a stream of another host; the answer comes when the circuit is up. Blocks. */
    public CompletableFuture<ControlReply> subscribe(RegionRecord record, int frames, boolean latest, LocalProcess by)
            throws IOException {
        CompletableFuture<ControlReply> answer = new CompletableFuture<>();
        ClientStream client = client(record, frames, latest, by.uid());
        client.loop().execute(() -> {
            try {
                if (!client.subscribe(by, answer::complete)) {
                    answer.complete(null);
                }
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private ClientStream client(RegionRecord record, int frames, boolean latest, int user) throws IOException {
        ClientKey key = new ClientKey(record.id(), latest);
        synchronized (clients) {
            ClientStream client = clients.get(key);
            if (client == null) {
                StreamMemory memory =
                        StreamMemory.of(record.name(), record.size(), frames, frames + StreamRuntime.MOST_SINKS, true);
                client = new ClientStream(
                        context, record, loops.forStream(record.id()), this, memory, frames, latest, user);
                clients.put(key, client);
                all.add(client);
                client.loop().execute(client::start);
            }
            return client;
        }
    }

    /** Nothing more comes to this one: who subscribes from now on needs another. */
    void ended(ClientStream client) {
        clients.remove(new ClientKey(client.record().id(), client.latest()), client);
    }

    // ---- both ----------------------------------------------------------------------------------------------------

    void register(StreamEnd end) {
        ends.put(end.token(), end);
    }

    void forget(StreamEnd end) {
        ends.remove(end.token());
    }

    /** The end of a stream in a program, or null. */
    public StreamEnd end(long token) {
        return ends.get(token);
    }

    void closed(StreamRuntime stream) {
        all.remove(stream);
        homes.remove(stream.record().id(), stream);
    }

    /** Whether programs of this host consume a stream of another host. */
    public boolean consumes(int regionId) {
        return clients.containsKey(new ClientKey(regionId, false))
                || clients.containsKey(new ClientKey(regionId, true));
    }

    /** Every stream that is served or used here. */
    public Collection<StreamRuntime> all() {
        return List.copyOf(all);
    }

    /** The program's control connection closed: what it asked for and never used is dropped. */
    public void disconnected(LocalProcess process) {
        for (StreamRuntime stream : all) {
            stream.loop().execute(() -> stream.dropUnused(process));
        }
    }

    /** The daemon stops: a record that cannot be deleted now is left to its next run. */
    public void stopping() {
        stopping = true;
    }

    /** Waits until the records of streams that are over have been deleted, or cannot be within the deadline of the directory. */
    public void awaitDeleted() {
        CompletableFuture.allOf(deleting.toArray(CompletableFuture<?>[]::new)).join();
    }
}
