package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaseTest {
    private static final long MS = 1_000_000L;

    @Test
    void shouldAcceptTheDefaults() {
        assertThat(LeaseRules.check(
                        LeaseRules.HEARTBEAT_NS,
                        LeaseRules.CLIENT_DEADLINE_NS,
                        LeaseRules.REVOKE_DEADLINE_NS,
                        LeaseRules.HOME_DEADLINE_NS,
                        LeaseRules.FAULT_DEADLINE_NS))
                .isNull();
    }

    @Test
    void shouldSayWhichDeadlineIsWrong() {
        assertThat(LeaseRules.check(250 * MS, 1000 * MS, 1000 * MS, 2200 * MS, 4500 * MS))
                .contains("home deadline of 2200 ms is too short")
                .contains("at least 2270 ms");
        assertThat(LeaseRules.check(250 * MS, 1000 * MS, 1000 * MS, 2500 * MS, 2500 * MS))
                .contains("fault deadline");
        assertThat(LeaseRules.check(600 * MS, 1000 * MS, 1000 * MS, 2500 * MS, 4500 * MS))
                .contains("second chance");
        assertThat(LeaseRules.check(0, 1, 1, 1, 1)).contains("positive");
    }

    @Test
    void shouldCountTheClientsLeaseFromSendingTheNewestEchoedHeartbeat() {
        ClientLease lease = new ClientLease(250 * MS, 1000 * MS, 0);
        assertThat(lease.heartbeatDue(249 * MS)).isFalse();
        assertThat(lease.heartbeatDue(250 * MS)).isTrue();
        lease.heartbeatSent(250 * MS);
        lease.heartbeatSent(500 * MS);
        assertThat(lease.endNs()).isEqualTo(1000 * MS);
        assertThat(lease.echoed(500 * MS)).isNull();
        assertThat(lease.echoed(250 * MS)).isNull();
        assertThat(lease.endNs()).isEqualTo(1500 * MS);
        assertThat(lease.expired(1499 * MS)).isFalse();
        assertThat(lease.expired(1500 * MS)).isTrue();
    }

    @Test
    void shouldRefuseAnEchoOfAHeartbeatThatWasNeverSent() {
        ClientLease lease = new ClientLease(250 * MS, 1000 * MS, 0);
        assertThat(lease.echoed(1)).contains("never sent");
        assertThat(lease.endNs()).isEqualTo(1000 * MS);
    }

    @Test
    void shouldEndTheClientsLeaseBeforeHomesWhateverGetsLost() {
        // Home echoes at the latest moment that can still extend the client's lease, then only the way back is cut.
        ClientLease client = new ClientLease(250 * MS, 1000 * MS, 0);
        HomeLease home = new HomeLease(2500 * MS, 10 * MS);
        client.heartbeatSent(250 * MS);
        home.echoSent(900 * MS);
        assertThat(home.endNs() - client.endNs()).isGreaterThanOrEqualTo(LeaseRules.REVOKE_DEADLINE_NS);
        client.echoed(250 * MS);
        assertThat(home.endNs() - client.endNs()).isGreaterThanOrEqualTo(LeaseRules.REVOKE_DEADLINE_NS);
    }

    @Test
    void shouldWaitLongerForAHostFromWhichSomethingComesAndNeverShorter() {
        HomeLease home = new HomeLease(2500 * MS, 0);
        home.heard(2000 * MS);
        assertThat(home.expired(4499 * MS)).isFalse();
        assertThat(home.echoNs()).isZero();
        home.echoSent(2100 * MS);
        assertThat(home.endNs()).isEqualTo(4600 * MS);
        assertThat(home.echoNs()).isEqualTo(2100 * MS);
        assertThat(home.expired(4600 * MS)).isTrue();
    }
}
