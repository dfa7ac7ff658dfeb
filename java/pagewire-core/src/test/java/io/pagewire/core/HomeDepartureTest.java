package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The orderly end of a region at its owner calls back what others have written, for as long as it comes. */
class HomeDepartureTest extends HomeFixture {
    private static final long STALL = 10_000 * MS;
    private static final Geometry LARGE_PAGES = new Geometry(64, 256 << 10);

    private final HomeDeparture departure = new HomeDeparture(home, STALL);

    HomeDepartureTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
        join(3);
    }

    @Test
    void shouldBeDoneAtOnceWhenNothingIsAway() {
        copy(3, 5);
        departure.begin(0);
        assertThat(departure.tick(0)).isEqualTo(Ending.DONE);
    }

    @Test
    void shouldCallBackEveryPageThatIsAwayAndBeDoneWhenAllAreHome() {
        int one = give(3, 5, 1);
        int two = give(3, 40, 1);
        departure.begin(0);
        assertThat(departure.tick(0)).isEqualTo(Ending.UNDER_WAY);
        assertThat(said.take())
                .containsExactly("recall from 3: page 5, left READ", "recall from 3: page 40, left READ");
        home.recalled(3, 5, 1, said.operationOf(5), Right.READ, true, one, 0);
        departure.answered();
        home.recalled(3, 40, 1, said.operationOf(40), Right.READ, true, two, 0);
        departure.answered();
        assertThat(departure.tick(MS)).isEqualTo(Ending.DONE);
        assertThat(departure.total()).isEqualTo(2);
    }

    @Test
    void shouldAskForAMegabyteAtATimeSoThatASlowCircuitCanAnswer() {
        HomeRegion large = new HomeRegion(LARGE_PAGES, said, said, ANY_WRITES, frames);
        large.hostJoined(3, 73, true, 0);
        for (int request = 0; request < 4; request++) { // a message names a megabyte at most
            assertThat(large.want(3, request, request * 4L, 4, 0, 0)).isNull();
        }
        said.take();
        HomeDeparture leaving = new HomeDeparture(large, STALL);
        leaving.begin(0);
        leaving.tick(0);
        assertThat(said.take()).hasSize(4).allMatch(line -> line.startsWith("recall from 3"));
        large.recalled(3, 1, 1, said.operationOf(1), Right.READ, true, large.grantNumber(1), 0);
        leaving.answered();
        said.take();
        leaving.tick(MS);
        assertThat(said.take()).isEqualTo(List.of("recall from 3: page 4, left READ"));
    }

    @Test
    void shouldStallOnlyWhenNothingComesAtAll() {
        int grant = give(3, 5, 1);
        give(3, 6, 1);
        departure.begin(0);
        for (long now = 0; now < STALL; now += 500 * MS) {
            assertThat(departure.tick(now)).isEqualTo(Ending.UNDER_WAY);
        }
        home.recalled(3, 5, 1, said.operationOf(5), Right.READ, true, grant, 0);
        departure.answered();
        for (long now = STALL; now < 2 * STALL; now += 500 * MS) {
            assertThat(departure.tick(now)).isEqualTo(Ending.UNDER_WAY);
        }
        assertThat(departure.tick(2 * STALL)).isEqualTo(Ending.STALLED);
    }

    @Test
    void shouldAskAgainForAPageWhoseRequestHasFailed() {
        give(3, 5, 1);
        departure.begin(0);
        departure.tick(0);
        pass(0, 4500 * MS);
        assertThat(said.take()).anyMatch(line -> line.startsWith("fail to " + HomeDeparture.READER));
        departure.answered();
        departure.tick(4600 * MS);
        assertThat(home.waiting()).as("a request that waits for the recall").isEqualTo(1);
    }

    @Test
    void shouldTakeNothingFromAHostThatIsAbsentAndWaitForItAsLongAsForOthers() {
        int grant = give(3, 5, 2);
        departure.begin(0);
        departure.tick(0);
        said.take();
        home.hostLost(3, MS);
        assertThat(said.take()).noneMatch(line -> line.startsWith("lost"));
        departure.answered();
        departure.answered();
        assertThat(departure.tick(2 * MS)).isEqualTo(Ending.UNDER_WAY);
        assertThat(said.take()).isEmpty();
        assertThat(home.pagesHeld(3)).isEqualTo(2);

        home.hostReturns(3);
        home.handedBack(3, 5, 2, grant, 3 * MS);
        home.hostGone(3, 3 * MS);
        assertThat(departure.tick(3 * MS)).isEqualTo(Ending.DONE);
        assertThat(home.counters().pagesLost).isZero();
    }
}
