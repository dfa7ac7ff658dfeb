package io.pagewire.system;

import io.pagewire.testkit.FairClock;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * Bounded waits for things that other processes do. The bound is far above what they take, and counts what a thread of this
 * machine gets of a processor, not seconds on the wall; it only ends a test that would hang.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Await {
    static final Duration LONG = Duration.ofSeconds(60);

    private Await() {}

    /** Looks every 20 ms. */
    static ConditionFactory until(String what) {
        return Awaitility.await(what)
                .forever()
                .failFast(what + " is still waited for after " + LONG, FairClock.over(LONG))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20));
    }
}
