package io.pagewire.daemon.stream;

import io.netty.channel.EventLoop;
import io.pagewire.core.Cause;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream whose producer is a program of this host. It exists as long as its producer, and then until what was filled is
 * drained or nobody wants it any more; its record in the directory goes when everybody has been told the end (SPEC: V12).
 *
 * <p>Belongs to the stream's event loop.
 */
public final class HomeStream extends StreamRuntime implements CircuitServer.Home {
    private static final Logger LOG = LoggerFactory.getLogger(HomeStream.class);

    private static final long MS = 1_000_000L;

    private final int dropMs;
    private final StreamCalls calls;
    private final HomeProducer producer;
    private OwnerRecord claim;
    private HomeStreamEnd end;
    private boolean ended;
    private int endCause;
    private long endedNs;

    /** Whoever takes the name away does so on another thread. */
    private volatile boolean recordGone;

    HomeStream(
            RegionContext context,
            RegionRecord record,
            EventLoop loop,
            StreamTable table,
            StreamMemory memory,
            int frames,
            boolean discard,
            int dropMs,
            OwnerRecord claim,
            LocalProcess by) {
        super(context, record, loop, table, memory, frames, !discard);
        this.dropMs = dropMs;
        this.claim = claim;
        this.calls = new StreamCalls(this, context);
        this.producer = new HomeProducer(hub, by, context.host());
    }

    /** Makes the producer's end and the answer that tells it everything. Once, before anything else. */
    ControlReply openProducer(LocalProcess process) {
        if (!process.hold()) {
            ended = true;
            return ControlReply.failed(LocalStatus.INTERNAL, "the process has ended");
        }
        StreamEnd end = new StreamEnd(context.newToken(), process, this, StreamEnd.PRODUCER);
        producer.opened(end);
        return opened(end, memory.descriptor(), 0);
    }

    @Override
    boolean isHome() {
        return true;
    }

    @Override
    int dropMs() {
        return dropMs;
    }

    long epoch() {
        return claim.epoch();
    }

    /** The claim was made anew. Circuits of the earlier one go on: nobody else has had the stream meanwhile. */
    public void claimed(OwnerRecord anew) {
        claim = anew;
    }

    /** As users are told: program, pid and host. */
    public String producerName() {
        return producer.name();
    }

    HomeProducer producer() {
        return producer;
    }

    StreamCalls calls() {
        return calls;
    }

    /** Whether something can still come for who subscribes now. */
    public boolean takesConsumers() {
        return !isClosed() && (!ended || endCause == 0 && producer.end() != null && hub.kept() > 0);
    }

    /** Whether the producer is done or lost, so that another one may have the name. */
    public boolean isEnded() {
        return ended;
    }

    @Override
    int freeSink() {
        for (int i = 0; i < MOST_SINKS; i++) {
            if (calls.get(i) == null && consumers().get(i) == null) {
                return i;
            }
        }
        return -1;
    }

    // ---- the producer --------------------------------------------------------------------------------------------

    @Override
    public void attached(StreamEnd end) {
        if (!end.isProducer()) {
            super.attached(end);
        } else if (!ended) {
            producer.joined();
        } else {
            end.ended(endCause, hub.lastNumber()); // taken away before it came
        }
    }

    @Override
    public String filled(StreamEnd from, int slot, long length, long timeNs) {
        if (ended) {
            return null; // it has been told, and had not read it yet
        }
        if (length > record().size()) {
            return "a frame of " + length + " bytes; the stream's have at most " + record().size();
        }
        moved();
        return hub.filled(slot, (int) length, timeNs, System.nanoTime());
    }

    @Override
    public void waiting(StreamEnd from) {
        producer.waits();
    }

    @Override
    public void drain(StreamEnd from, int request) {
        producer.drain(request);
    }

    @Override
    public void drained() {
        producer.drained();
    }

    @Override
    public void finish(StreamEnd from) {
        sourceEnds(0);
    }

    @Override
    public void closed(StreamEnd end) {
        if (!end.isProducer()) {
            super.closed(end);
            return;
        }
        forget(end);
        producer.gone();
        if (!ended) {
            String text = producer.name() + " ended without finishing stream " + record().name();
            LOG.info("{}", text);
            explanations.add(Cause.PRODUCER_LOST, text);
            sourceEnds(Cause.PRODUCER_LOST);
        }
    }

    private void sourceEnds(int cause) {
        if (!ended) {
            ended = true;
            endCause = cause;
            endedNs = System.nanoTime();
            hub.sourceEnded(cause, System.nanoTime());
        }
    }

    @Override
    void giveToSource(int slot) {
        producer.give(slot);
    }

    /** Ends the stream against the producer's will: nothing more comes, and everybody is told why. */
    public void endBy(FaultCause cause, String reason) {
        if (!ended && !isClosed()) {
            LOG.warn("stream {} ends: {}", record().name(), reason);
            explanations.add(cause.code(), reason);
            sourceEnds(cause.code());
            producer.told(cause.code());
        }
    }

    @Override
    void sourceFailed(int cause, String reason) {
        endBy(FaultCause.of(cause), reason);
    }

    @Override
    List<StreamEnd> ends() {
        List<StreamEnd> ends = super.ends();
        if (producer.end() != null) {
            ends.add(producer.end());
        }
        return ends;
    }

    // ---- other hosts ---------------------------------------------------------------------------------------------

    @Override
    public void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
        calls.call(circuit, setup, circuitId, incarnation, epoch);
    }

    @Override
    public void deliver(int sink, int slot, long number, int length, long timeNs) {
        StreamCalls.Host host = calls.get(sink);
        if (host == null) {
            super.deliver(sink, slot, number, length, timeNs);
        } else {
            host.delivered++;
            host.sink.deliver(slot, number, length, timeNs);
        }
    }

    @Override
    public void stalled(int sink) {
        calls.get(sink).sink.stalled();
    }

    @Override
    public void end(int sink, int cause) {
        StreamCalls.Host host = calls.get(sink);
        if (host == null) {
            super.end(sink, cause);
        } else {
            host.over = true;
            host.sink.end(cause, cause == 0 ? "the stream has ended" : explanations.of(FaultCause.of(cause)));
        }
    }

    @Override
    public void dropped(int sink, long heldUpNs) {
        if (calls.get(sink) == null) {
            super.dropped(sink, heldUpNs);
        } else {
            calls.dropped(sink, heldUpNs);
        }
    }

    @Override
    int droppedCount() {
        return super.droppedCount() + calls.droppedCount();
    }

    // ---- reasons -------------------------------------------------------------------------------------------------

    @Override
    public String why(StreamEnd end, FaultCause cause) {
        return end.isProducer() && cause == FaultCause.DEADLINE
                ? new HeldUp(this, calls, context.host()).text(producer.waitingSinceNs())
                : super.why(end, cause);
    }

    @Override
    String sourceState() {
        return ended
                ? "the stream has ended, and what is left of it comes"
                : producer.name() + " has not swapped a frame for " + restedMs() + " ms";
    }

    // ---- end -----------------------------------------------------------------------------------------------------

    @Override
    void onTick() {
        producer.tick(System.nanoTime());
        if (end != null) {
            end.tick(System.nanoTime());
            return;
        }
        if (!ended) {
            return;
        }
        boolean kept = producer.end() != null && takesConsumers();
        boolean latestToo =
                System.nanoTime() - endedNs < dropMs * MS; // they may not ask again for as long as they like
        if (!kept && !calls.hasOpen(latestToo) && !consumers().hasOpen(latestToo)) {
            table().over(this);
            if (producer.end() == null && calls.isEmpty() && consumers().isEmpty()) {
                close();
            }
        }
    }

    /** Whether the stream has its name still. Any thread. */
    public boolean hasRecord() {
        return !recordGone;
    }

    /** True for the first who asks, who has to delete the record in the directory. Any thread. */
    public synchronized boolean takeRecord() {
        boolean first = !recordGone;
        recordGone = true;
        return first;
    }

    /** What was swapped here goes to other hosts first, as long as they get on with it. */
    @Override
    public void shutDown(Consumer<Boolean> done) {
        if (isClosed() || !calls.hasOpen(false)) {
            table().over(this);
            super.shutDown(done);
            return;
        }
        endConsumers();
        end = new HomeStreamEnd(this, context.settings().deadlines().stallMs(), System.nanoTime(), complete -> {
            table().over(this);
            super.shutDown(closed -> done.accept(complete));
        });
        if (!ended) {
            explanations.add(Cause.PRODUCER_LOST, stopReason());
            producer.told(Cause.DAEMON_LOST);
            sourceEnds(Cause.PRODUCER_LOST);
        }
    }

    @Override
    public void giveUp(String why) {
        if (end != null) {
            end.giveUp(why);
        }
    }

    @Override
    void shutDown(String reason) {
        ended = true;
        StreamEnd program = producer.end();
        if (program != null) {
            producer.told(Cause.DAEMON_LOST);
            forget(program);
            producer.gone();
        }
        calls.endAll(Cause.PRODUCER_LOST, reason); // no cause for which they would call again
    }
}
