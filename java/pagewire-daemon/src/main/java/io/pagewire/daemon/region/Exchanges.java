package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.wire.FaultCause;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The exchanges of a preloaded region with its home, one at a time in the order they were asked for. Has the circuit set up when
 * it is needed, again and again until the deadline of the exchange that waits for it.
 *
 * <p>Belongs to the region's event loop.
 */
final class Exchanges {
    private static final long RETRY_NS = 100_000_000L;

    private final PreloadedRuntime region;
    private final long deadlineNs;
    private final Deque<Exchange> waiting = new ArrayDeque<>();
    private Exchange current;
    private boolean running;
    private boolean calling;
    private long callAtNs;

    /** @param deadlineNs an exchange that has not come further for so long fails */
    Exchanges(PreloadedRuntime region, long deadlineNs) {
        this.region = region;
        this.deadlineNs = deadlineNs;
    }

    boolean isIdle() {
        return current == null;
    }

    void add(Exchange exchange) {
        waiting.add(exchange);
        next();
    }

    private void next() {
        while (current == null && !waiting.isEmpty()) {
            current = waiting.poll();
            current.progress();
            if (region.isUp()) {
                run();
            } else {
                call();
            }
        }
    }

    private void run() {
        running = true;
        ClientCircuit circuit = region.circuit();
        current.begin(circuit.circuit(), circuit.owner().epoch());
    }

    private void call() {
        if (!calling) {
            calling = true;
            region.calls().resolve();
        }
    }

    void circuitUp() {
        calling = false;
        if (current != null) {
            run();
        }
    }

    void circuitFailed(FaultCause cause) {
        calling = false;
        if (current != null && isFinal(cause)) {
            fail(cause, region.why(cause));
        }
        callAtNs = System.nanoTime() + RETRY_NS;
    }

    private static boolean isFinal(FaultCause cause) {
        return switch (cause) {
            case REFUSED, READ_ONLY, UNKNOWN_REGION, DATA_LOST, FILE_ERROR, PROTOCOL -> true;
            default -> false;
        };
    }

    /** A part of a long message has moved on the circuit. */
    void moved() {
        if (running) {
            current.progress();
        }
    }

    /** More may be sent on the circuit. */
    void writable() {
        if (running) {
            current.writable();
        }
    }

    /** The exchange under way begins anew as soon as there is a circuit again. */
    void circuitLost() {
        if (current != null && running) {
            running = false;
            current.stop();
            callAtNs = System.nanoTime();
        }
    }

    /** The exchange under way is over. */
    void ended(Exchange exchange, ControlReply outcome) {
        if (exchange != current) {
            return;
        }
        current = null;
        running = false;
        exchange.tell(outcome);
        next();
        if (current == null) {
            region.exchangesIdle();
        }
    }

    void fail(FaultCause cause, String text) {
        region.counters().failures++;
        ended(current, region.failed(cause, text));
    }

    void tick(long now) {
        if (current == null) {
            return;
        }
        long patienceNs = current.patienceNs() == 0 ? deadlineNs : current.patienceNs();
        if (now - current.progressNs() >= patienceNs) {
            giveUp(patienceNs);
        } else if (!running && !calling && now - callAtNs >= 0) {
            call();
        }
    }

    private void giveUp(long patienceNs) {
        if (running) {
            current.stop();
            region.hangUp(FaultCause.DEADLINE);
            fail(FaultCause.DEADLINE, "nothing more has come of it for " + patienceNs / 1_000_000 + " ms");
        } else {
            fail(FaultCause.OWNER_LOST, region.whyNoCircuit());
        }
    }

    String message(int type, ByteBuf bytes, int at, int length) {
        return running ? current.message(type, bytes, at, length) : "message of type " + type + " that answers nothing";
    }

    /** No program maps the region any more, or will: ends what only they needed. */
    void endUnneeded(String text) {
        waiting.removeIf(exchange -> {
            boolean ends = !exchange.outlivesMappings();
            if (ends) {
                exchange.tell(region.failed(FaultCause.CLOSED, text));
            }
            return ends;
        });
        if (current != null && !current.outlivesMappings()) {
            stopCurrent(FaultCause.CLOSED, text);
        }
    }

    /** Ends all of them, with this cause. */
    void endAll(FaultCause cause, String text) {
        while (!waiting.isEmpty()) {
            waiting.poll().tell(region.failed(cause, text));
        }
        if (current != null) {
            stopCurrent(cause, text);
        }
    }

    /** Home goes on answering, so its circuit is given up with the exchange. */
    private void stopCurrent(FaultCause cause, String text) {
        current.stop();
        if (running) {
            region.hangUp(FaultCause.CLOSED);
        }
        fail(cause, text);
    }
}
