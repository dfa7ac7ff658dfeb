package io.pagewire.system;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * Bounded waits for things that other processes do. The bound is far above what they take; it only ends a test that would hang.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Await {
    static final Duration LONG = Duration.ofSeconds(60);

    private Await() {}

    /** Looks every 20 ms. */
    static ConditionFactory until(String what) {
        return Awaitility.await(what).atMost(LONG).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(20));
    }
}
