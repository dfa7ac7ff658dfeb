package io.pagewire.daemon.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FrameBudgetsTest {
    private static final int PAGE = 4096;

    private final Queue<Runnable> loop = new ArrayDeque<>();
    private final FrameBudgets budgets = new FrameBudgets(64 * PAGE);

    /** A region that writes down what it is told. */
    private final class Region implements FrameBudgets.Tenant {
        final List<Integer> shrinks = new ArrayList<>();
        final FrameShare share;
        int woken;

        Region(int pageSize) {
            share = budgets.open(pageSize, loop::add, this);
        }

        @Override
        public void framesFree(long now) {
            woken++;
        }

        @Override
        public void shrink(int frames, long now) {
            shrinks.add(frames);
        }
    }

    private final Region a = new Region(PAGE);
    private final Region b = new Region(2 * PAGE);

    private int turn() {
        int tasks = loop.size();
        for (int i = 0; i < tasks; i++) {
            loop.remove().run();
        }
        return tasks;
    }

    @Test
    void shouldGiveFramesUpToTheBoundAndNoneBeyond() {
        assertThat(a.share.take(60)).isTrue();
        assertThat(b.share.take(3)).isFalse();
        assertThat(b.share.take(2)).isTrue();
        assertThat(a.share.take(1)).isFalse();
        assertThat(budgets.used()).isEqualTo(64 * PAGE);
        assertThat(a.share.held()).isEqualTo(60 * PAGE);
        assertThat(b.share.held()).isEqualTo(4 * PAGE);
    }

    @Test
    void shouldTakeTheReserveBeyondTheBound() {
        a.share.take(64);
        b.share.takeReserve(2);
        assertThat(budgets.used()).isEqualTo(68 * PAGE);
        a.share.give(4);
        assertThat(a.share.take(1)).isFalse();
        b.share.give(2);
        assertThat(a.share.take(4)).isTrue();
    }

    @Test
    void shouldTellARefusedRegionOnceThatFramesAreFree() {
        a.share.take(64);
        assertThat(b.share.take(1)).isFalse();
        assertThat(b.share.take(2)).isFalse();
        turn();
        a.share.give(1);
        assertThat(turn()).as("one frame of a is half a frame of b").isZero();
        a.share.give(1);
        a.share.give(1);
        assertThat(b.woken).as("never from within a call").isZero();
        assertThat(turn()).isOne();
        assertThat(b.woken).isOne();
        a.share.give(5);
        assertThat(turn()).isZero();
        assertThat(a.woken).isZero();
    }

    @Test
    void shouldWakeARegionThatMakesRoomByItself() {
        a.share.take(64);
        assertThat(a.share.take(1)).isFalse();
        a.share.give(1);
        turn();
        assertThat(a.woken).isOne();
    }

    @Test
    void shouldAskTheRichestRegionUnlessThatIsTheOneThatAsks() {
        a.share.take(60);
        b.share.take(2);
        assertThat(b.share.take(3)).isFalse();
        assertThat(b.share.take(1)).isFalse();
        turn();
        assertThat(a.shrinks).as("asked twice, told once").containsExactly(8);
        assertThat(a.share.take(5)).isFalse();
        turn();
        assertThat(b.shrinks).isEmpty();
    }

    @Test
    void shouldAskEverybodyAgainWhileARegionStaysStarved() {
        Region c = new Region(PAGE);
        a.share.take(50);
        c.share.take(14);
        assertThat(b.share.take(1)).isFalse();
        turn();
        assertThat(c.shrinks).isEmpty();
        b.share.tick();
        turn();
        assertThat(a.shrinks).containsExactly(2, 2);
        assertThat(c.shrinks).containsExactly(2);
        c.share.give(2);
        b.share.tick();
        turn();
        assertThat(b.woken).isOne();
        b.share.tick();
        assertThat(turn()).isZero();
    }

    @Test
    void shouldWantFramesBackInProportionToWhatARegionHolds() {
        a.share.take(40);
        assertThat(a.share.wantedBack()).isZero();
        b.share.take(10);
        // 16 of 64 pages should be free (b asks for 32, but a quarter is enough for anybody), 4 are: two thirds of the
        // 12
        // that are missing come from a.
        assertThat(a.share.wantedBack()).isEqualTo(8);
        assertThat(b.share.wantedBack()).isEqualTo(2);
        a.share.give(40);
        assertThat(b.share.wantedBack()).isZero();
    }

    @Test
    void shouldFreeTheFramesOfAClosedRegion() {
        a.share.take(60);
        assertThat(b.share.take(4)).isFalse();
        a.share.close();
        a.share.close();
        assertThat(budgets.used()).isZero();
        turn();
        assertThat(b.woken).isOne();
        assertThat(a.shrinks).as("it was asked and closed before it was told").isEmpty();
        assertThat(b.share.take(32)).isTrue();
        b.share.close();
        turn();
        assertThat(budgets.used()).isZero();
    }

    @Test
    void shouldNotTakeBackMoreThanItGave() {
        a.share.take(1);
        assertThatIllegalStateException().isThrownBy(() -> a.share.give(2));
    }

    @Test
    void shouldRefuseNothingWithoutABound() {
        FrameBudgets none = new FrameBudgets(0);
        FrameShare share = none.open(PAGE, Runnable::run, a);
        assertThat(share.limited()).isFalse();
        assertThat(share.take(1 << 30)).isTrue();
        assertThat(share.wantedBack()).isZero();
        assertThat(none.used()).isEqualTo((1L << 30) * PAGE);
    }

    /**
     * Eight regions on threads of their own, with frames for three at a time, take and give. Each waits for framesFree after a
     * refusal; one lost wake-up, and somebody waits for ever.
     */
    @Test
    void shouldLoseNoWakeUpBetweenThreads() throws Exception {
        int regions = 8;
        int rounds = 20_000;
        FrameBudgets shared = new FrameBudgets(3 * PAGE);
        CountDownLatch done = new CountDownLatch(regions);
        AtomicLong most = new AtomicLong();
        List<ExecutorService> loops = new ArrayList<>();
        try {
            for (int i = 0; i < regions; i++) {
                ExecutorService own = Executors.newSingleThreadExecutor();
                loops.add(own);
                own.execute(new Worker(shared, own, rounds, done, most)::round);
            }
            assertThat(done.await(10, TimeUnit.MINUTES))
                    .as("a region waits for ever")
                    .isTrue();
            assertThat(shared.used()).isZero();
            assertThat(most.get()).isLessThanOrEqualTo(3 * PAGE);
        } finally {
            loops.forEach(ExecutorService::shutdownNow);
        }
    }

    private static final class Worker implements FrameBudgets.Tenant {
        private final FrameBudgets shared;
        private final ExecutorService own;
        private final FrameShare share;
        private final CountDownLatch done;
        private final AtomicLong most;
        private int left;
        private boolean waits;

        Worker(FrameBudgets shared, ExecutorService own, int rounds, CountDownLatch done, AtomicLong most) {
            this.shared = shared;
            this.own = own;
            this.share = shared.open(PAGE, own, this);
            this.left = rounds;
            this.done = done;
            this.most = most;
        }

        void round() {
            if (!share.take(1)) {
                waits = true;
                return;
            }
            most.accumulateAndGet(shared.used(), Math::max);
            own.execute(this::end); // holds it for a turn of its loop
        }

        private void end() {
            share.give(1);
            if (--left > 0) {
                own.execute(this::round);
            } else {
                share.close();
                done.countDown();
            }
        }

        @Override
        public void framesFree(long now) {
            if (waits) {
                waits = false;
                round();
            }
        }

        @Override
        public void shrink(int frames, long now) {
            // Gives back at once anyway.
        }
    }
}
