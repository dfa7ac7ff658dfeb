package io.pagewire.system.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.RegionEvent;
import io.pagewire.Subscription;
import io.pagewire.testkit.FairClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Upcalls. */
class ListenerIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static Pagewire pagewire;

    @BeforeAll
    static void start() {
        pagewire = Pagewire.embedded();
        pagewire.create("listened", 64 * 4096);
    }

    @AfterAll
    static void stop() {
        pagewire.close();
    }

    @Test
    void shouldTellOfFaultsFromADaemonThreadUntilTheSubscriptionEnds() {
        List<RegionEvent> events = new CopyOnWriteArrayList<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        try (Region region = pagewire.map("listened")) {
            try (Subscription subscription = region.addListener(event -> {
                thread.set(Thread.currentThread());
                events.add(event);
            })) {
                assertThat(subscription).isNotNull();
                region.putLong(5 * 4096, 1);
                await().forever()
                        .failFast(FairClock.over(SOON))
                        .until(() -> events.stream().anyMatch(ListenerIT::writeOfPage5));
            }
            int heard = events.size();
            AtomicReference<RegionEvent> later = new AtomicReference<>();
            try (Subscription other = region.addListener(later::set)) {
                assertThat(other).isNotNull();
                region.putLong(60 * 4096, 1);
                await().forever().failFast(FairClock.over(SOON)).until(() -> later.get() != null);
            }
            assertThat(events).hasSize(heard);
        }
        assertThat(thread.get().isDaemon()).isTrue();
        await().forever()
                .failFast(FairClock.over(SOON))
                .until(() -> !thread.get().isAlive());
    }

    private static boolean writeOfPage5(RegionEvent event) {
        return event.kind() == RegionEvent.Kind.WRITE
                && event.page() <= 5
                && event.page() + event.pageCount() > 5
                && event.kernelThread() > 0
                && !event.duration().isZero();
    }

    @Test
    void shouldHandListenerExceptionsToTheUncaughtHandlerAndGoOn() {
        AtomicReference<Throwable> uncaught = new AtomicReference<>();
        List<RegionEvent> events = new CopyOnWriteArrayList<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.set(e));
        try (Region region = pagewire.map("listened");
                Subscription bad = region.addListener(event -> {
                    throw new IllegalStateException("bad listener");
                });
                Subscription good = region.addListener(events::add)) {
            assertThat(List.of(bad, good)).doesNotContainNull();
            region.putLong(0, 1);
            await().dontCatchUncaughtExceptions()
                    .forever()
                    .failFast(FairClock.over(SOON))
                    .until(() -> !events.isEmpty());
            await().dontCatchUncaughtExceptions()
                    .forever()
                    .failFast(FairClock.over(SOON))
                    .until(() -> uncaught.get() != null);
            assertThat(uncaught.get()).hasMessage("bad listener");
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void shouldNotHangWhenAListenerClosesTheRegion() {
        Region region = pagewire.map("listened");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread[] closer = new Thread[1];
        region.addListener(event -> {
            closer[0] = Thread.currentThread();
            try {
                region.close();
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        region.putLong(30 * 4096, 1);
        await().forever().failFast(FairClock.over(SOON)).until(() -> closer[0] != null && !closer[0].isAlive());
        assertThat(thrown.get()).isNull();
    }
}
