package io.pagewire.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GateTest {
    private final Gate gate = new Gate();
    private final CountDownLatch end = new CountDownLatch(1);

    /** A thread that enters and does something else, as after an exception out of nowhere. */
    private void loseAThread() throws Exception {
        CompletableFuture<Boolean> entered = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            entered.complete(gate.enter());
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        assertThat(entered.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldCloseWhenAThreadWasTakenOutOfTheGate() throws Exception {
        loseAThread();
        assertThat(gate.close(() -> {})).isTrue();
        assertThat(gate.enter()).isFalse();
        assertThat(gate.close(() -> {})).isFalse();
        end.countDown();
    }

    @Test
    void shouldCloseWhenTheCallerWasTakenOutOfTheGate() {
        assertThat(gate.enter()).isTrue();
        assertThat(gate.close(() -> {})).isTrue();
    }

    @Test
    void shouldWaitForAThreadThatIsInACall() throws Exception {
        AtomicBoolean returned = new AtomicBoolean();
        CountDownLatch entered = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            gate.enter();
            entered.countDown();
            Native.untoldAwait(2500);
            returned.set(true);
            gate.leave();
        });
        thread.start();
        entered.await();
        assertThat(gate.close(() -> assertThat(returned).isTrue())).isTrue();
        thread.join();
    }

    @Test
    void shouldLetOneThreadOfManyCloseIt() throws Exception {
        AtomicBoolean released = new AtomicBoolean();
        CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(() -> gate.close(() -> released.set(true)));
        boolean first = gate.close(() -> released.set(true));
        assertThat(released).isTrue();
        assertThat(first ^ other.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldGiveTheTurnOnWhenAThreadWasTakenOutOfIt() throws Exception {
        Turn turn = new Turn();
        CountDownLatch taken = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            turn.take();
            taken.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        taken.await();
        turn.take();
        turn.give();
        end.countDown();
    }

    @Test
    void shouldKeepTheInterruptOfAThreadThatWaitsForItsTurn() throws Exception {
        Turn turn = new Turn();
        turn.take();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            turn.take();
            turn.give();
            flag.complete(Thread.currentThread().isInterrupted());
        });
        thread.start();
        assertThatThrownBy(() -> flag.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(Exception.class);
        turn.give();
        assertThat(flag.get(10, TimeUnit.SECONDS)).isTrue();
    }
}
