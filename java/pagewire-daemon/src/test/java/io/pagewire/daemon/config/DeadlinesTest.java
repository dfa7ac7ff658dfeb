package io.pagewire.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.core.LeaseRules;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A deadline that lies in another one ends before it. */
class DeadlinesTest {
    private static final long MS = 1_000_000L;

    private static Deadlines any(Random random) {
        return new Deadlines(
                100 + random.nextInt(20_000),
                10 + random.nextInt(2000),
                5 + random.nextInt(500),
                20 + random.nextInt(3000),
                50 + random.nextInt(10_000),
                100 + random.nextInt(20_000),
                0,
                1000 + random.nextInt(9000),
                100 + random.nextInt(20_000));
    }

    @Test
    void shouldTakeTheDefaults() {
        assertThat(DeadlineRules.check(Deadlines.DEFAULT)).isNull();
    }

    @Test
    void shouldTakeNothingThatTheLeasesDoNotAllow() {
        Random random = new Random(10);
        int taken = 0;
        for (int i = 0; i < 100_000; i++) {
            Deadlines d = any(random);
            if (DeadlineRules.check(d) == null) {
                taken++;
                assertThat(LeaseRules.check(
                                d.heartbeatMs() * MS,
                                d.clientLeaseMs() * MS,
                                d.revokeMs() * MS,
                                d.homeMs() * MS,
                                d.faultAnswerMs() * MS))
                        .as(d.toString())
                        .isNull();
                assertThat(d.homeMs()).isLessThan(d.stallMs());
                assertThat(d.directorySessionMs()).isLessThan(d.directoryOperationMs());
            }
        }
        assertThat(taken).isGreaterThan(1000);
    }

    @Test
    void shouldLeaveAFaultTimeToSayWhyItFailsAndARequestTheSame() {
        Random random = new Random(11);
        for (int i = 0; i < 10_000; i++) {
            Deadlines d = any(random);
            assertThat(d.faultAnswerMs()).isLessThan(d.faultMs());
            assertThat(2 * d.ownerMs()).as(d.toString()).isLessThanOrEqualTo(d.faultAnswerMs());
            assertThat(2 * d.connectMs()).as(d.toString()).isLessThanOrEqualTo(d.faultAnswerMs());
            assertThat(2 * d.callMs()).as(d.toString()).isLessThanOrEqualTo(d.faultAnswerMs());
            assertThat(d.ownerMs()).isLessThanOrEqualTo(d.directoryOperationMs());
            assertThat(d.requestMs()).isGreaterThan(d.faultMs()).isGreaterThan(2L * d.directoryOperationMs());
        }
    }
}
