package io.pagewire.daemon.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What goes on, whatever is thrown. */
class TimersTest {
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger runs = new AtomicInteger();

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    private void every(Runnable task) {
        Timers.every(thread, 1, "a test", () -> {
            runs.incrementAndGet();
            task.run();
        });
    }

    @Test
    void shouldGoOnAfterAnError() {
        every(() -> {
            throw new OutOfMemoryError("planted, as Netty throws it when direct memory is used up");
        });
        await().until(() -> runs.get() > 3);
    }

    @Test
    void shouldGoOnAfterAnException() {
        every(() -> {
            throw new IllegalStateException("planted");
        });
        await().until(() -> runs.get() > 3);
    }

    @Test
    void shouldEndWhenItIsCancelled() throws Exception {
        ScheduledFuture<?> timer = Timers.every(thread, 1, "a test", runs::incrementAndGet);
        await().until(() -> runs.get() > 0);
        timer.cancel(false);
        thread.submit(() -> {}).get();
        int then = runs.get();
        thread.submit(() -> {}).get();
        assertThat(runs).hasValue(then);
        assertThat(timer.isCancelled()).isTrue();
    }
}
