package io.pagewire.daemon.stream;

import io.netty.channel.EventLoop;
import io.pagewire.core.Cause;
import io.pagewire.core.stream.StreamHub;
import io.pagewire.core.stream.StreamPort;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.local.StreamSide;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.region.Stoppable;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.Reasons;
import io.pagewire.wire.StreamReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One frame stream on this host: its slots, its ends in programs, and the timer of its deadlines. Consumer programs are the same
 * wherever the producer is ({@link Consumers}); what fills the slots is the business of the two kinds of it.
 *
 * <p>The slots are closed when no program has an end of the stream any more, so a descriptor that is on its way to a program stays
 * what it is.
 *
 * <p>Belongs to the stream's event loop; {@link #record()} and {@link #loop()} may be read by any thread.
 */
public abstract class StreamRuntime implements StreamSide, StreamPort, Stoppable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamRuntime.class);
    private static final int TICK_MS = 20;
    private static final long MS = 1_000_000L;

    /** Consumer programs and, at home, circuits that a stream may have on one host. */
    static final int MOST_SINKS = 64;

    protected final RegionContext context;
    protected final StreamMemory memory;
    protected final StreamHub hub;
    protected final Explanations explanations = new Explanations();
    private final RegionRecord record;
    private final EventLoop loop;
    private final StreamTable table;
    private final int frames;
    private final Consumers consumers;
    private ScheduledFuture<?> ticker;
    private final ProgramWatch watch = new ProgramWatch(this);
    private long movedNs = System.nanoTime();
    private boolean unusable;
    private boolean closed;

    /** @param memory of {@code frames + MOST_SINKS} slots; closed with this */
    StreamRuntime(
            RegionContext context,
            RegionRecord record,
            EventLoop loop,
            StreamTable table,
            StreamMemory memory,
            int frames,
            boolean keeps) {
        this.context = context;
        this.record = record;
        this.loop = loop;
        this.table = table;
        this.memory = memory;
        this.frames = frames;
        this.hub = new StreamHub(this, frames, frames + MOST_SINKS, MOST_SINKS, keeps);
        this.consumers = new Consumers(this, hub, context.host());
    }

    public final RegionRecord record() {
        return record;
    }

    @Override
    public final EventLoop loop() {
        return loop;
    }

    final StreamHub hub() {
        return hub;
    }

    final StreamMemory memory() {
        return memory;
    }

    final int frames() {
        return frames;
    }

    /** Starts the timer; called once, on the loop. */
    void start() {
        ticker = Timers.every(loop, TICK_MS, "the timer of stream " + record.name(), this::tick);
        watch.start();
    }

    /** All ends in programs that are there. */
    List<StreamEnd> ends() {
        List<StreamEnd> ends = new ArrayList<>();
        consumers.all().forEach(consumer -> ends.add(consumer.end));
        return ends;
    }

    private void tick() {
        hub.tick(System.nanoTime());
        onTick();
    }

    /** Ends what has come to its end. */
    abstract void onTick();

    abstract boolean isHome();

    /** How long a lossless consumer may hold the producer up, ms. */
    abstract int dropMs();

    /** The source has to end, because a slot cannot be given to it. */
    abstract void sourceFailed(int cause, String reason);

    /** What the source is about, for a consumer that waits. */
    abstract String sourceState();

    // ---- programs ------------------------------------------------------------------------------------------------

    /** Makes an end for a consumer program and the answer that tells it everything. */
    public final ControlReply openConsumer(LocalProcess process, boolean latest) {
        int sink = freeSink();
        if (sink < 0) {
            return ControlReply.failed(
                    LocalStatus.LIMIT,
                    "stream " + record.name() + " has all " + MOST_SINKS + " consumers that it may have on host "
                            + context.host());
        }
        String crowded = consumers.crowded(latest, frames);
        if (crowded != null) {
            return ControlReply.failed(LocalStatus.LIMIT, crowded);
        }
        if (!process.hold()) {
            return ControlReply.failed(LocalStatus.INTERNAL, "the process has ended");
        }
        StreamEnd end = new StreamEnd(context.newToken(), process, this, sink);
        consumers.add(end, latest);
        return opened(end, memory.readOnlyDescriptor(), latest ? StreamReply.FLAG_LATEST : 0);
    }

    final ControlReply opened(StreamEnd end, int descriptor, int flags) {
        table.register(end);
        watch.opened(end);
        byte[] reply = StreamReplies.encode(
                record,
                end.token(),
                context.session(),
                memory.stride(),
                frames,
                frames + MOST_SINKS,
                dropMs(),
                flags | (isHome() ? StreamReply.FLAG_HOME : 0));
        return ControlReply.stream(reply, descriptor);
    }

    /** The number of a sink that nobody has, or -1. */
    int freeSink() {
        for (int i = 0; i < MOST_SINKS; i++) {
            if (consumers.get(i) == null) {
                return i;
            }
        }
        return -1;
    }

    final StreamTable table() {
        return table;
    }

    final Consumers consumers() {
        return consumers;
    }

    @Override
    public void attached(StreamEnd end) {
        consumers.attached(end);
    }

    @Override
    public final String next(StreamEnd end) {
        return consumers.next(end);
    }

    @Override
    public final String released(StreamEnd end, int slot) {
        return consumers.released(end, slot);
    }

    @Override
    public final String cancel(StreamEnd end, int request) {
        return consumers.cancel(end, request);
    }

    @Override
    public void closed(StreamEnd end) {
        forget(end);
        consumers.closed(end);
    }

    final void forget(StreamEnd end) {
        end.end();
        table.forget(end);
        end.process().release();
    }

    /** Ends what a program was given that closed its control connection before it opened the sockets. */
    void dropUnused(LocalProcess process) {
        for (StreamEnd end : ends()) {
            if (end.process() == process && !end.isAttached()) {
                closed(end);
            }
        }
    }

    // ---- what the hub decides ------------------------------------------------------------------------------------

    @Override
    public final void give(int slot) {
        moved();
        if (!unusable) {
            giveToSource(slot);
        }
    }

    abstract void giveToSource(int slot);

    @Override
    public void deliver(int sink, int slot, long number, int length, long timeNs) {
        consumers.deliver(sink, slot, number, length, timeNs);
    }

    @Override
    public void stalled(int sink) {
        throw new IllegalStateException("sink " + sink + " of stream " + record.name() + " is no circuit");
    }

    @Override
    public void end(int sink, int cause) {
        consumers.end(sink, cause);
    }

    @Override
    public void dropped(int sink, long heldUpNs) {
        consumers.dropped(sink, heldUpNs);
    }

    @Override
    public final void renew(int slot) {
        try {
            memory.renew(slot);
        } catch (IOException e) {
            LOG.error("stream {}: a slot cannot be given new memory; the stream ends", record.name(), e);
            unusable = true;
            loop.execute(() -> sourceFailed(Cause.NO_MEMORY, "its slots cannot be given new memory: " + Reasons.of(e)));
        }
    }

    @Override
    public void drained() {
        throw new IllegalStateException("nobody drains stream " + record.name() + " here");
    }

    /** Consumers that were dropped because they held the producer up, programs of this host and at home also hosts. */
    int droppedCount() {
        return consumers.droppedCount();
    }

    // ---- reasons -------------------------------------------------------------------------------------------------

    /** Something came from the source, or went to it. */
    final void moved() {
        movedNs = System.nanoTime();
    }

    /** How long nothing has come from the source or gone to it, ms. */
    final long restedMs() {
        return (System.nanoTime() - movedNs) / MS;
    }

    /** One line about what keeps this end waiting, or why it ended, as precise as is known. */
    public String why(StreamEnd end, FaultCause cause) {
        String dropped = end.isProducer() ? null : consumers.whyDropped(end, cause);
        if (dropped != null) {
            return dropped;
        }
        return cause == FaultCause.DEADLINE ? sourceState() : explanations.of(cause);
    }

    // ---- end -----------------------------------------------------------------------------------------------------

    final boolean isClosed() {
        return closed;
    }

    @Override
    public final String called() {
        return "stream " + record.name();
    }

    @Override
    public void shutDown(Consumer<Boolean> done) {
        try {
            shutDown();
        } finally {
            done.accept(true);
        }
    }

    @Override
    public void giveUp(String why) {
        // Nothing is waited for.
    }

    /** The daemon stops: tells everybody and ends at once. */
    final void shutDown() {
        if (closed) {
            return;
        }
        endConsumers();
        shutDown(stopReason());
        close();
    }

    final String stopReason() {
        return "dsmd on host " + context.host() + " is stopping";
    }

    /** Programs of this host have what they were sent, and the end comes behind it. */
    final void endConsumers() {
        explanations.add(Cause.DAEMON_LOST, stopReason());
        consumers.endAll(Cause.DAEMON_LOST);
    }

    /** Tells the source, and whoever else is there. */
    abstract void shutDown(String reason);

    /** Nobody has an end any more: nothing of it is left. */
    final void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (ticker != null) {
            ticker.cancel(false);
        }
        watch.stop();
        memory.close();
        table.closed(this);
    }
}
