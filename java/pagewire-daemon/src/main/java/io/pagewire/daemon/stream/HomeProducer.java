package io.pagewire.daemon.stream;

import io.pagewire.core.stream.StreamHub;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.StreamEnd;

/**
 * The program that fills a home stream's slots: its end, while it is there, and what it waits for. What is said to one that is gone
 * goes nowhere.
 *
 * <p>Belongs to the stream's event loop; the program, its pid and the name may be read by any thread.
 */
final class HomeProducer {
    private static final long TELL_NS = 50_000_000L;

    private final StreamHub hub;
    private final String program;
    private final int pid;
    private final String name;
    private StreamEnd end;
    private boolean joined;
    private boolean draining;
    private int drainRequest;
    private long drainMoves;
    private long drainToldNs;
    private long waitingSinceNs;

    HomeProducer(StreamHub hub, LocalProcess process, String hostName) {
        this.hub = hub;
        this.program = process.program();
        this.pid = process.pid();
        this.name = "producer " + program + " (pid " + pid + ") on host " + hostName;
    }

    String program() {
        return program;
    }

    int pid() {
        return pid;
    }

    /** As users are told: program, pid and host. */
    String name() {
        return name;
    }

    /** Its end, null before it has one and after it has gone. */
    StreamEnd end() {
        return end;
    }

    void opened(StreamEnd opened) {
        end = opened;
    }

    /** Its socket is there: it gets its first slots. */
    void joined() {
        joined = true;
        hub.start();
    }

    void gone() {
        end = null;
    }

    void give(int slot) {
        if (end != null) {
            end.empty(slot);
        }
    }

    void waits() {
        waitingSinceNs = System.nanoTime();
        hub.sourceWaits(waitingSinceNs);
    }

    /** Since when it waits for a slot, if it does. */
    long waitingSinceNs() {
        return waitingSinceNs;
    }

    /** A program waits for one drain at a time: one that it asks for while another is open takes the place of that. */
    void drain(int request) {
        draining = true;
        drainRequest = request;
        drainMoves = hub.moves();
        drainToldNs = System.nanoTime();
        hub.drain(drainToldNs);
    }

    /** Says now and then that consumers get on. */
    void tick(long now) {
        if (draining && end != null && hub.moves() != drainMoves && now - drainToldNs >= TELL_NS) {
            drainMoves = hub.moves();
            drainToldNs = now;
            end.draining(drainRequest);
        }
    }

    void drained() {
        if (draining && end != null) {
            end.drained(drainRequest);
        }
        draining = false;
    }

    /** The stream has ended without its doing. One whose socket is still to come hears it then. */
    void told(int cause) {
        if (end != null && joined) {
            end.ended(cause, hub.lastNumber());
        }
    }
}
