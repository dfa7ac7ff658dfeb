package io.pagewire.daemon.stream;

import io.netty.channel.EventLoop;
import io.pagewire.core.stream.StreamHub;
import io.pagewire.core.stream.StreamPort;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The producer's host around real {@link HomeSink}s: a producer that fills a slot as soon as it is given one, with a content that
 * tells the frame's number at every byte; one client stream.
 *
 * <p>Belongs to its loop, where not said otherwise.
 */
final class TestHome implements CircuitServer.Exchange, CircuitServer.Home, HomeSink.Owner, StreamPort {
    static final int DROP_MS = 1500;
    private static final int SLOTS = 20;

    final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final int dropMs;
    private final EventLoop loop;
    private final long frameSize;
    private final StreamMemory memory;
    private final StreamHub hub;
    private final Random random = new Random(11);
    private final long frames;
    private final int endCause;
    private HomeSink sink;
    private Reason refusal;
    private long filled;
    private boolean stopped;

    /** @param frames so many are made, then the stream ends with this cause */
    TestHome(EventLoop loop, long frameSize, long frames, int endCause) throws IOException {
        this(loop, frameSize, frames, endCause, DROP_MS);
    }

    /** @param dropMs how long a circuit may break again and again without a whole frame in between */
    TestHome(EventLoop loop, long frameSize, long frames, int endCause, int dropMs) throws IOException {
        this.dropMs = dropMs;
        this.loop = loop;
        this.frameSize = frameSize;
        this.frames = frames;
        this.endCause = endCause;
        memory = StreamMemory.of("home", frameSize, 4, SLOTS, true);
        hub = new StreamHub(this, 4, SLOTS, 2, true);
        loop.execute(hub::start);
        loop.scheduleAtFixedRate(() -> hub.tick(System.nanoTime()), 50, 50, TimeUnit.MILLISECONDS);
    }

    static byte content(long number, int at) {
        return (byte) (number * 37 + at * 11L + (at >> 12));
    }

    static int length(Random random, long frameSize) {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> (int) frameSize;
            default -> random.nextInt((int) frameSize);
        };
    }

    HomeSink sink() {
        return sink;
    }

    void refuse(Reason reason) {
        refusal = reason;
    }

    /** Takes no calls any more. */
    void stop() {
        stopped = true;
        if (sink != null && sink.circuit() != null) {
            sink.circuit().abort("stopped");
        }
    }

    private void fill(int slot) {
        if (filled == frames) {
            hub.sourceEnded(endCause, System.nanoTime());
            return;
        }
        int length = length(random, frameSize);
        if (length > 0) {
            ByteBuffer bytes = memory.view(slot, 0, length);
            for (int at = 0; at < length; at++) {
                bytes.put(at, content(filled + 1, at));
            }
        }
        filled++;
        String problem = hub.filled(slot, length, filled, System.nanoTime());
        if (problem != null) {
            log.add("hub: " + problem);
        }
    }

    // ---- calls -----------------------------------------------------------------------------------------------------

    @Override
    public CircuitServer.Home home(int regionId) {
        return stopped ? null : this;
    }

    @Override
    public Reason whyNot(int regionId, String regionName) {
        return new Reason(FaultCause.OWNER_LOST, "stopped");
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
        circuit.bind(circuitId, incarnation, epoch);
        if (refusal != null) {
            circuit.sendLast(PeerLayout.REFUSE, refusal.cause().code(), refusal.text());
            return;
        }
        log.add("call after " + setup.resume());
        if (sink != null) {
            String problem = sink.resume(circuit, setup, frameSize, dropMs);
            if (problem != null) {
                log.add(problem);
                circuit.sendLast(PeerLayout.REFUSE, FaultCause.PROTOCOL.code(), problem);
            }
            return;
        }
        sink = new HomeSink(this, 0, circuit, setup);
        sink.accept(frameSize, dropMs);
        boolean latest = setup.sharingType() == PeerLayout.Setup.LATEST_STREAM;
        hub.addSink(0, latest, true, 0, dropMs * 1_000_000L, System.nanoTime());
    }

    @Override
    public StreamHub hub() {
        return hub;
    }

    @Override
    public StreamMemory memory() {
        return memory;
    }

    @Override
    public int homeMs() {
        return 90_000; // silence is tested elsewhere
    }

    @Override
    public void circuitLost(HomeSink which, String reason) {
        log.add("lost: " + reason);
    }

    @Override
    public void left(HomeSink which, String reason) {
        log.add("left: " + reason);
        hub.removeSink(which.sink(), which.hasBytesUnderway(), System.nanoTime());
    }

    // ---- the hub's wishes ------------------------------------------------------------------------------------------

    @Override
    public void give(int slot) {
        loop.execute(() -> fill(slot));
    }

    @Override
    public void deliver(int to, int slot, long number, int length, long timeNs) {
        sink.deliver(slot, number, length, timeNs);
    }

    @Override
    public void stalled(int which) {
        sink.stalled();
    }

    @Override
    public void end(int which, int cause) {
        sink.end(cause, "after frame " + hub.lastNumber());
    }

    @Override
    public void dropped(int which, long heldUpNs) {
        log.add("dropped");
        refusal = new Reason(FaultCause.TOO_SLOW, "held up");
        sink.close(FaultCause.TOO_SLOW.code(), "held up");
    }

    @Override
    public void renew(int slot) {
        try {
            memory.renew(slot);
        } catch (IOException e) {
            log.add("renew: " + e.getMessage());
        }
    }

    @Override
    public void drained() {}
}
