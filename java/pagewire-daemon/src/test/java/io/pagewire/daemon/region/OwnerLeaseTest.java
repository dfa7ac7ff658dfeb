package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.fuzz.Apparatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long an owner serves. The clock is the test's. */
class OwnerLeaseTest {
    private static final long S = 1_000_000_000L;

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private HomeRuntime home;
    private OwnerLease lease;
    private long bootTimeNs = 1000 * S;

    @BeforeEach
    void open() throws Exception {
        RegionContext context = Apparatus.context();
        home = new HomeRuntime(
                context,
                Apparatus.region("a", false),
                loop.eventLoop(),
                MemorySource.create("lease", (long) Apparatus.PAGES * Apparatus.PAGE),
                Apparatus.owner("a"),
                false);
        lease = new OwnerLease(home, context, claim(20), () -> bootTimeNs);
        lease.extended(bootTimeNs + 10 * S);
    }

    @AfterEach
    void close() {
        home.close();
        loop.finishAndReleaseAll();
    }

    private static OwnerRecord claim(long epoch) {
        return new OwnerRecord(7, "a", "127.0.0.1", 1, Apparatus.SESSION, epoch, false);
    }

    private boolean isSuspended() {
        lease.suspendIfOver(System.nanoTime());
        return lease.isSuspended();
    }

    @Test
    void shouldBeOver_whenTheMachineHasSleptForTheRestOfIt() {
        assertThat(isSuspended()).isFalse();
        bootTimeNs += 9 * S;
        assertThat(isSuspended()).isFalse();
        bootTimeNs += S; // nanoTime stands still meanwhile
        assertThat(isSuspended()).isTrue();
    }

    @Test
    void shouldServeAgain_whenTheDirectoryExtendsIt() {
        bootTimeNs += 3600 * S;
        assertThat(isSuspended()).isTrue();
        lease.extended(bootTimeNs - S);
        assertThat(isSuspended()).isTrue();
        lease.extended(bootTimeNs + S);
        assertThat(isSuspended()).isFalse();
    }

    @Test
    void shouldTakeALaterClaimOnly() {
        assertThat(lease.claimed(claim(22))).isTrue();
        assertThat(lease.claimed(claim(21))).isFalse();
        assertThat(lease.claim().epoch()).isEqualTo(22);
        assertThat(lease.claimed(claim(22))).isFalse();
    }

    @Test
    void shouldStaySuspended_whenOnlyAnEarlierClaimIsConfirmed() {
        lease.claimExpired();
        lease.claimed(claim(19));
        lease.extended(bootTimeNs + 10 * S);
        assertThat(isSuspended()).isTrue();
        lease.claimed(claim(20));
        lease.extended(bootTimeNs + 10 * S);
        assertThat(isSuspended()).isFalse();
    }
}
