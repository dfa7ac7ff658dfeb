package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RemoteWritersHomeTest extends HomeFixture {
    RemoteWritersHomeTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
        join(3);
        join(4);
        join(5);
    }

    @Test
    void shouldGiveAMappingNoRightBeforeItAsks() {
        assertThat(home.mappingOpened(2, Right.WRITE)).isEqualTo(Right.NONE);
        read(7, 5);
        assertThat(said.take()).containsExactly("grant to 1.0: request 7, 5+1 READ");
    }

    @Test
    void shouldRecallThePageFromItsHolderBeforeAnotherHostReadsIt() {
        int grant = give(3, 5, 1);
        fetch(4, 9, 5);
        assertThat(said.take()).containsExactly("recall from 3: page 5, left READ");
        recalled(3, 5, Right.READ, grant);
        assertThat(said.take())
                .containsExactly(
                        "store 5+1",
                        "acknowledge to 3: 5+1, grant " + grant + ", cause 0",
                        "pages to 4: request 9, 5+1, last");
        assertThat(home.holder(5)).isEqualTo(-1);
        assertThat(home.copyset(5)).isEqualTo(0b11000);
    }

    @Test
    void shouldRecallThePageWithNothingLeftBeforeAnotherHostWritesIt() {
        int grant = give(3, 5, 1);
        want(4, 9, 5, 1, 0);
        assertThat(said.take()).containsExactly("recall from 3: page 5, left NONE");
        recalled(3, 5, Right.NONE, grant);
        assertThat(said.take()).endsWith("pages to 4: request 9, 5+1, last, exclusive");
        assertThat(home.holder(5)).isEqualTo(4);
        assertThat(home.copyset(5)).isZero();
    }

    @Test
    void shouldRecallThePageBeforeAProcessOfHomeReadsIt() {
        int grant = give(3, 5, 1);
        read(7, 5);
        assertThat(said.take()).containsExactly("recall from 3: page 5, left READ");
        recalled(3, 5, Right.READ, grant);
        assertThat(said.take()).endsWith("grant to 1.0: request 7, 5+1 READ");
    }

    @Test
    void shouldRecallThePageWithNothingLeftBeforeAProcessOfHomeWritesIt() {
        int grant = give(3, 5, 1);
        write(7, 5);
        assertThat(said.take()).containsExactly("recall from 3: page 5, left NONE");
        recalled(3, 5, Right.NONE, grant);
        assertThat(said.take()).endsWith("grant to 1.0: request 7, 5+1 WRITE");
    }

    @Test
    void shouldRecallAPageOnceForAllThatWaitForIt() {
        int grant = give(3, 5, 1);
        fetch(4, 8, 5);
        fetch(5, 9, 5);
        assertThat(said.take()).containsExactly("recall from 3: page 5, left READ");
        recalled(3, 5, Right.READ, grant);
        assertThat(said.take()).contains("pages to 4: request 8, 5+1, last", "pages to 5: request 9, 5+1, last");
    }

    @Test
    void shouldPassThePageFromOneWriterToTheNextInTheOrderTheyAsked() {
        int grant = give(3, 5, 1);
        want(4, 8, 5, 1, 0);
        want(5, 9, 5, 1, 0);
        said.take();
        recalled(3, 5, Right.NONE, grant);
        assertThat(said.take())
                .endsWith("pages to 4: request 8, 5+1, last, exclusive", "recall from 4: page 5, left NONE");
        recalled(4, 5, Right.NONE, home.grantNumber(5));
        assertThat(said.take()).endsWith("pages to 5: request 9, 5+1, last, exclusive");
    }

    @Test
    void shouldPurgeOthersThenTakeLocalRightsThenGiveThePage() {
        copy(3, 5);
        copy(4, 5);
        read(7, 5);
        said.take();
        want(5, 9, 5, 1, 0);
        assertThat(said.take()).containsExactly("purge to 3: 5+1", "purge to 4: 5+1");
        purged(3, 5);
        assertThat(said.take()).isEmpty();
        purged(4, 5);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE");
        revoked();
        assertThat(said.take()).containsExactly("pages to 5: request 9, 5+1, last, exclusive");
        assertThat(PageTable.isRemote(home.entry(5))).isTrue();
        assertThat(PageTable.value(home.entry(5))).isEqualTo(75);
        assertThat(PageTable.right(home.entry(5))).isEqualTo(Right.NONE);
    }

    @Test
    void shouldLetAHostWriteItsCurrentCopyWithoutSendingBytes() {
        copy(3, 5);
        int held = copy(4, 5);
        want(4, 9, 5, 1, held);
        assertThat(said.take()).containsExactly("purge to 3: 5+1");
        purged(3, 5);
        assertThat(said.take()).containsExactly("upgrade to 4: request 9, page 5");
        assertThat(home.holder(5)).isEqualTo(4);
        assertThat(home.copyset(5)).isZero();
        assertThat(home.counters().upgrades).isEqualTo(1);
    }

    @Test
    void shouldDeclineTheRestOfARunWhoseFirstPageIsUpgraded() {
        int held = copy(4, 5);
        want(4, 9, 5, 3, held);
        assertThat(said.take())
                .containsExactly("upgrade to 4: request 9, page 5", "decline to 4: request 9, 6+2, cause 0");
    }

    @Test
    void shouldSendBytesWhenTheCopyWasPurgedBeforeItsHostHadItsTurn() {
        int held = copy(3, 5);
        write(7, 5);
        assertThat(said.take()).containsExactly("purge to 3: 5+1");
        want(3, 9, 5, 1, held);
        purged(3, 5);
        assertThat(said.take()).containsExactly("grant to 1.0: request 7, 5+1 WRITE", "revoke from 1: 5+1, left NONE");
        revoked();
        assertThat(said.take()).containsExactly("pages to 3: request 9, 5+1, last, exclusive");
    }

    @Test
    void shouldSendBytesToAHostThatHasDroppedItsCopy() {
        copy(3, 5);
        want(3, 9, 5, 1, 0);
        assertThat(said.take()).containsExactly("pages to 3: request 9, 5+1, last, exclusive");
    }

    @Test
    void shouldSendBytesToAHostThatClaimsACopyHomeDoesNotKnowOf() {
        want(3, 9, 5, 1, 77);
        assertThat(said.take()).containsExactly("pages to 3: request 9, 5+1, last, exclusive");
    }

    @Test
    void shouldSendBytesWhenTheHostHadNoCopyAtTheTimeItAsked() {
        int grant = give(4, 5, 1);
        fetch(3, 8, 5);
        want(3, 9, 5, 1, 77);
        recalled(4, 5, Right.READ, grant);
        assertThat(said.take()).endsWith("pages to 3: request 8, 5+1, last", "purge to 4: 5+1");
        purged(4, 5);
        assertThat(said.take()).containsExactly("pages to 3: request 9, 5+1, last, exclusive");
    }

    @Test
    void shouldPurgeAndSendBytesToAHostThatSharesItsBitWithOthers() {
        join(31);
        int held = copy(31, 5);
        want(31, 9, 5, 1, held);
        assertThat(said.take()).containsExactly("purge to 31: 5+1");
        purged(31, 5);
        assertThat(said.take()).containsExactly("pages to 31: request 9, 5+1, last, exclusive");
    }

    @Test
    void shouldRefuseAnAnswerToARecallThatIsNotAwaited() {
        int grant = give(3, 5, 1);
        assertThat(home.recalled(3, 5, 1, 1, Right.NONE, true, grant, 0)).contains("not awaited");
        want(4, 9, 5, 1, 0);
        int operation = said.lastOperation;
        said.take();
        assertThat(home.recalled(3, 5, 1, operation + 1, Right.NONE, true, grant, 0))
                .contains("not awaited");
        assertThat(home.recalled(4, 5, 1, operation, Right.NONE, true, grant, 0))
                .contains("not awaited");
        assertThat(said.take()).isEmpty();
        assertThat(home.holder(5)).isEqualTo(3);
    }

    @Test
    void shouldRefuseASecondAnswerToARecall() {
        int grant = give(3, 5, 1);
        fetch(4, 9, 5);
        recalled(3, 5, Right.READ, grant);
        said.take();
        assertThat(home.recalled(3, 5, 1, said.lastOperation, Right.READ, true, grant, 0))
                .contains("not awaited");
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldRefuseAnAnswerWithoutBytesOfAPageThatTheHostHolds() {
        give(3, 5, 1);
        fetch(4, 9, 5);
        said.take();
        assertThat(home.recalled(3, 5, 1, said.lastOperation, Right.READ, false, 0, 0))
                .contains("no bytes of page 5, which this host holds");
        assertThat(said.take()).isEmpty();
        assertThat(home.holder(5)).isEqualTo(3);
    }

    @Test
    void shouldRefuseBytesThatTheHostCannotHold() {
        int grant = give(3, 5, 1);
        fetch(4, 9, 5);
        said.take();
        assertThat(home.recalled(3, 5, 1, said.lastOperation, Right.READ, true, grant + 1, 0))
                .contains("which this host does not hold");
        assertThat(writeBack(3, 5, 1, Right.NONE, grant - 1)).contains("does not hold");
        assertThat(writeBack(4, 5, 1, Right.NONE, grant)).contains("does not hold");
        assertThat(writeBack(3, 5, 2, Right.NONE, grant)).contains("bytes of page 6");
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldRefuseWritersOfOtherHostsWhereOnlyHomeWrites() {
        HomeRegion owners = new HomeRegion(GEOMETRY, said, said, OWNER_WRITES);
        owners.hostJoined(3, 73, true, 0);
        assertThat(owners.want(3, 1, 5, 1, 0, 0)).contains("only processes of home write");
        assertThat(owners.recalled(3, 5, 1, 1, Right.NONE, true, 1, 0)).contains("only processes of home write");
        assertThat(owners.wroteBack(3, 5, 1, Right.NONE, 1, 0)).contains("only processes of home write");
        assertThat(owners.handedBack(3, 5, 1, 1, 0)).contains("only processes of home write");
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldForgetTheWishesOfAHostThatIsGone() {
        int grant = give(3, 5, 1);
        want(4, 9, 5, 1, 0);
        home.hostGone(4, 0);
        said.take();
        recalled(3, 5, Right.NONE, grant);
        assertThat(said.take()).containsExactly("store 5+1", "acknowledge to 3: 5+1, grant " + grant + ", cause 0");
        assertThat(home.busyPages()).isZero();
    }

    @Test
    void shouldHangUpOnAHolderThatDoesNotAnswerARecall() {
        give(3, 5, 1);
        home.tick(0);
        fetch(4, 9, 5);
        said.take();
        pass(50 * MS, 2450 * MS);
        assertThat(said.take()).isEmpty();
        home.tick(2500 * MS);
        assertThat(said.take()).containsExactly("hang up on 3: cause 2");
    }

    @Test
    void shouldEndTheRunOfAWriterBeforeAPageOfWhichThereIsACopy() {
        copy(4, 8);
        want(3, 9, 5, 8, 0);
        assertThat(said.take())
                .containsExactly("pages to 3: request 9, 5+3, exclusive", "decline to 3: request 9, 8+5, cause 0");
        assertThat(home.holder(8)).isEqualTo(-1);
    }

    @Test
    void shouldEndTheRunOfAWriterBeforeAPageThatAProcessOfHomeReads() {
        read(7, 7);
        said.take();
        want(3, 9, 5, 8, 0);
        assertThat(said.take())
                .containsExactly("pages to 3: request 9, 5+2, exclusive", "decline to 3: request 9, 7+6, cause 0");
    }

    @Test
    void shouldEndTheRunOfAWriterBeforeAPageThatAnotherHostHolds() {
        give(4, 6, 1);
        want(3, 9, 5, 8, 0);
        assertThat(said.take())
                .containsExactly("pages to 3: request 9, 5+1, exclusive", "decline to 3: request 9, 6+7, cause 0");
        assertThat(home.holder(6)).isEqualTo(4);
    }

    @Test
    void shouldEndTheRunOfAWriterBeforeAPageThatCouldNotBeStored() {
        said.unreservable.add(7L);
        want(3, 9, 5, 8, 0);
        assertThat(said.take())
                .containsExactly("pages to 3: request 9, 5+2, exclusive", "decline to 3: request 9, 7+6, cause 0");
    }

    @Test
    void shouldRefuseAWriterOfAnotherHostAPageThatCouldNotBeStored() {
        said.unreservable.add(5L);
        want(3, 9, 5, 1, 0);
        assertThat(said.take()).containsExactly("decline to 3: request 9, 5+1, cause 7");
        assertThat(home.holder(5)).isEqualTo(-1);
    }

    @Test
    void shouldRefuseTheUpgradeOfAPageThatCouldNotBeStored() {
        int held = copy(3, 5);
        said.unreservable.add(5L);
        want(3, 9, 5, 1, held);
        assertThat(said.take()).containsExactly("decline to 3: request 9, 5+1, cause 7");
        assertThat(home.copyset(5)).as("it keeps its copy").isEqualTo(0b1000);
    }

    @Test
    void shouldFailAWriterOfHomeAndGrantNothingWhenThePageCouldNotBeStored() {
        said.unreservable.add(5L);
        write(7, 5);
        assertThat(said.take()).containsExactly("fail to 1.0: request 7, page 5, cause 7");
        assertThat(PageTable.right(home.entry(5))).isEqualTo(Right.NONE);
        assertThat(home.hostState(5)).isEqualTo(HostState.SHARED);
    }

    @Test
    void shouldFailAWriterOfHomeThatHasWaitedForAPageThatCouldNotBeStored() {
        int grant = give(3, 5, 1);
        said.unreservable.add(5L);
        write(7, 5);
        said.take();
        recalled(3, 5, Right.NONE, grant);
        assertThat(said.take()).endsWith("fail to 1.0: request 7, page 5, cause 7");
        assertThat(PageTable.right(home.entry(5))).isEqualTo(Right.NONE);
        assertThat(home.waiting()).isZero();
    }

    @Test
    void shouldGrantASequentialWriterOnePageWhenItsRunCouldNotBeStored() {
        said.unreservable.add(7L);
        write(1, 5);
        write(2, 6);
        assertThat(said.take())
                .containsExactly("grant to 1.0: request 1, 5+1 WRITE", "grant to 1.0: request 2, 6+1 WRITE");
        assertThat(PageTable.right(home.entry(7))).isEqualTo(Right.NONE);
    }

    @Test
    void shouldDeclineWritersWhileSuspended() {
        home.suspend(Cause.FENCED, 0);
        want(3, 9, 5, 1, 0);
        assertThat(said.take()).containsExactly("decline to 3: request 9, 5+1, cause 15");
    }

    @Test
    void shouldRecallNothingWhileSuspended() {
        int grant = give(3, 5, 1);
        home.suspend(Cause.FENCED, 0);
        read(7, 5);
        assertThat(said.take()).isEmpty();
        home.resume(0, 0);
        assertThat(said.take()).containsExactly("recall from 3: page 5, left READ");
        recalled(3, 5, Right.READ, grant);
        assertThat(said.take()).endsWith("grant to 1.0: request 7, 5+1 READ");
    }

    @Test
    void shouldTakeBytesHomeWhileSuspended() {
        int grant = give(3, 5, 1);
        home.suspend(Cause.FENCED, 0);
        assertThat(writeBack(3, 5, 1, Right.NONE, grant)).isNull();
        assertThat(said.take()).containsExactly("store 5+1", "acknowledge to 3: 5+1, grant " + grant + ", cause 0");
    }

    @Test
    void shouldLetNobodyReadWhileWritersOfAnEarlierLifeMayGoOn() {
        home.resume(0, 1000 * MS);
        read(7, 5);
        fetch(4, 9, 6);
        home.tick(999 * MS);
        assertThat(said.take()).isEmpty();
        home.tick(1000 * MS);
        assertThat(said.take())
                .containsExactly("grant to 1.0: request 7, 5+1 READ", "pages to 4: request 9, 6+1, last");
    }
}
