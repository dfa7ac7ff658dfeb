package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.pagewire.core.Right;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.MapOptions;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LeasePage;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A region that programs of this host have mapped preloaded: frames of its own beside those that are paged on demand, filled
 * before they are used, with all rights for good. What programs change goes home by a publish, what others changed comes by a
 * refresh, on request or periodically; when the circuit is lost the frames stay as they are (SPEC: V10, V11).
 *
 * <p>Belongs to the region's event loop.
 */
public final class PreloadedRuntime extends CallingRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(PreloadedRuntime.class);
    private static final long MS = 1_000_000L;
    private static final String STOPPING = "dsmd is stopping";

    private final PreloadedFrames frames;
    private final PreloadedFill fill;
    private final PreloadedMappings mappings = new PreloadedMappings();
    private final PeriodicExchanges periodic = new PeriodicExchanges(this);
    private final PreloadedCounters counters = new PreloadedCounters();
    private final Exchanges exchanges;
    private final Consumer<PreloadedRuntime> onClosed;
    private boolean up;
    private boolean deleted;
    private Right wanted = Right.READ;
    private long openingPeriodMs;
    private long version;
    private long versionEpoch;
    private int newestRequest;
    private long sequence;
    private String noCircuit = FaultCause.OWNER_LOST.text();
    private Consumer<Boolean> onShutDown;
    private boolean stopped;
    private boolean leftBehind;
    private Leaving.Report ended;
    private final long stallNs;

    public PreloadedRuntime(
            RegionContext context, RegionRecord record, EventLoop loop, Consumer<PreloadedRuntime> onClosed)
            throws IOException {
        super(context, record, loop);
        this.onClosed = onClosed;
        frames = PreloadedFrames.create(record.name(), record.span(), record.pageSize(), record.anyWriter());
        fill = new PreloadedFill(this, context.slow());
        exchanges = new Exchanges(this, context.settings().deadlines().faultAnswerMs() * MS);
        stallNs = context.settings().deadlines().stallMs() * MS;
        leaseUntil(LeasePage.NO_END);
    }

    /** Starts the timer and watches the owner; call on the loop. */
    public void start() {
        startTicking();
        context.directory().watch(record().id(), this);
    }

    /** Null when this host has memory for the frames of a region, otherwise why they cannot be had. May block; any thread. */
    public static String checkMemory(RegionRecord record) throws IOException {
        return PreloadedFrames.checkMemory(record.span(), record.anyWriter());
    }

    /** Bytes of memory of all frames, and of their twin where programs may write. Any thread. */
    public long frameBytes() {
        return PreloadedFrames.needed(record().span(), frames.writable());
    }

    PreloadedFrames frames() {
        return frames;
    }

    @Override
    public PreloadedFilling filling() {
        return fill.state();
    }

    public PreloadedCounters counters() {
        return counters;
    }

    Exchanges exchanges() {
        return exchanges;
    }

    long pages() {
        return record().span() / record().pageSize();
    }

    /** Bytes of the page that belong to the region's contents. */
    int contentOf(long page) {
        return (int) Math.min(record().pageSize(), record().size() - page * record().pageSize());
    }

    int nextRequest() {
        return ++newestRequest;
    }

    // ---- mappings ------------------------------------------------------------------------------------------------

    /** Like {@link #open(LocalProcess, boolean)}, with the period of the options. */
    public ControlReply open(LocalProcess process, MapOptions options) {
        openingPeriodMs = options.periodMs();
        return open(process, options.readOnly());
    }

    @Override
    Right wantedRight() {
        return wanted;
    }

    @Override
    protected boolean isPreloaded() {
        return true;
    }

    @Override
    protected Right highestRight() {
        return frames.writable() ? Right.WRITE : Right.READ;
    }

    @Override
    protected int framesForPrograms(Right most) {
        return most == Right.WRITE ? frames.descriptor() : frames.readOnlyDescriptor();
    }

    /** The next call is made for this user; a circuit that is up keeps the user it was set up for. */
    @Override
    protected void onOpen(LocalProcess process, Right most) {
        calls().user(process.uid());
        if (most.compareTo(wanted) > 0) {
            wanted = most;
            calls().renewIfLess();
        }
        fill.needed();
    }

    @Override
    protected Right coreMappingOpened(int mapping, Right most) {
        mappings.opened(mapping, most, openingPeriodMs);
        return most;
    }

    /** What the program changed goes home, even though it may have died. */
    @Override
    protected void coreMappingGone(int mapping, long now) {
        if (mappings.gone(mapping) == Right.WRITE && isInUse()) {
            exchanges.add(lastPublish(null));
        }
    }

    /** What goes home at an end; it takes as long as it gets on. {@code leaving}: who waits for it, or null. */
    private PublishExchange lastPublish(Leaving[] leaving) {
        PublishExchange[] publish = new PublishExchange[1];
        publish[0] = new PublishExchange(
                this, context.slow(), 0, pages(), outcome -> lastPublished(publish[0], outcome, leaving));
        publish[0].last();
        return patient(publish[0]);
    }

    /** Somebody waits for it: it goes on as long as something comes of it. */
    private <E extends Exchange> E patient(E exchange) {
        exchange.patience(stallNs);
        return exchange;
    }

    private void lastPublished(PublishExchange publish, ControlReply outcome, Leaving[] leaving) {
        boolean home = outcome.status() == LocalStatus.OK;
        if (!home) {
            leftBehind = true;
            LOG.warn(
                    "region {}: what a program of this host changed before it let go of the region is not at home: {}"
                            + " (pages {})",
                    record().name(),
                    outcome.reason(),
                    publish.notHome());
        }
        ended = publish.report(home ? LocalLayout.LEAVING_HOME : LocalLayout.LEAVING_LOST, outcome.reason());
        if (leaving != null) {
            leaving[0].end(ended);
        }
    }

    /** Ends a mapping in order. The answer can be asked what became of what its program changed; null = there is nothing. */
    public Leaving unmap(Mapping mapping) {
        if (mapping.isGone() || mappings.right(mapping.index()) != Right.WRITE || !isInUse()) {
            unmapped(mapping);
            return null;
        }
        mappings.gone(mapping.index()); // what it changed is published here, and asked after
        Leaving[] leaving = new Leaving[1];
        PublishExchange publish = lastPublish(leaving);
        leaving[0] = new Leaving(loop(), withPages -> publish.report(LocalLayout.LEAVING_RUNNING, ""));
        exchanges.add(publish);
        unmapped(mapping);
        return leaving[0];
    }

    @Override
    protected void onIdle() {
        exchanges.endUnneeded(FaultCause.CLOSED.text());
        closeWhenIdle();
    }

    private void closeWhenIdle() {
        if (exchanges.isIdle()) {
            exchangesIdle();
        }
    }

    /** Nothing is under way any more. */
    void exchangesIdle() {
        if (onShutDown != null) {
            endShutDown();
        } else if (mappingCount() == 0) {
            close();
        }
    }

    @Override
    public void connectEagerly(Consumer<ControlReply> done) {
        done.accept(null); // Filling the frames sets the circuit up.
    }

    // ---- exchanges -----------------------------------------------------------------------------------------------

    /** Sends home what programs of this host have changed; {@code done} gets the number of pages. */
    public void publish(Mapping by, Consumer<ControlReply> done) {
        ControlReply refusal = refusal(by);
        if (refusal == null && mappings.right(by.index()) != Right.WRITE) {
            refusal = failed(
                    FaultCause.READ_ONLY,
                    frames.writable()
                            ? "this mapping only reads"
                            : "only regions that any host may write can be published to (--writers any)");
        }
        if (refusal != null) {
            done.accept(refusal);
        } else {
            exchanges.add(patient(publishing(done)));
        }
    }

    /** Pulls what has changed at home; {@code done} gets the number of pages. */
    public void refresh(Mapping by, Consumer<ControlReply> done) {
        ControlReply refusal = refusal(by);
        if (refusal != null) {
            done.accept(refusal);
        } else {
            exchanges.add(patient(new RefreshExchange(this, false, done)));
        }
    }

    @Override
    public void force(Mapping by, long firstPage, int count, Consumer<ControlReply> done) {
        ControlReply refusal = refusal(by);
        if (refusal != null) {
            done.accept(refusal);
        } else if (!frames.writable()) {
            done.accept(ControlReply.ok()); // nothing here can have been changed
        } else {
            exchanges.add(patient(new PublishExchange(this, context.slow(), firstPage, firstPage + count, published -> {
                if (published.status() == LocalStatus.OK) {
                    exchanges.add(patient(new ForceExchange(this, done)));
                } else {
                    done.accept(published);
                }
            })));
        }
    }

    @Override
    public boolean forcesInParts() {
        return false; // other threads look for changes, and home is to be asked once
    }

    private ControlReply refusal(Mapping by) {
        if (by.isGone()) {
            return failed(FaultCause.CLOSED, FaultCause.CLOSED.text());
        }
        if (deleted) {
            return failed(FaultCause.UNKNOWN_REGION, "it has been deleted");
        }
        return filling().isDone()
                ? null
                : ControlReply.failed(LocalStatus.BUSY, "region " + record().name() + " is not filled yet");
    }

    /** Whether programs can use the frames and home can be spoken to about them. */
    boolean isInUse() {
        return filling().isDone() && !deleted;
    }

    PublishExchange publishing(Consumer<ControlReply> done) {
        return new PublishExchange(this, context.slow(), 0, pages(), done);
    }

    ControlReply failed(FaultCause cause, String text) {
        return ControlReply.failed(ClientCalls.statusOf(cause), "region " + record().name() + ": " + text);
    }

    /** The version that the frames have, in the count of the claim with this epoch; 0 when that count is another. */
    long versionHeld(long epoch) {
        return epoch == versionEpoch ? version : 0;
    }

    void holdsVersion(long newest, long epoch) {
        version = newest;
        versionEpoch = epoch;
    }

    // ---- the circuit ---------------------------------------------------------------------------------------------

    @Override
    int sharingType() {
        return CallPolicy.preloadedType(record());
    }

    @Override
    boolean isUp() {
        return up;
    }

    @Override
    void circuitUp(int circuitId) {
        up = true;
        counters.circuitsUp++;
        exchanges.circuitUp();
    }

    @Override
    void circuitFailed(FaultCause cause) {
        noCircuit = why(cause);
        exchanges.circuitFailed(cause);
    }

    @Override
    void circuitLost(FaultCause cause) {
        up = false;
        counters.circuitsLost++;
        noCircuit = why(cause);
        exchanges.circuitLost();
    }

    /** What is known about the last attempt to set a circuit up. */
    String whyNoCircuit() {
        return noCircuit;
    }

    void hangUp(FaultCause cause) {
        up = false;
        calls().hangUp(cause.code());
    }

    @Override
    void circuitMoved(long now) {
        exchanges.moved();
    }

    @Override
    void circuitWritable() {
        exchanges.writable();
    }

    @Override
    boolean rightsNeedLease() {
        return false;
    }

    @Override
    void leaseMoved(long endBootNs) {
        // No right of a preloaded mapping depends on the circuit.
    }

    @Override
    String message(int type, ByteBuf bytes, int at, int length) {
        return type == PeerLayout.LOST ? lost(bytes, at, length) : exchanges.message(type, bytes, at, length);
    }

    // ---- programs ------------------------------------------------------------------------------------------------

    /** Should not happen: the initial right holds for every page and is never taken away. */
    @Override
    public void fault(Mapping mapping, int line, int requestId, long page, int wanted) {
        counters.faults++;
        Right most = mappings.right(mapping.index());
        if (page < 0 || page >= pages()) {
            fail(mapping.index(), line, requestId, page, FaultCause.OUT_OF_RANGE.code());
        } else if (wanted > most.code()) {
            fail(mapping.index(), line, requestId, page, FaultCause.READ_ONLY.code());
        } else {
            grant(mapping.index(), line, requestId, page, 1, most, ++sequence);
        }
    }

    @Override
    public void lineLost(Mapping mapping, int line) {
        // A fault is answered at once; nobody waits on a line.
    }

    @Override
    public void revoked(Mapping mapping, long sequenceNumber) {
        // Nothing is ever revoked.
    }

    // ---- time, end -----------------------------------------------------------------------------------------------

    @Override
    protected void onTick(long now) {
        losses().tick();
        calls().beat();
        exchanges.tick(now);
        periodic.tick(now, mappings);
    }

    @Override
    public void deleted() {
        if (isClosed() || deleted) {
            return;
        }
        deleted = true;
        String text = "region " + record().name() + " has been deleted";
        explain(FaultCause.UNKNOWN_REGION, text);
        exchanges.endAll(FaultCause.UNKNOWN_REGION, text);
    }

    /** Sends home what was changed first; nobody waits for what would still come from there. */
    @Override
    public void shutDown(Consumer<Boolean> done) {
        exchanges.endUnneeded(STOPPING);
        onShutDown = done;
        ended = new Leaving.Report(LocalLayout.LEAVING_HOME, 0, 0, new PageRanges(), "");
        if (!isClosed() && isInUse() && mappings.anyWrites()) {
            exchanges.add(lastPublish(null));
        }
        if (isClosed() || exchanges.isIdle()) {
            endShutDown();
        }
    }

    @Override
    Leaving.Report outcome() {
        return onShutDown == null && !stopped ? null : ended;
    }

    @Override
    public void giveUp(String why) {
        if (onShutDown != null) {
            exchanges.endAll(FaultCause.CLOSED, why);
        }
    }

    private void endShutDown() {
        Consumer<Boolean> done = onShutDown;
        if (done != null) {
            onShutDown = null;
            stopped = true;
            try {
                close();
            } finally {
                done.accept(!leftBehind);
            }
        }
    }

    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        super.close();
        exchanges.endAll(FaultCause.CLOSED, STOPPING);
        up = false;
        calls().close(true);
        context.directory().unwatch(record().id(), this);
        frames.close();
        onClosed.accept(this);
    }
}
