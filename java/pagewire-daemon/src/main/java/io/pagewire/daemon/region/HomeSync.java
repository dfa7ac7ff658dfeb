package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.core.HomePort;
import io.pagewire.core.HomeRegion;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What home does for the hosts that have its region preloaded: their publishes and refreshes, one at a time in the order they
 * came from all of them. So no publish is applied between the first and the last page of a refresh, and publishes are seen by
 * everybody in one order (SPEC: V10, V11).
 *
 * <p>Belongs to the region's event loop.
 */
final class HomeSync {
    private static final Logger LOG = LoggerFactory.getLogger(HomeSync.class);

    /** What one turn of the region's loop does of this; faults, heartbeats and other regions come in between. */
    static final int TURN_BYTES = 1 << 20;

    /** A page of any size costs as much as so many bytes at least. */
    private static final int LEAST_STEP_BYTES = 16 << 10;

    private final HomeRuntime home;
    private final HomeRegion core;
    private final PageSource source;
    private final PageSender sender;
    private final Executor slow;
    private final Map<Integer, SyncClient> clients = new HashMap<>();
    private final Deque<SyncJob> waiting = new ArrayDeque<>();
    private SyncJob current;
    private int newestRun;
    private boolean pumping;
    private boolean kicked;

    HomeSync(HomeRuntime home, PageSource source, PageSender sender, Executor slow) {
        this.home = home;
        this.core = home.core();
        this.source = source;
        this.sender = sender;
        this.slow = slow;
    }

    HomeRegion core() {
        return core;
    }

    PageSource source() {
        return source;
    }

    PageSender sender() {
        return sender;
    }

    HomeRuntime home() {
        return home;
    }

    // ---- circuits ------------------------------------------------------------------------------------------------

    /** The circuit of a host that has the region preloaded was accepted. */
    void joined(HomeCircuit circuit) {
        clients.put(circuit.slot(), new SyncClient(circuit));
    }

    /** The slot is over: what its host asked for is forgotten. Call before the core hears of it. */
    void gone(int slot) {
        SyncClient client = clients.remove(slot);
        if (client == null) {
            return;
        }
        for (Iterator<SyncJob> jobs = waiting.iterator(); jobs.hasNext(); ) {
            if (jobs.next().client() == client) {
                jobs.remove();
            }
        }
        if (current != null && current.client() == client) {
            current = null;
            kick();
        }
    }

    /** Whether this slot is a preloaded one, whose pages and declines come here. */
    boolean has(int slot) {
        return clients.containsKey(slot);
    }

    /** The host of the slot takes bytes again. */
    void writable(int slot) {
        if (current != null && current.client() == clients.get(slot)) {
            kick();
        }
    }

    // ---- requests ------------------------------------------------------------------------------------------------

    /** Null, or why this message cannot be valid. */
    String refresh(int slot, ByteBuf bytes, int at, int length) {
        SyncClient client = clients.get(slot);
        if (client == null || length != PeerLayout.REFRESH_LENGTH) {
            return "REFRESH of " + length + " bytes" + (client == null ? " for a region mapped on demand" : "");
        }
        if (client.isRefreshing()) {
            return "a second REFRESH before the first is answered";
        }
        long resumed = bytes.getLongLE(at + PeerLayout.REFRESH_RESUMED);
        if (resumed < 0 || resumed > core.geometry().pages()) {
            return "REFRESH that goes on at page " + Long.toUnsignedString(resumed);
        }
        client.refreshing(true);
        int request = bytes.getIntLE(at + PeerLayout.SYNC_REQUEST);
        long since = bytes.getLongLE(at + PeerLayout.SYNC_VERSION);
        long before = bytes.getLongLE(at + PeerLayout.REFRESH_BEFORE);
        add(new RefreshJob(this, client, request, since, resumed, before));
        return null;
    }

    /** Null, or why this message cannot be valid. */
    String publish(int slot, ByteBuf bytes, int at, int length) {
        SyncClient client = clients.get(slot);
        if (client == null || !client.mayPublish()) {
            return "PUBLISH " + (client == null ? "for a region mapped on demand" : "on a circuit that only reads");
        }
        String problem = client.gather(home.record(), bytes, at, length);
        if (problem == null && client.isComplete()) {
            add(new PublishJob(this, client, client.takeGathered()));
        }
        return problem;
    }

    void add(SyncJob job) {
        waiting.add(job);
        pump();
    }

    // ---- one job at a time ---------------------------------------------------------------------------------------

    /** The job under way can go on, or the next begin. The core may be deciding at this moment, so not at once. */
    void kick() {
        if (!pumping && !kicked) {
            kicked = true;
            home.loop().execute(() -> {
                kicked = false;
                if (!home.isClosed()) {
                    pump();
                }
            });
        }
    }

    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        boolean more = true;
        try {
            int steps = Math.max(1, TURN_BYTES / Math.max(home.record().pageSize(), LEAST_STEP_BYTES));
            for (; more && steps > 0; steps--) {
                if (current == null) {
                    current = waiting.poll();
                }
                more = current != null && current.goOn(System.nanoTime());
            }
        } finally {
            pumping = false;
        }
        if (more) {
            kick();
        }
    }

    /** The job has answered its client. */
    void ended(SyncJob job) {
        if (job == current) {
            current = null;
            kick();
        }
    }

    /** Runs something that may block, then lets the job go on if it is still the current one. */
    void elsewhere(SyncJob job, Runnable blocking, Runnable then) {
        slow.execute(() -> {
            blocking.run();
            home.loop().execute(() -> {
                if (job == current && !home.isClosed()) {
                    then.run();
                    pump();
                }
            });
        });
    }

    /** A number for a fetch of ours, so that what is left of an earlier one is not taken for its answer. */
    int nextRun() {
        return ++newestRun;
    }

    // ---- what the core says --------------------------------------------------------------------------------------

    /** See {@link HomePort#sendPages}. */
    int sendPages(int slot, int run, long first, int count, int grantNumber) {
        if (!(current instanceof RefreshJob refresh) || refresh.client() != clients.get(slot)) {
            return Cause.CLOSED;
        }
        return refresh.send(run, first, count, grantNumber);
    }

    /** See {@link HomePort#decline}. */
    void declined(int slot, int run, long first, int cause) {
        if (current instanceof RefreshJob refresh && refresh.client() == clients.get(slot)) {
            refresh.declined(run, first, cause);
        }
    }

    /** See {@link HomePort#applyPublished}. */
    int apply(int slot, long page) {
        if (!(current instanceof PublishJob publish) || publish.client() != clients.get(slot)) {
            return Cause.CLOSED;
        }
        return publish.apply(page);
    }

    /** See {@link HomePort#published}. */
    void applied(int slot, long page, int cause) {
        if (current instanceof PublishJob publish && publish.client() == clients.get(slot)) {
            publish.applied(page, cause);
        }
    }

    /** Something that only an error of this daemon explains: the circuit is given up, its client calls again. */
    void broken(SyncJob job, String problem) {
        LOG.error("region {}: {}", home.record().name(), problem);
        job.client()
                .circuit()
                .circuit()
                .sendLast(PeerLayout.BYE, Cause.OWNER_LOST, "the owner's dsmd failed: " + problem);
        ended(job);
    }
}
