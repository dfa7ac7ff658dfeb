package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The orderly end of a region at a client takes as long as pages get home. */
class ClientDepartureTest extends ClientFixture {
    private static final long STALL = 10_000 * MS;

    private final ClientDeparture departure = new ClientDeparture(client, STALL);

    ClientDepartureTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
    }

    /** Three pages were written, and the program is gone; the departure has begun. */
    private void begin() {
        hold(9, 4);
        hold(20, 5);
        hold(40, 6);
        client.mappingGone(1, 0);
        said.take();
        departure.begin(0);
        assertThat(departure.tick(0)).isEqualTo(Ending.UNDER_WAY);
    }

    private Ending passTo(long from, long to) {
        for (long now = from; now < to; now += 500 * MS) {
            departure.tick(now);
        }
        return departure.tick(to);
    }

    @Test
    void shouldBeDoneAtOnceWhereNothingWasWritten() {
        copy(3, 1);
        departure.begin(0);
        assertThat(departure.tick(0)).isEqualTo(Ending.DONE);
    }

    @Test
    void shouldSendEverythingHomeAndBeDoneWhenTheLastPageIsAcknowledged() {
        begin();
        assertThat(said.take())
                .containsExactly(
                        "write back 9+1, left READ, grant 4",
                        "write back 20+1, left READ, grant 5",
                        "write back 40+1, left READ, grant 6");
        acknowledge(9, 4, 0);
        acknowledge(20, 5, 0);
        assertThat(departure.tick(MS)).isEqualTo(Ending.UNDER_WAY);
        acknowledge(40, 6, 0);
        assertThat(departure.tick(2 * MS)).isEqualTo(Ending.DONE);
        assertThat(departure.total()).isEqualTo(3);
    }

    @Test
    void shouldGoOnForAsLongAsPagesGetHomeHoweverSlowly() {
        begin();
        assertThat(passTo(0, STALL - MS)).isEqualTo(Ending.UNDER_WAY);
        acknowledge(9, 4, 0);
        assertThat(passTo(STALL, 2 * STALL - MS)).isEqualTo(Ending.UNDER_WAY);
        acknowledge(20, 5, 0);
        assertThat(passTo(2 * STALL, 3 * STALL - MS)).isEqualTo(Ending.UNDER_WAY);
    }

    @Test
    void shouldStallWhenNothingHasComeHomeForTheLimitAndGoOnWhenSomethingDoes() {
        begin();
        assertThat(passTo(0, STALL)).isEqualTo(Ending.STALLED);
        acknowledge(9, 4, 0);
        assertThat(departure.tick(STALL + MS)).isEqualTo(Ending.UNDER_WAY);
    }

    @Test
    void shouldNotCountTimeInWhichNobodyLooked() {
        begin();
        assertThat(departure.tick(5 * STALL)).as("the daemon was stopped").isEqualTo(Ending.UNDER_WAY);
    }

    @Test
    void shouldHandBackAndBeDoneWhenTheCircuitWasLostMeanwhile() {
        begin();
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        client.handBack(300 * MS);
        acknowledge(9, 4, 0);
        acknowledge(20, 5, 0);
        acknowledge(40, 6, 0);
        client.circuitUp(78, 400 * MS);
        assertThat(departure.tick(400 * MS)).isEqualTo(Ending.DONE);
    }

    @Test
    void shouldBeCalledOffByAProgramThatMapsTheRegionAgain() {
        begin();
        departure.callOff();
        assertThat(departure.tick(MS)).isEqualTo(Ending.NONE);
    }
}
