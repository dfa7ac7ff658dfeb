package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.fuzz.Apparatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What home does for hosts that have its region preloaded, in turns between which the loop does other work. */
class HomeSyncTest {
    private static final int STEPS = 10_000;

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private HomeRuntime home;
    private int steps;

    /** Always has more to do, and never waits for anything. */
    private final class Busy extends SyncJob {
        Busy() {
            super(null);
        }

        @Override
        boolean goOn(long now) {
            if (++steps == STEPS) {
                home.sync().ended(this);
            }
            return true;
        }
    }

    @BeforeEach
    void open() throws Exception {
        home = new HomeRuntime(
                Apparatus.context(),
                Apparatus.region("a", true),
                loop.eventLoop(),
                MemorySource.create("synced", (long) Apparatus.PAGES * Apparatus.PAGE),
                Apparatus.owner("a"),
                false);
    }

    @AfterEach
    void close() {
        home.close();
        loop.runPendingTasks();
        loop.finishAndReleaseAll();
    }

    @Test
    void shouldLetOtherWorkOfTheLoopInBetween() {
        List<Integer> others = new ArrayList<>();
        home.sync().add(new Busy());
        int first = steps;
        for (int i = 0; i < 10; i++) {
            loop.eventLoop().execute(() -> others.add(steps));
            loop.runPendingTasks();
        }

        assertThat(first).isBetween(1, STEPS / 50);
        assertThat(others.get(0)).as("other work comes after one more turn").isLessThanOrEqualTo(2 * first);
        assertThat(steps).as("all is done in the end").isEqualTo(STEPS);
    }
}
