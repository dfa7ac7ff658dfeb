package io.pagewire.daemon.stream;

import io.netty.channel.EventLoop;
import io.pagewire.core.Cause;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lossless, or the latest, consumers on this host of a stream whose producer is on another host: one circuit brings the frames
 * into slots that they all share. It exists as long as it has consumers (SPEC: V12).
 *
 * <p>Belongs to the stream's event loop.
 */
final class ClientStream extends StreamRuntime implements Upstream.Events {
    private static final Logger LOG = LoggerFactory.getLogger(ClientStream.class);

    private final boolean latest;
    private final int user;
    private final Upstream upstream;
    private final List<Subscriber> subscribers = new ArrayList<>();
    private boolean up;
    private boolean ended;
    private int dropMs;
    private String downBecause;

    /** A program that waits for the first circuit to be up. */
    private record Subscriber(LocalProcess process, Consumer<ControlReply> answer) {}

    /** @param user for whom home is called */
    ClientStream(
            RegionContext context,
            RegionRecord record,
            EventLoop loop,
            StreamTable table,
            StreamMemory memory,
            int frames,
            boolean latest,
            int user) {
        super(context, record, loop, table, memory, frames, true);
        this.latest = latest;
        this.user = user;
        this.upstream = new Upstream(context, loop, record, latest, user, memory, this);
    }

    @Override
    void start() {
        super.start();
        upstream.connect();
    }

    @Override
    boolean isHome() {
        return false;
    }

    @Override
    int dropMs() {
        return dropMs;
    }

    boolean latest() {
        return latest;
    }

    Upstream upstream() {
        return upstream;
    }

    int user() {
        return user;
    }

    boolean isEnded() {
        return ended;
    }

    boolean isUp() {
        return up && !ended && downBecause == null;
    }

    /** Answers when the circuit is up, or cannot be had. False, with no answer, when this one is over and another is needed. */
    boolean subscribe(LocalProcess process, Consumer<ControlReply> answer) {
        if (isClosed() || ended) {
            return false;
        }
        if (up) {
            answer.accept(openConsumer(process, latest));
        } else {
            subscribers.add(new Subscriber(process, answer));
        }
        return true;
    }

    @Override
    void dropUnused(LocalProcess process) {
        super.dropUnused(process);
        for (Subscriber subscriber : List.copyOf(subscribers)) {
            if (subscriber.process() == process) {
                subscribers.remove(subscriber);
                subscriber.answer().accept(ControlReply.failed(LocalStatus.INTERNAL, "the program has gone"));
            }
        }
    }

    // ---- the circuit ---------------------------------------------------------------------------------------------

    @Override
    public void up(int homeDropMs) {
        up = true;
        dropMs = homeDropMs;
        hub.start();
        for (Subscriber subscriber : subscribers) {
            subscriber.answer().accept(openConsumer(subscriber.process(), latest));
        }
        subscribers.clear();
    }

    @Override
    public void filled(int slot, long number, int length, long timeNs) {
        moved();
        downBecause = null;
        String problem = hub.filled(slot, number, length, timeNs, System.nanoTime());
        if (problem != null) {
            LOG.warn("stream {}: {}; the circuit is given up", record().name(), problem);
            upstream.close(problem);
            ended(Cause.PROTOCOL, "the producer's host broke the protocol: " + problem);
        }
    }

    @Override
    public void stalled() {
        downBecause = null;
        hub.upstreamWaits(System.nanoTime());
        if (hub.isSourceWaiting() && hub.aside() >= MOST_SINKS) {
            LOG.warn(
                    "stream {}: consumers here: {}",
                    record().name(),
                    consumers().keepers());
        }
    }

    @Override
    public void down(FaultCause cause, String reason) {
        downBecause = reason;
        explanations.add(cause.code(), reason);
    }

    @Override
    public void ended(int cause, String reason) {
        if (ended) {
            return;
        }
        ended = true;
        table().ended(this);
        explanations.add(cause, reason);
        LOG.info("stream {}: nothing more comes: {}", record().name(), reason);
        for (Subscriber subscriber : subscribers) {
            subscriber
                    .answer()
                    .accept(ControlReply.failed(statusOf(cause), "stream " + record().name() + ": " + reason));
        }
        subscribers.clear();
        hub.sourceEnded(cause, System.nanoTime());
    }

    @Override
    void sourceFailed(int cause, String reason) {
        upstream.close(reason);
        ended(cause, reason);
    }

    /** A stream that nobody publishes now may be published later: programs ask again. */
    private static LocalStatus statusOf(int cause) {
        return switch (cause) {
            case 0, Cause.UNKNOWN_REGION, Cause.NO_OWNER, Cause.PRODUCER_LOST -> LocalStatus.UNKNOWN_REGION;
            case Cause.REFUSED, Cause.READ_ONLY -> LocalStatus.REFUSED;
            case Cause.DIRECTORY_UNREACHABLE -> LocalStatus.DIRECTORY_UNREACHABLE;
            case Cause.NO_MEMORY -> LocalStatus.LIMIT;
            case Cause.DEADLINE -> LocalStatus.TIMEOUT;
            default -> LocalStatus.OWNER_LOST;
        };
    }

    @Override
    void giveToSource(int slot) {
        upstream.give(slot);
    }

    // ---- producers are elsewhere ---------------------------------------------------------------------------------

    @Override
    public String filled(StreamEnd producer, int slot, long length, long timeNs) {
        throw noProducer();
    }

    @Override
    public void waiting(StreamEnd producer) {
        throw noProducer();
    }

    @Override
    public void drain(StreamEnd producer, int request) {
        throw noProducer();
    }

    @Override
    public void finish(StreamEnd producer) {
        throw noProducer();
    }

    private IllegalStateException noProducer() {
        return new IllegalStateException("stream " + record().name() + " has its producer on another host");
    }

    // ---- reasons and end -----------------------------------------------------------------------------------------

    @Override
    String sourceState() {
        if (ended) {
            return "the stream has ended, and what is left of it comes";
        }
        String host = upstream.peer() == null ? record().owner() : upstream.peer();
        return downBecause == null
                ? "no frame has come from the producer on host " + host + " for " + restedMs() + " ms"
                : "the circuit to host " + host + " is down: " + downBecause;
    }

    @Override
    void onTick() {
        if (consumers().isEmpty() && subscribers.isEmpty()) {
            shutDown("no program of host " + context.host() + " consumes the stream any more");
            close();
        }
    }

    @Override
    void shutDown(String reason) {
        if (!ended) {
            ended = true;
            table().ended(this);
            upstream.close(reason);
        }
        for (Subscriber subscriber : subscribers) {
            subscriber.answer().accept(ControlReply.failed(LocalStatus.OWNER_LOST, reason));
        }
        subscribers.clear();
    }
}
