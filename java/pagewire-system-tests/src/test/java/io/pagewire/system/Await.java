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

    /** The exit code of a process; one that does not end is killed, and the test fails. */
    static int exitOf(Process process) throws InterruptedException {
        if (!FairClock.ends(process, LONG)) {
            String what = process.info().commandLine().orElse("a process");
            process.destroyForcibly();
            throw new AssertionError(what + " has not ended after " + LONG);
        }
        return process.exitValue();
    }

    /** Looks every 20 ms. */
    static ConditionFactory until(String what) {
        return Awaitility.await(what)
                .forever()
                .failFast(what + " is still waited for after " + LONG, FairClock.over(LONG))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20));
    }
}
