package io.pagewire.daemon.stream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.pagewire.core.Cause;
import io.pagewire.core.stream.StreamHub;
import io.pagewire.core.stream.StreamPort;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.local.StreamSide;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.StreamReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One frame stream on this host: its slots, its consumer programs, and the timer of its deadlines. Turns what programs say into
 * events of the hub and the hub's decisions into messages. What fills the slots is the business of the two kinds of it.
 *
 * <p>The slots are closed when no program has an end of the stream any more, so a descriptor that is on its way to a program stays
 * what it is.
 *
 * <p>Belongs to the stream's event loop; {@link #record()} and {@link #loop()} may be read by any thread.
 */
public abstract class StreamRuntime implements StreamSide, StreamPort {
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
    private final LocalSink[] consumers = new LocalSink[MOST_SINKS];
    private ScheduledFuture<?> ticker;
    private long movedNs = System.nanoTime();
    private int droppedCount;
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
        ticker = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        try {
            hub.tick(System.nanoTime());
            onTick();
        } catch (RuntimeException e) {
            LOG.error("the timer of stream {} failed", record.name(), e);
        }
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
        if (!process.hold()) {
            return ControlReply.failed(LocalStatus.INTERNAL, "the process has ended");
        }
        StreamEnd end = new StreamEnd(context.newToken(), process, this, sink);
        consumers[sink] = new LocalSink(end, latest);
        return opened(end, memory.readOnlyDescriptor(), latest ? StreamReply.FLAG_LATEST : 0);
    }

    final ControlReply opened(StreamEnd end, int descriptor, int flags) {
        table.register(end);
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
            if (consumers[i] == null) {
                return i;
            }
        }
        return -1;
    }

    final boolean hasConsumer(int sink) {
        return consumers[sink] != null;
    }

    final StreamTable table() {
        return table;
    }

    final List<LocalSink> consumers() {
        List<LocalSink> present = new ArrayList<>();
        for (LocalSink consumer : consumers) {
            if (consumer != null) {
                present.add(consumer);
            }
        }
        return present;
    }

    @Override
    public void attached(StreamEnd end) {
        LocalSink consumer = consumers[end.sink()];
        consumer.joined = true;
        int credit = consumer.latest ? 0 : StreamHub.UNLIMITED;
        hub.addSink(end.sink(), consumer.latest, false, credit, dropMs() * MS, System.nanoTime());
    }

    @Override
    public final String next(StreamEnd end) {
        LocalSink consumer = consumers[end.sink()];
        if (!consumer.latest) {
            hub.finished(end.sink(), System.nanoTime());
            return null;
        }
        if (consumer.asked) {
            return "a second NEXT before the answer to the first";
        }
        consumer.asked = true;
        hub.credit(end.sink(), 1, System.nanoTime());
        return null;
    }

    @Override
    public final String released(StreamEnd end, int slot) {
        return hub.released(end.sink(), slot, System.nanoTime());
    }

    @Override
    public final String cancel(StreamEnd end, int request) {
        LocalSink consumer = consumers[end.sink()];
        if (!consumer.latest) {
            return "CANCEL from a consumer that is sent every frame";
        }
        consumer.asked = false;
        hub.cancel(end.sink(), System.nanoTime());
        end.cancelled(request);
        return null;
    }

    @Override
    public void closed(StreamEnd end) {
        forget(end);
        LocalSink consumer = consumers[end.sink()];
        consumers[end.sink()] = null;
        if (consumer.joined) {
            hub.removeSink(end.sink(), false, System.nanoTime());
        }
    }

    final void forget(StreamEnd end) {
        end.end();
        table.forget(end);
        end.process().release();
    }

    /** Ends what a program was given that closed its control connection before it opened the sockets. */
    void dropUnused(LocalProcess process) {
        for (LocalSink consumer : consumers()) {
            if (consumer.end.process() == process && !consumer.end.isAttached()) {
                closed(consumer.end);
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
        LocalSink consumer = consumers[sink];
        consumer.asked = false;
        consumer.delivered++;
        consumer.end.frame(slot, number, timeNs, length);
    }

    @Override
    public void stalled(int sink) {
        throw new IllegalStateException("sink " + sink + " of stream " + record.name() + " is no circuit");
    }

    @Override
    public void end(int sink, int cause) {
        consumers[sink].over = true;
        consumers[sink].end.ended(cause, hub.lastNumber());
    }

    @Override
    public void dropped(int sink, long heldUpNs) {
        LocalSink consumer = consumers[sink];
        String text = consumer.name() + " on host " + context.host() + " held stream " + record.name() + " up for "
                + heldUpNs / MS + " ms (" + dropMs() + " ms are allowed) and was dropped; make it faster, raise the"
                + " producer's drop deadline, or subscribe with --latest";
        LOG.warn("{}", text);
        droppedCount++;
        consumer.dropped = text;
        consumer.over = true;
        consumer.end.ended(Cause.TOO_SLOW, hub.lastNumber());
    }

    @Override
    public final void renew(int slot) {
        try {
            memory.renew(slot);
        } catch (IOException e) {
            LOG.error("stream {}: a slot cannot be given new memory; the stream ends", record.name(), e);
            unusable = true;
            loop.execute(
                    () -> sourceFailed(Cause.NO_MEMORY, "its slots cannot be given new memory: " + e.getMessage()));
        }
    }

    @Override
    public void drained() {
        throw new IllegalStateException("nobody drains stream " + record.name() + " here");
    }

    /** Consumers that were dropped because they held the producer up, programs of this host and at home also hosts. */
    int droppedCount() {
        return droppedCount;
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
        LocalSink consumer = end.isProducer() ? null : consumers[end.sink()];
        if (cause == FaultCause.TOO_SLOW && consumer != null && consumer.dropped != null) {
            return consumer.dropped;
        }
        return cause == FaultCause.DEADLINE ? sourceState() : explanations.of(cause);
    }

    // ---- end -----------------------------------------------------------------------------------------------------

    final boolean isClosed() {
        return closed;
    }

    /** Whether a consumer is there that has not been told the end. */
    final boolean hasOpenConsumers() {
        for (LocalSink consumer : consumers) {
            if (consumer != null && !consumer.over) {
                return true;
            }
        }
        return false;
    }

    final boolean hasConsumers() {
        return !consumers().isEmpty();
    }

    /** The daemon stops: tells everybody and ends. */
    final void shutDown() {
        if (closed) {
            return;
        }
        String reason = "dsmd on host " + context.host() + " is stopping";
        explanations.add(Cause.DAEMON_LOST, reason);
        for (LocalSink consumer : consumers()) {
            if (!consumer.over) {
                consumer.over = true;
                consumer.end.ended(Cause.DAEMON_LOST, hub.lastNumber());
            }
            forget(consumer.end);
        }
        shutDown(reason);
        close();
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
        memory.close();
        table.closed(this);
    }
}
