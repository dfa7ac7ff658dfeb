package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What another host can have home do at once, and how long its requests wait. */
class BoundsHomeTest extends HomeFixture {
    private static final Geometry LARGE = new Geometry(1 << 20, 4096);
    private static final int MOST = 256;

    BoundsHomeTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
        join(0);
        said.take();
    }

    private HomeRegion large() {
        HomeRegion region =
                new HomeRegion(LARGE, said, said, HomeSettings.defaults(LARGE).forAnyWriter());
        region.hostJoined(0, 70, true, 0);
        return region;
    }

    @Test
    void shouldRefuseAMessageThatNamesMoreThanAWindow() {
        HomeRegion region = large();
        String most = "at most " + MOST + " of 4096 bytes";
        assertThat(region.fetch(0, 1, 0, MOST + 1, 0)).contains(most);
        assertThat(region.fetch(0, 1, 0, 262_144, 0)).contains(most);
        assertThat(region.fetchAhead(0, 1, 0, MOST + 1, 0)).contains(most);
        assertThat(region.want(0, 1, 0, MOST + 1, 0, 0)).contains(most);
        assertThat(region.release(0, 0, MOST + 1, 1, 0)).contains(most);
        assertThat(region.wroteBack(0, 0, MOST + 1, Right.NONE, 1, 0)).contains(most);
        assertThat(region.handedBack(0, 0, MOST + 1, 1, 0)).contains(most);
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldTakeAMessageThatNamesAWholeWindow() {
        HomeRegion region = large();
        assertThat(region.fetch(0, 1, 7, MOST, 0)).isNull();
        assertThat(region.release(0, 7, MOST, 1, 0)).isNull();
    }

    @Test
    void shouldTakeOnePage_howeverLarge() {
        Geometry huge = new Geometry(8, 2 << 20);
        HomeRegion region = new HomeRegion(huge, said, said, HomeSettings.defaults(huge));
        region.hostJoined(0, 70, true, 0);
        assertThat(region.fetch(0, 1, 0, 1, 0)).isNull();
        assertThat(region.fetch(0, 2, 0, 2, 0)).contains("at most 1 of 2097152 bytes");
    }

    @Test
    void shouldGoOnWithARunWhenItsHostTakesPagesAgain() {
        HomeRegion region = large();
        said.takes = 3; // before the first page is looked at, and before each message of 64 pages
        assertThat(region.fetch(0, 9, 0, MOST, 0)).isNull();
        assertThat(said.take()).containsExactly("pages to 0: request 9, 0+64", "pages to 0: request 9, 64+64");
        assertThat(region.waiting()).isEqualTo(1);
        said.takes = Integer.MAX_VALUE;
        region.writable(0, 0);
        assertThat(said.take()).containsExactly("pages to 0: request 9, 128+64", "pages to 0: request 9, 192+64, last");
        assertThat(region.waiting()).isZero();
        assertThat(region.busyPages()).isZero();
    }

    @Test
    void shouldSendTheWantedPageAtOnceAndTheRestOfItsRunAtThePaceOfBulk() {
        HomeRegion region = large();
        said.takesAhead = 0;
        assertThat(region.fetch(0, 9, 0, 8, 0)).isNull();
        assertThat(region.fetchAhead(0, 10, 20, 8, 1)).isNull();
        assertThat(region.fetch(0, 11, 40, 1, 0)).isNull();
        assertThat(said.take()).containsExactly("pages to 0: request 9, 0+1", "pages to 0: request 11, 40+1, last");
        assertThat(region.waiting()).isEqualTo(2);
        said.takesAhead = 6;
        region.writable(0, 2);
        assertThat(said.take())
                .containsExactly(
                        "pages to 0: request 9, 1+6",
                        "pages to 0: request 9, 7+1, last",
                        "pages to 0: request 10, 20+6",
                        "pages to 0: request 10, 26+2, last");
        assertThat(region.waiting()).isZero();
    }

    @Test
    void shouldTakeNothingFromAWriterForAHostThatTakesNoPages() {
        write(1, 9);
        said.take();
        said.takes = 0;
        fetch(0, 2, 9);
        want(0, 3, 9, 1, 0);
        assertThat(said.take()).isEmpty();
        said.takes = Integer.MAX_VALUE;
        home.writable(0, 0);
        assertThat(said.take()).singleElement().asString().startsWith("revoke from 1");
    }

    @Test
    void shouldServeEverybodyElseMeanwhile() {
        join(1);
        said.fullSlot = 0;
        fetch(0, 2, 9);
        fetch(1, 3, 9);
        write(4, 10);
        assertThat(said.take())
                .contains("pages to 1: request 3, 9+1, last")
                .anyMatch(line -> line.startsWith("grant to 1.0: request 4"));
        assertThat(home.waiting()).isEqualTo(1);
    }

    @Test
    void shouldDeclineWhatNobodyWaitsFor_whenAWriterHasComeBeforeItsHostTakesPages() {
        said.takes = 0;
        assertThat(home.fetchAhead(0, 5, 9, 2, 0)).isNull();
        write(6, 9);
        said.take();
        said.takes = Integer.MAX_VALUE;
        home.writable(0, 0);
        assertThat(said.take()).containsExactly("decline to 0: request 5, 9+2, cause 0");
    }

    @Test
    void shouldForgetWhatAHostAsked_whenItIsGoneBeforeItTookThePages() {
        said.takes = 0;
        fetch(0, 2, 9);
        home.hostGone(0, 0);
        said.takes = Integer.MAX_VALUE;
        home.writable(0, 0);
        assertThat(said.take()).isEmpty();
        assertThat(home.busyPages()).isZero();
    }

    @Test
    void shouldDeclineRequestsForPagesThatNeverComeFromTheDisk() {
        for (int page = 0; page < 64; page++) {
            said.sendResults.add(HomePort.WARMING);
            fetch(0, page, page);
        }
        said.take();
        pass(0, 4450 * MS);
        assertThat(said.take()).isEmpty();
        pass(4450 * MS, 4500 * MS);
        assertThat(said.take()).hasSize(64).contains("decline to 0: request 63, 63+1, cause " + Cause.DEADLINE);
        assertThat(home.waiting()).isZero();
    }

    @Test
    void shouldServeAPageThatComesFromTheDiskAfterItsRequestWasDeclined() {
        said.sendResults.add(HomePort.WARMING);
        fetch(0, 1, 9);
        pass(0, 4500 * MS);
        fetch(0, 2, 9);
        said.take();
        home.dataReady(9, 0, 4600 * MS);
        assertThat(said.take()).containsExactly("pages to 0: request 2, 9+1, last");
        assertThat(home.busyPages()).isZero();
    }

    @Test
    void shouldDeclineARequestToWrite_whenAPurgeIsNeverAnswered() {
        copy(0, 9);
        join(1);
        want(1, 4, 9, 1, 0);
        said.take();
        pass(0, 4500 * MS);
        assertThat(said.take()).contains("decline to 1: request 4, 9+1, cause " + Cause.DEADLINE);
    }

    @Test
    void shouldCountTheDeadlineAnewForWhatIsLeftOfARunThatGoesOn() {
        HomeRegion region = large();
        region.tick(0);
        said.takes = 0;
        assertThat(region.fetch(0, 9, 0, MOST, 0)).isNull();
        said.takes = 3;
        region.writable(0, 4000 * MS);
        for (long now = 50; now < 8500; now += 50) {
            region.tick(now * MS);
        }
        assertThat(region.waiting()).isEqualTo(1);
        region.tick(8500 * MS);
        assertThat(said.take()).endsWith("decline to 0: request 9, 64+192, cause " + Cause.DEADLINE);
    }
}
