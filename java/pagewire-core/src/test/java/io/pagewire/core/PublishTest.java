package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Preloaded regions: slots 8 and 9 are hosts that are sent bytes and keep no copies; slots 3 and 4 keep copies. */
class PublishTest extends HomeFixture {
    PublishTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
        join(3);
        join(4);
        home.hostJoined(8, 78, false, 0);
        home.hostJoined(9, 79, false, 0);
    }

    private void publish(int slot, long page) {
        assertThat(home.publish(slot, page, 0)).isNull();
    }

    @Test
    void shouldApplyAPublishedPageAtOnceWhenNobodyHasIt() {
        publish(9, 5);
        assertThat(said.take()).containsExactly("apply page 5 of 9", "published to 9: page 5, cause 0");
        assertThat(home.counters().pagesPublished).isEqualTo(1);
    }

    @Test
    void shouldPurgeCopiesThenTakeLocalRightsThenApplyAPublishedPage() {
        copy(3, 5);
        copy(4, 5);
        read(7, 5);
        said.take();
        publish(9, 5);
        assertThat(said.take()).containsExactly("purge to 3: 5+1", "purge to 4: 5+1");
        purged(4, 5);
        assertThat(said.take()).isEmpty();
        purged(3, 5);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE");
        revoked();
        assertThat(said.take()).containsExactly("apply page 5 of 9", "published to 9: page 5, cause 0");
    }

    @Test
    void shouldRecallAHeldPageBeforeItAppliesAPublishedOne() {
        int grant = give(3, 5, 1);
        publish(9, 5);
        assertThat(said.take()).containsExactly("recall from 3: page 5, left NONE");
        recalled(3, 5, Right.NONE, grant);
        assertThat(said.take())
                .containsExactly(
                        "store 5+1",
                        "acknowledge to 3: 5+1, grant " + grant + ", cause 0",
                        "apply page 5 of 9",
                        "published to 9: page 5, cause 0");
    }

    @Test
    void shouldPurgeTheCopyThatARecalledHostHasKeptBeforeItAppliesAPublishedPage() {
        int grant = give(3, 5, 1);
        fetch(4, 1, 5);
        publish(9, 5);
        recalled(3, 5, Right.READ, grant);
        assertThat(said.take()).endsWith("pages to 4: request 1, 5+1, last", "purge to 3: 5+1", "purge to 4: 5+1");
        purged(3, 5);
        purged(4, 5);
        assertThat(said.take()).containsExactly("apply page 5 of 9", "published to 9: page 5, cause 0");
    }

    @Test
    void shouldApplyChangesOfOnePageInTheOrderTheyCame() {
        copy(3, 5);
        publish(9, 5);
        publish(8, 5);
        said.take();
        purged(3, 5);
        assertThat(said.take())
                .containsExactly(
                        "apply page 5 of 9",
                        "published to 9: page 5, cause 0",
                        "apply page 5 of 8",
                        "published to 8: page 5, cause 0");
    }

    @Test
    void shouldServeReadersOnlyAfterThePublishedPageIsApplied() {
        copy(3, 5);
        publish(9, 5);
        fetch(4, 2, 5);
        said.take();
        purged(3, 5);
        assertThat(said.take())
                .containsExactly(
                        "apply page 5 of 9", "published to 9: page 5, cause 0", "pages to 4: request 2, 5+1, last");
    }

    @Test
    void shouldLetAProcessOfHomeWriteAgainWhatAPublishTookFromItWhereOnlyHomeStores() {
        HomeRegion owners = new HomeRegion(GEOMETRY, said, said, OWNER_WRITES);
        owners.mappingOpened(1, Right.WRITE);
        owners.hostJoined(9, 79, false, 0);
        assertThat(owners.publish(9, 5, 0)).isNull();
        owners.revoked(1, said.lastSequence, 0);
        assertThat(said.take()).endsWith("apply page 5 of 9", "published to 9: page 5, cause 0");
        owners.localFault(1, 0, 7, 5, Right.WRITE, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 7, 5+1 WRITE");
    }

    @Test
    void shouldTellWhyAPublishedPageCannotBeApplied() {
        said.applyResult = Cause.FILE_ERROR;
        publish(9, 5);
        assertThat(said.take()).containsExactly("apply page 5 of 9", "published to 9: page 5, cause 7");
        assertThat(home.counters().pagesPublished).isZero();
    }

    @Test
    void shouldNotApplyAPublishedPageThatCouldNotBeStored() {
        said.unreservable.add(5L);
        publish(9, 5);
        assertThat(said.take()).containsExactly("published to 9: page 5, cause 7");
    }

    @Test
    void shouldRefuseToApplyAnythingWhileSuspended() {
        home.suspend(Cause.FENCED, 0);
        publish(9, 5);
        assertThat(said.take()).containsExactly("published to 9: page 5, cause 15");
    }

    @Test
    void shouldRefuseWhoWaitsWithAPublishedPageWhenTheRegionIsNoMore() {
        copy(3, 5);
        publish(9, 5);
        said.take();
        home.fail(Cause.UNKNOWN_REGION, 0);
        assertThat(said.take()).containsExactly("published to 9: page 5, cause 5");
    }

    @Test
    void shouldNotApplyWhatAHostPublishedThatIsGone() {
        copy(3, 5);
        publish(9, 5);
        home.hostGone(9, 0);
        said.take();
        purged(3, 5);
        assertThat(said.take()).isEmpty();
        assertThat(home.busyPages()).isZero();
    }

    @Test
    void shouldRefuseAPublishedPageOfAHostThatKeepsCopies() {
        assertThat(home.publish(3, 5, 0)).contains("this host has copies");
        assertThat(home.publish(10, 5, 0)).contains("slot 10 has not joined");
        assertThat(home.publish(9, 64, 0)).contains("of a region with 64 pages");
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldNeverPurgeAHostThatKeepsNoCopies() {
        fetch(9, 1, 5);
        assertThat(said.take()).containsExactly("pages to 9: request 1, 5+1, last");
        assertThat(home.copyset(5)).isZero();
        write(7, 5);
        assertThat(said.take()).containsExactly("grant to 1.0: request 7, 5+1 WRITE");
    }

    @Test
    void shouldFindAllPagesForWhoHasNothing() {
        for (long page = 0; page < GEOMETRY.pages(); page++) {
            assertThat(home.changedSince(0, page)).isEqualTo(page);
        }
        assertThat(home.changedSince(0, GEOMETRY.pages())).isEqualTo(-1);
    }

    @Test
    void shouldFindNothingWhenNothingWasWritten() {
        read(7, 5);
        copy(3, 6);
        assertThat(home.changedSince(home.version(), 0)).isEqualTo(-1);
    }

    @Test
    void shouldFindPagesWrittenAtHomeSinceAVersion() {
        long before = home.version();
        write(7, 5);
        fetch(3, 1, 5);
        revoked();
        assertThat(home.changedSince(before, 0)).isEqualTo(5);
        assertThat(home.changedSince(before, 6)).isEqualTo(-1);
        assertThat(home.changedSince(home.version(), 0))
                .as("nobody writes it any more")
                .isEqualTo(-1);
    }

    @Test
    void shouldFindPagesThatAreBeingWrittenAtHomeWhateverTheVersion() {
        write(7, 5);
        assertThat(home.changedSince(home.version(), 0)).isEqualTo(5);
    }

    @Test
    void shouldFindPagesThatAnotherHostIsWritingWhateverTheVersion() {
        give(3, 5, 2);
        assertThat(home.changedSince(home.version(), 0)).isEqualTo(5);
        assertThat(home.changedSince(home.version(), 6)).isEqualTo(6);
        assertThat(home.changedSince(home.version(), 7)).isEqualTo(-1);
    }

    @Test
    void shouldFindPagesThatAnotherHostHasWrittenSinceAVersion() {
        long before = home.version();
        int grant = give(3, 5, 1);
        home.wroteBack(3, 5, 1, Right.NONE, grant, 0);
        assertThat(home.changedSince(before, 0)).isEqualTo(5);
        assertThat(home.changedSince(home.version(), 0)).isEqualTo(-1);
    }

    @Test
    void shouldFindPagesThatWereUpgradedSinceAVersion() {
        int held = copy(3, 5);
        long before = home.version();
        want(3, 2, 5, 1, held);
        home.wroteBack(3, 5, 1, Right.NONE, home.grantNumber(5), 0);
        assertThat(home.changedSince(before, 0)).isEqualTo(5);
    }

    @Test
    void shouldFindPagesPublishedSinceAVersion() {
        long before = home.version();
        publish(9, 5);
        assertThat(home.changedSince(before, 0)).isEqualTo(5);
        assertThat(home.changedSince(before, 6)).isEqualTo(-1);
        assertThat(home.changedSince(home.version(), 0)).isEqualTo(-1);
    }

    @Test
    void shouldCountVersionsFromOneSoThatZeroIsWhoHasNothing() {
        HomeRegion other = new HomeRegion(GEOMETRY, said, said, ANY_WRITES);
        assertThat(other.version()).isZero();
        other.hostJoined(9, 79, false, 0);
        assertThat(other.version()).isEqualTo(1);
        assertThat(other.changedSince(1, 0)).isEqualTo(-1);
        other.hostJoined(8, 78, false, 0);
        assertThat(other.version()).as("a second host begins nothing anew").isEqualTo(1);
    }
}
