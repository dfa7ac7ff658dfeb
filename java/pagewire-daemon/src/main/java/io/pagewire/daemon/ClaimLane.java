package io.pagewire.daemon;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the claims that are made after a session has expired to a bounded number at a time: each has a deadline, which those at the
 * end of a long row would miss if all began at once. One that takes long has its place until then, and the others go on.
 *
 * <p>Safe for use by any thread.
 */
final class ClaimLane {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimLane.class);
    static final int WIDTH = 256;

    private final Queue<Supplier<CompletableFuture<?>>> waiting = new ArrayDeque<>();
    private int underWay;
    private boolean beginning;

    /** Begins the claim as soon as it is its turn, perhaps at once. */
    void run(Supplier<CompletableFuture<?>> claim) {
        synchronized (this) {
            waiting.add(claim);
        }
        begin();
    }

    private void begin() {
        synchronized (this) {
            if (beginning) {
                return; // whoever does that takes this one too
            }
            beginning = true;
        }
        for (Supplier<CompletableFuture<?>> next = next(); next != null; next = next()) {
            begun(next).whenComplete((done, failure) -> {
                synchronized (this) {
                    underWay--;
                }
                begin();
            });
        }
    }

    /** A claim that cannot even begin gives its place back: the others wait for it. */
    private static CompletableFuture<?> begun(Supplier<CompletableFuture<?>> claim) {
        try {
            return claim.get();
        } catch (RuntimeException e) {
            LOG.error("a claim could not be begun", e);
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Null, and nobody begins any more, when there is none or no room. */
    private synchronized Supplier<CompletableFuture<?>> next() {
        if (underWay == WIDTH || waiting.isEmpty()) {
            beginning = false;
            return null;
        }
        underWay++;
        return waiting.remove();
    }
}
