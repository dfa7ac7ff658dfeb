package io.pagewire.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What HotSpot says about a thread that has an exception in place, before JDK 20. */
@Timeout(60)
class UnnoticedTest {
    private static final int NATIVE_MS = 3000;

    @BeforeAll
    static void calibrate() {
        assertThat(Native.calibrate(Thread.currentThread())).isTrue();
    }

    /** A thread that is in C for a while, where it notices nothing. */
    private static Thread inNativeCode() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            begun.countDown();
            Native.untoldAwait(NATIVE_MS);
        });
        thread.start();
        begun.await();
        while (!Native.stack(thread)[0].isNativeMethod()) {
            Thread.onSpinWait();
        }
        return thread;
    }

    @Test
    @SuppressWarnings("deprecation")
    void shouldSeeThatAThreadHasNotNoticedItsException() throws Exception {
        assumeTrue(Runtime.version().feature() < 20, "from JDK 20 on the JVM does not say");
        assertThat(Native.knowsUnnoticed()).isTrue();
        Thread thread = inNativeCode();
        assertThat(Native.failureUnnoticed(thread, 0, 0, new long[0])).isFalse();
        thread.stop();
        assertThat(Native.failureUnnoticed(thread, 0, 0, new long[0])).isTrue();
        thread.join();
        assertThat(Native.failureUnnoticed(thread, 0, 0, new long[0])).isFalse();
    }

    @Test
    void shouldSayNothingWhereTheJvmDoesNot() {
        assumeTrue(Runtime.version().feature() >= 20);
        assertThat(Native.knowsUnnoticed()).isFalse();
    }
}
