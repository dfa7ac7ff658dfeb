package io.pagewire.daemon.directory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseTest {
    private static final HostRecord HOST = new HostRecord("h", "127.0.0.1", 1, 1, 1);

    @ParameterizedTest
    @ValueSource(ints = {1000, 1500, 3000, 10_000, 60_000})
    void shouldEndBeforeTheSessionAndOutliveTwoRenewals(int sessionMs) {
        for (boolean own : new boolean[] {true, false}) {
            int interval = new Lease(HOST, own, sessionMs).intervalMs();
            assertThat(interval).isBetween(1, 500);
            assertThat(Lease.sureMs(sessionMs, interval, own))
                    .isLessThanOrEqualTo(sessionMs - sessionMs / 10)
                    .isGreaterThan(2L * interval);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 3000, 60_000})
    void shouldTrustAnEnsembleLessByAPingAndARenewal(int sessionMs) {
        int interval = new Lease(HOST, false, sessionMs).intervalMs();
        assertThat(Lease.sureMs(sessionMs, interval, false))
                .isEqualTo(Lease.sureMs(sessionMs, interval, true) - sessionMs / 4 - interval);
    }
}
