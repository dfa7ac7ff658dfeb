package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Programs and daemons that are stopped (SIGSTOP) hold nobody up for longer than the deadlines, and read nothing stale. */
class StoppedProcessesIT extends FaultyHosts {
    @Test
    void shouldKillAStoppedReaderThatHoldsUpAWriteAndCompleteTheWrite() {
        share(16, 1);
        App stopped = cluster.app(b);
        stopped.ask("map", region);
        assertThat(stopped.askLong("get", region, 0)).isEqualTo(1);
        stopped.stop();

        onA.ask("put", region, 0, 2);

        assertThat(stopped.awaitExit()).as("exit code").isEqualTo(128 + 9);
        assertThat(onB.askLong("get", region, 0)).isEqualTo(2);
        assertThat(b.counter(region, "fences")).isEqualTo(1);
    }

    @Test
    void shouldKillAStoppedWriterThatHoldsUpAReader() {
        share(16, 1);
        App stopped = cluster.app(a);
        stopped.ask("map", region);
        stopped.ask("put", region, 3 * PAGE, 33);
        stopped.stop();

        assertThat(onB.askLong("get", region, 3 * PAGE)).isEqualTo(33);

        assertThat(stopped.awaitExit()).as("exit code").isEqualTo(128 + 9);
        onA.ask("put", region, 3 * PAGE, 34);
        assertThat(onB.askLong("get", region, 3 * PAGE)).isEqualTo(34);
    }

    @Test
    void shouldCompleteAWriteWhileAReadersDaemonIsStoppedAndTakeItsProgramsAccessByLease() {
        share(16, 1);
        b.stop();

        onA.ask("put", region, 0, 2);

        // Its daemon is stopped, its page is purged by the lease alone: the read waits for the daemon, or fails.
        CompletableFuture<String> read = onB.send("get", region, 0);
        App.await(onA.send("put", region, 0, 3));
        b.resume();
        assertThat(outcome(read)).isIn("2", "3", "failed");
        assertThat(onB.askLong("get-until", region, 0, TRY_MS)).isEqualTo(3);
    }

    @Test
    void shouldServeAgainWhenAStoppedOwnerGoesOn() {
        share(16, 1);
        onA.ask("put", region, 5 * PAGE, 5);
        a.stop();
        CompletableFuture<String> read = onB.send("get", region, 5 * PAGE);
        assertThat(failure(read).cause()).isIn("DEADLINE", "OWNER_LOST", "NO_OWNER");
        assertThat(outcome(onB.send("get", region, 0))).isIn("1", "failed");

        a.resume();

        assertThat(onB.askLong("get-until", region, 5 * PAGE, TRY_MS)).isEqualTo(5);
        onA.ask("get-until", region, 5 * PAGE, TRY_MS);
        onA.ask("put", region, 5 * PAGE, 6);
        assertThat(onB.askLong("get-until", region, 5 * PAGE, TRY_MS)).isEqualTo(6);
        assertThat(onB.askLong("get-until", region, 0, TRY_MS)).isEqualTo(1);
    }

    /** The value that was read, or "failed" for a page that could not be had. */
    private static String outcome(CompletableFuture<String> read) {
        try {
            return App.await(read);
        } catch (AppFailure e) {
            assertThat(e.type()).isEqualTo("PageFaultException");
            return "failed";
        }
    }
}
