package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Written pages that come home by their host's own wish, with its next call, or not at all. */
class HandBackHomeTest extends HomeFixture {
    HandBackHomeTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
        join(3);
        join(4);
        join(5);
    }

    private String handBack(int slot, long page, int count, int grant) {
        return home.handedBack(slot, page, count, grant, 0);
    }

    @Test
    void shouldTakeAWriteBackHomeAndKeepTheHostsCopy() {
        int grant = give(3, 5, 2);
        assertThat(writeBack(3, 5, 2, Right.READ, grant)).isNull();
        assertThat(said.take()).containsExactly("store 5+2", "acknowledge to 3: 5+2, grant " + grant + ", cause 0");
        assertThat(home.holder(5)).isEqualTo(-1);
        assertThat(PageTable.isPresent(home.entry(6))).isTrue();
        assertThat(home.copyset(6)).isEqualTo(0b1000);
    }

    @Test
    void shouldForgetTheHostsCopyWhenItWritesBackWithNothingLeft() {
        int grant = give(3, 5, 1);
        assertThat(writeBack(3, 5, 1, Right.NONE, grant)).isNull();
        assertThat(home.copyset(5)).isZero();
    }

    @Test
    void shouldTakeAWriteBackThatCrossesTheRecallAndStillAwaitTheAnswer() {
        int grant = give(3, 5, 1);
        fetch(4, 9, 5);
        said.take();
        assertThat(writeBack(3, 5, 1, Right.READ, grant)).isNull();
        assertThat(said.take()).containsExactly("store 5+1", "acknowledge to 3: 5+1, grant " + grant + ", cause 0");
        assertThat(home.recalled(3, 5, 1, said.lastOperation, Right.READ, false, 0, 0))
                .isNull();
        assertThat(said.take()).containsExactly("pages to 4: request 9, 5+1, last");
        assertThat(home.copyset(5)).isEqualTo(0b11000);
    }

    @Test
    void shouldForgetTheCopyOfAWriteBackWhenTheAnswerToTheRecallLeavesNothing() {
        int grant = give(3, 5, 1);
        want(4, 9, 5, 1, 0);
        assertThat(writeBack(3, 5, 1, Right.READ, grant)).isNull();
        said.take();
        assertThat(home.recalled(3, 5, 1, said.lastOperation, Right.NONE, false, 0, 0))
                .isNull();
        assertThat(said.take()).as("no purge of 3").containsExactly("pages to 4: request 9, 5+1, last, exclusive");
    }

    @Test
    void shouldRefuseAHostThatKeepsWriteAccess() {
        int grant = give(3, 5, 1);
        assertThat(writeBack(3, 5, 1, Right.WRITE, grant)).contains("keeps write access");
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldStoreWhatIsHandedBackWhileItsHostIsStillTheHolder() {
        int grant = give(3, 5, 2);
        assertThat(handBack(3, 5, 2, grant)).isNull();
        assertThat(said.take()).containsExactly("store 5+2", "acknowledge to 3: 5+2, grant " + grant + ", cause 0");
        home.hostGone(3, 0);
        assertThat(said.take()).isEmpty();
        assertThat(home.holder(5)).isEqualTo(-1);
    }

    @Test
    void shouldAcknowledgeAHandBackOfBytesThatHaveComeBefore() {
        int grant = give(3, 5, 1);
        writeBack(3, 5, 1, Right.READ, grant);
        said.take();
        assertThat(handBack(3, 5, 1, grant)).isNull();
        assertThat(said.take()).containsExactly("acknowledge to 3: 5+1, grant " + grant + ", cause 0");
    }

    @Test
    void shouldAcknowledgeAHandBackOfBytesThatOthersHaveWrittenOverSince() {
        int grant = give(3, 5, 1);
        writeBack(3, 5, 1, Right.NONE, grant);
        give(4, 5, 1);
        assertThat(handBack(3, 5, 1, grant)).isNull();
        assertThat(said.take()).containsExactly("acknowledge to 3: 5+1, grant " + grant + ", cause 0");
        assertThat(home.holder(5)).isEqualTo(4);
    }

    @Test
    void shouldRefuseAHandBackOfPagesThatWereGivenUp() {
        int grant = give(3, 5, 1);
        home.hostForgotten(3, 0);
        said.take();
        assertThat(handBack(3, 5, 1, grant)).isNull();
        assertThat(said.take()).containsExactly("acknowledge to 3: 5+1, grant " + grant + ", cause 6");
    }

    @Test
    void shouldRefuseAHandBackOfAnEarlierLifeAfterTheHostHasJoinedAgain() {
        int grant = give(3, 5, 1);
        home.hostForgotten(3, 0);
        join(3);
        said.take();
        assertThat(handBack(3, 5, 1, grant)).isNull();
        assertThat(said.take()).containsExactly("acknowledge to 3: 5+1, grant " + grant + ", cause 6");
    }

    @Test
    void shouldRefuseAHandBackOfBytesThatCouldNotBeStoredTheFirstTime() {
        int grant = give(3, 5, 1);
        said.storeResults.add(Cause.FILE_ERROR);
        writeBack(3, 5, 1, Right.NONE, grant);
        said.take();
        assertThat(handBack(3, 5, 1, grant)).isNull();
        assertThat(said.take()).containsExactly("acknowledge to 3: 5+1, grant " + grant + ", cause 6");
    }

    @Test
    void shouldStoreOfAHandBackOnlyThePagesThatTheHostStillHolds() {
        int grant = give(3, 5, 3);
        writeBack(3, 6, 1, Right.NONE, grant);
        said.take();
        assertThat(handBack(3, 5, 3, grant)).isNull();
        assertThat(said.take())
                .containsExactly(
                        "store 5+1",
                        "acknowledge to 3: 5+1, grant " + grant + ", cause 0",
                        "acknowledge to 3: 6+1, grant " + grant + ", cause 0",
                        "store 7+1",
                        "acknowledge to 3: 7+1, grant " + grant + ", cause 0");
    }

    @Test
    void shouldTellRunByRunWhatIsLostWithItsHolder() {
        give(3, 5, 3);
        give(3, 20, 1);
        give(4, 30, 1);
        home.hostForgotten(3, 0);
        assertThat(said.take()).containsExactly("lost 5+3 with 3", "lost 20+1 with 3");
        assertThat(home.holder(6)).isEqualTo(-1);
        assertThat(PageTable.isPresent(home.entry(6))).isTrue();
        assertThat(home.holder(30)).isEqualTo(4);
        assertThat(home.counters().pagesLost).isEqualTo(4);
    }

    @Test
    void shouldTellOfNoLossWhenAHostSaysGoodBye() {
        give(3, 5, 3);
        home.hostGone(3, 0);
        assertThat(said.take()).isEmpty();
        assertThat(home.holder(5)).isEqualTo(-1);
    }

    @Test
    void shouldServeWhoeverWaitsForThePageOfALostHost() {
        give(3, 5, 1);
        fetch(4, 9, 5);
        said.take();
        home.hostLost(3, 0);
        assertThat(said.take()).containsExactly("lost 5+1 with 3", "pages to 4: request 9, 5+1, last");
        assertThat(home.counters().recallsGivenUp).isEqualTo(1);
    }

    @Test
    void shouldTellThatBytesAreLostWhichCannotBeStoredAndPurgeTheirHostsCopy() {
        int grant = give(3, 5, 1);
        fetch(4, 9, 5);
        said.take();
        said.storeResults.add(Cause.FILE_ERROR);
        recalled(3, 5, Right.READ, grant);
        assertThat(said.take())
                .containsExactly(
                        "store 5+1",
                        "acknowledge to 3: 5+1, grant " + grant + ", cause 7",
                        "lost 5+1 with 3",
                        "purge to 3: 5+1");
        purged(3, 5);
        assertThat(said.take()).containsExactly("pages to 4: request 9, 5+1, last");
        assertThat(home.copyset(5)).isEqualTo(0b10000);
    }

    @Test
    void shouldPurgeTheCopyOfAHostWhoseWriteBackCannotBeStored() {
        int grant = give(3, 5, 1);
        said.storeResults.add(Cause.FILE_ERROR);
        assertThat(writeBack(3, 5, 1, Right.READ, grant)).isNull();
        assertThat(said.take()).endsWith("lost 5+1 with 3", "purge to 3: 5+1");
        purged(3, 5);
        assertThat(home.busyPages()).isZero();
    }

    @Test
    void shouldPurgeNobodyWhenTheHostKeepsNothingOfWhatCannotBeStored() {
        int grant = give(3, 5, 1);
        said.storeResults.add(Cause.FILE_ERROR);
        assertThat(writeBack(3, 5, 1, Right.NONE, grant)).isNull();
        assertThat(said.take()).endsWith("lost 5+1 with 3");
        assertThat(home.busyPages()).isZero();
    }

    @Test
    void shouldLeaveToALostHostWhatNobodyNeeds() {
        int grant = give(3, 5, 3);
        home.hostLost(3, 0);
        assertThat(said.take()).isEmpty();
        assertThat(home.isAbsent(3)).isTrue();
        assertThat(home.holder(6)).isEqualTo(3);
        assertThat(home.pagesHeld(3)).isEqualTo(3);

        home.hostReturns(3);
        assertThat(handBack(3, 5, 3, grant)).isNull();
        assertThat(said.take()).containsExactly("store 5+3", "acknowledge to 3: 5+3, grant " + grant + ", cause 0");
        home.hostGone(3, 0);
        assertThat(home.isAbsent(3)).isFalse();
        assertThat(home.counters().pagesLost).isZero();
    }

    @Test
    void shouldTakeFromAnAbsentHostOnlyThePageThatSomebodyNeeds() {
        int grant = give(3, 5, 3);
        home.hostLost(3, 0);
        said.take();
        fetch(4, 9, 6);
        assertThat(said.take()).containsExactly("lost 6+1 with 3", "pages to 4: request 9, 6+1, last");
        assertThat(home.pagesHeld(3)).isEqualTo(2);

        home.hostReturns(3);
        assertThat(handBack(3, 5, 3, grant)).isNull();
        assertThat(said.take())
                .containsExactly(
                        "store 5+1",
                        "acknowledge to 3: 5+1, grant " + grant + ", cause 0",
                        "acknowledge to 3: 6+1, grant " + grant + ", cause 6",
                        "store 7+1",
                        "acknowledge to 3: 7+1, grant " + grant + ", cause 0");
    }

    @Test
    void shouldTakeNothingFromAnAbsentHostForReadAhead() {
        give(3, 5, 3);
        home.hostLost(3, 0);
        said.take();
        home.fetchAhead(4, 9, 5, 3, 0);
        assertThat(said.take()).containsExactly("decline to 4: request 9, 5+3, cause 0");
        assertThat(home.pagesHeld(3)).isEqualTo(3);
    }

    @Test
    void shouldWaitForAnAbsentHostThatHandsBack() {
        int grant = give(3, 5, 1);
        home.hostLost(3, 0);
        home.hostReturns(3);
        said.take();
        fetch(4, 9, 5);
        assertThat(said.take()).noneMatch(one -> one.startsWith("pages") || one.startsWith("lost"));
        handBack(3, 5, 1, grant);
        said.take();
        home.hostGone(3, 0);
        assertThat(said.take()).containsExactly("pages to 4: request 9, 5+1, last");
    }

    @Test
    void shouldServeWhoeverWaitsForAnAbsentHostWhoseHandBackBreaks() {
        give(3, 5, 2);
        home.hostLost(3, 0);
        home.hostReturns(3);
        fetch(4, 9, 5);
        said.take();
        home.hostLost(3, 0);
        assertThat(said.take()).containsExactly("lost 5+1 with 3", "pages to 4: request 9, 5+1, last");
        assertThat(home.holder(6)).isEqualTo(3);
    }

    @Test
    void shouldKnowOfAnAbsentHostWhatHasComeHomeBefore() {
        int grant = give(3, 5, 2);
        writeBack(3, 5, 1, Right.NONE, grant);
        home.hostLost(3, 0);
        home.hostReturns(3);
        said.take();
        assertThat(handBack(3, 5, 1, grant)).isNull();
        assertThat(said.take()).containsExactly("acknowledge to 3: 5+1, grant " + grant + ", cause 0");
    }

    @Test
    void shouldBookAGrantBeforeItLeavesAndItsEndBeforeItIsAcknowledged() {
        int grant = give(3, 5, 2);
        assertThat(said.book).containsExactly("3 holds 5+2, grant " + grant + ", after 0");
        said.book.clear();
        said.take();
        writeBack(3, 5, 1, Right.READ, grant);
        assertThat(said.take()).containsExactly("store 5+1", "acknowledge to 3: 5+1, grant " + grant + ", cause 0");
        assertThat(said.book).containsExactly("home 5+1, after 1");
        said.book.clear();
        home.hostLost(3, 0);
        assertThat(said.book).isEmpty();
        fetch(4, 9, 6);
        assertThat(said.take()).startsWith("lost 6+1 with 3");
        assertThat(said.book).containsExactly("home 6+1, after 1");
    }

    @Test
    void shouldTakeBackWhatAHostHeldInAnEarlierLifeOfHome() {
        home.hostWasHere(7, 70, false);
        for (long page = 5; page < 8; page++) {
            home.heldBefore(7, page, 1234);
        }
        assertThat(home.isAbsent(7)).isTrue();
        assertThat(home.pagesNotHome()).isEqualTo(3);
        home.hostReturns(7);
        assertThat(handBack(7, 5, 4, 1234)).isNull();
        assertThat(said.take())
                .containsExactly(
                        "store 5+3",
                        "acknowledge to 7: 5+3, grant 1234, cause 0",
                        "acknowledge to 7: 8+1, grant 1234, cause 0");
        home.hostGone(7, 0);
        assertThat(home.pagesNotHome()).isZero();
        join(7);
        assertThat(handBack(7, 9, 1, 1234)).isNull();
        assertThat(said.take()).containsExactly("acknowledge to 7: 9+1, grant 1234, cause 6");
    }

    @Test
    void shouldServeWhoNeedsAPageOfAHostOfAnEarlierLifeAndRefuseTheBytesAfterwards() {
        home.hostWasHere(7, 70, false);
        home.heldBefore(7, 5, 1234);
        fetch(4, 9, 5);
        assertThat(said.take()).containsExactly("lost 5+1 with 7", "pages to 4: request 9, 5+1, last");
        home.hostReturns(7);
        assertThat(handBack(7, 5, 1, 1234)).isNull();
        assertThat(said.take()).containsExactly("acknowledge to 7: 5+1, grant 1234, cause 6");
    }

    @Test
    void shouldNotTakeForHomeWhatAnEarlierLifeMayHaveGivenAway() {
        home.hostWasHere(7, 70, true);
        home.heldBefore(7, 5, 1234);
        home.hostReturns(7);
        assertThat(handBack(7, 5, 2, 1234)).isNull();
        assertThat(said.take())
                .containsExactly(
                        "store 5+1",
                        "acknowledge to 7: 5+1, grant 1234, cause 0",
                        "acknowledge to 7: 6+1, grant 1234, cause 6");
    }
}
