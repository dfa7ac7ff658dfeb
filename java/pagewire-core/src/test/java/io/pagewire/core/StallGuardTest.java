package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a daemon that was held up may do to others, and when at last. */
class StallGuardTest extends HomeFixture {
    private static final long REVOKE_MS = OWNER_WRITES.revokeDeadlineNs() / MS;

    private final StallGuard guard = new StallGuard(OWNER_WRITES.revokeDeadlineNs());

    StallGuardTest() {
        super(OWNER_WRITES, FrameBudget.UNLIMITED);
    }

    /** Mapping 1 owes an answer from time 0 on; when it is fenced, if this daemon ticks that often, ms. */
    private long fencedAfter(long everyMs) {
        write(1, 9);
        join(0);
        fetch(0, 2, 9);
        said.take();
        for (long now = everyMs; now <= 60_000; now += everyMs) {
            home.tick(now * MS);
            if (said.take().contains("fence 1")) {
                return now;
            }
        }
        return Long.MAX_VALUE;
    }

    @ParameterizedTest
    @ValueSource(longs = {20, 50, 99, 100, 101, 110, 150, 199, 200, 201, 500})
    void shouldFenceAtMostOneRevokeDeadlineLate_howeverSeldomItTicks(long everyMs) {
        assertThat(fencedAfter(everyMs)).isBetween(REVOKE_MS, Math.max(2 * REVOKE_MS, 6 * everyMs) + everyMs);
    }

    @Test
    void shouldJudgeAgainAndAgainInALongRowOfStalls() {
        guard.mayJudge(0);
        int judged = 0;
        for (long now = 200; now <= 10_000; now += 200) {
            judged += guard.mayJudge(now * MS) ? 1 : 0;
        }
        assertThat(judged).isEqualTo(10);
    }

    @Test
    void shouldNotCountTheTimeInWhichItWasStopped() {
        guard.mayJudge(0);
        assertThat(guard.mayJudge(10_000 * MS)).isFalse();
        assertThat(guard.mayJudge(20_000 * MS)).isFalse();
        assertThat(guard.mayJudge(20_099 * MS)).isFalse();
        assertThat(guard.mayJudge(20_100 * MS)).isTrue();
    }

    @Test
    void shouldJudgeAtOnceAndFromThenOnAsLongAsNothingHoldsItUp() {
        for (long now = 0; now <= 5_000; now += 99) {
            assertThat(guard.mayJudge(now * MS)).isTrue();
        }
    }

    @Test
    void shouldBeginAnewAfterEachJudgement() {
        guard.mayJudge(0);
        long now = 0;
        for (int stall = 0; stall < 100; stall++) {
            now += 150;
            assertThat(guard.mayJudge(now * MS)).as("stall %d", stall).isFalse();
            now += 50;
            assertThat(guard.mayJudge(now * MS)).isFalse();
            now += 50;
            assertThat(guard.mayJudge(now * MS)).isTrue();
        }
    }

    @Test
    void shouldGiveOneGrace_evenIfTheRevokeDeadlineIsShorter() {
        StallGuard hasty = new StallGuard(10 * MS);
        hasty.mayJudge(0);
        assertThat(hasty.mayJudge(1000 * MS)).isFalse();
        assertThat(hasty.mayJudge(1099 * MS)).isFalse();
        assertThat(hasty.mayJudge(1100 * MS)).isTrue();
    }
}
