package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RemoteWritersClientTest extends ClientFixture {
    RemoteWritersClientTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
    }

    @Test
    void shouldHaveThePageExclusivelyBeforeAProcessWrites() {
        write(5, 9);
        assertThat(said.take()).containsExactly("want 9+1, held 0");
        arrive(9, 4, true);
        assertThat(said.take()).containsExactly("grant to 1.0: request 5, 9+1 WRITE");
        assertThat(client.hostState(9)).isEqualTo(HostState.EXCLUSIVE);
    }

    @Test
    void shouldLetOtherProcessesWriteAnExclusivePageWithoutAskingHome() {
        hold(9, 4);
        client.mappingOpened(2, Right.WRITE);
        client.localFault(2, 0, 6, 9, Right.WRITE, 0);
        assertThat(said.take()).containsExactly("grant to 2.0: request 6, 9+1 WRITE");
    }

    @Test
    void shouldAskForARunWhenAProcessWritesInOrder() {
        hold(0, 1);
        write(5, 1);
        assertThat(said.take()).containsExactly("want 1+2, held 0");
    }

    @Test
    void shouldLetReadersKeepTheCopyWhileHomeIsAskedToLetItBeWritten() {
        copy(9, 4);
        client.mappingOpened(2, Right.READ);
        write(5, 9);
        assertThat(said.take()).as("nothing is taken from readers").containsExactly("want 9+1, held 4");
        client.localFault(2, 0, 6, 9, Right.READ, 0);
        assertThat(said.take()).containsExactly("grant to 2.0: request 6, 9+1 READ");
        upgraded(9, 6);
        assertThat(said.take()).containsExactly("grant to 1.0: request 5, 9+1 WRITE");
        assertThat(client.hostState(9)).isEqualTo(HostState.EXCLUSIVE);
    }

    @Test
    void shouldAskOnceToLetACopyBeWritten() {
        copy(9, 4);
        write(5, 9);
        client.localFault(1, 1, 6, 9, Right.WRITE, 0);
        assertThat(said.take()).containsExactly("want 9+1, held 4");
        upgraded(9, 6);
        assertThat(said.take())
                .containsExactly("grant to 1.0: request 5, 9+1 WRITE", "grant to 1.1: request 6, 9+1 WRITE");
    }

    @Test
    void shouldKeepACopyThatHomeDoesNotLetBeWrittenAndAskAgain() {
        copy(9, 4);
        write(5, 9);
        said.take();
        assertThat(client.declined(said.requestFrom(9), 9, 1, 0, 0)).isNull();
        assertThat(said.take()).isEmpty();
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
        client.tick(100 * MS);
        assertThat(said.take()).containsExactly("want 9+1, held 4");
    }

    @Test
    void shouldFailWhoWantsToWriteAPageThatHomeCannotStore() {
        copy(9, 4);
        write(5, 9);
        said.take();
        assertThat(client.declined(said.requestFrom(9), 9, 1, Cause.FILE_ERROR, 0))
                .isNull();
        assertThat(said.take()).containsExactly("fail to 1.0: request 5, page 9, cause 7");
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
    }

    @Test
    void shouldLeaveAPageInProgressWhoseCopyIsPurgedBeforeItIsUpgraded() {
        copy(9, 4);
        write(5, 9);
        said.take();
        purge(9, 500);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left NONE");
        revoked();
        assertThat(said.take()).containsExactly("purged 9+1, operation 500");
        assertThat(PageTable.isInProgress(client.entry(9))).isTrue();
        assertThat(PageTable.right(client.entry(9))).isEqualTo(Right.NONE);
        assertThat(client.upgraded(said.requestFrom(9), 9, 6, 0)).contains("of which there is no copy");
        arrive(9, 6, true);
        assertThat(said.take()).containsExactly("grant to 1.0: request 5, 9+1 WRITE");
    }

    @Test
    void shouldRefusePagesThatComeInAnotherWayThanAskedFor() {
        read(5, 9);
        assertThat(client.arriving(said.requestFrom(9), 9, 1, true)).contains("wants the other");
        assertThat(client.upgraded(said.requestFrom(9), 9, 6, 0)).contains("wants the other");
        write(6, 20);
        assertThat(client.arriving(said.requestFrom(20), 20, 1, false)).contains("wants the other");
        assertThat(client.upgraded(said.requestFrom(20), 20, 6, 0)).contains("of which there is no copy");
    }

    @Test
    void shouldAnswerARecallWithTheBytesAndKeepACopyWhenItMay() {
        hold(9, 4);
        recall(9, Right.READ, 500);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left READ");
        revoked();
        assertThat(said.take()).containsExactly("recalled page 9, operation 500, left READ, bytes of grant 4");
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
        assertThat(PageTable.right(client.entry(9))).isEqualTo(Right.READ);
    }

    @Test
    void shouldAnswerARecallWithTheBytesAndKeepNoCopyWhenItMayNot() {
        hold(9, 4);
        recall(9, Right.NONE, 500);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left NONE");
        revoked();
        assertThat(said.take()).containsExactly("recalled page 9, operation 500, left NONE, bytes of grant 4");
        assertThat(client.hostState(9)).isEqualTo(HostState.ABSENT);
    }

    @Test
    void shouldSendBytesOnlyAfterEveryProcessHasLostWriteAccess() {
        hold(9, 4);
        client.mappingOpened(2, Right.WRITE);
        client.localFault(2, 0, 6, 9, Right.WRITE, 0);
        said.take();
        recall(9, Right.READ, 500);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left READ", "revoke from 2: 9+1, left READ");
        client.revoked(2, 2, 0);
        assertThat(said.take()).isEmpty();
        client.revoked(1, 2, 0);
        assertThat(said.take()).containsExactly("recalled page 9, operation 500, left READ, bytes of grant 4");
    }

    @Test
    void shouldNotGrantAPageWhileItIsBeingTakenForHome() {
        hold(9, 4);
        recall(9, Right.READ, 500);
        said.take();
        client.localFault(1, 1, 6, 9, Right.WRITE, 0);
        client.localFault(1, 2, 7, 9, Right.READ, 0);
        assertThat(said.take()).isEmpty();
        revoked();
        assertThat(said.take())
                .containsExactly(
                        "recalled page 9, operation 500, left READ, bytes of grant 4",
                        "grant to 1.2: request 7, 9+1 READ",
                        "want 9+1, held 4");
    }

    @Test
    void shouldAnswerARecallOfAPageThatIsOnlyACopyWithoutBytes() {
        copy(9, 4);
        recall(9, Right.READ, 500);
        assertThat(said.take()).containsExactly("recalled page 9, operation 500, left READ, no bytes");
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
        recall(20, Right.READ, 501);
        assertThat(said.take()).containsExactly("recalled page 20, operation 501, left NONE, no bytes");
    }

    @Test
    void shouldGiveACopyUpForARecallThatLeavesNothing() {
        copy(9, 4);
        recall(9, Right.NONE, 500);
        revoked();
        assertThat(said.take())
                .containsExactly(
                        "revoke from 1: 9+1, left NONE",
                        "recalled page 9, operation 500, left NONE, no bytes",
                        "discard 9+1");
    }

    @Test
    void shouldRefuseASecondDemandForAPageBeforeTheFirstIsAnswered() {
        hold(9, 4);
        recall(9, Right.READ, 500);
        said.take();
        assertThat(client.recall(9, Right.NONE, 501, 0)).contains("awaits an answer about page 9 already");
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldRefuseAPurgeOfAPageWithWrittenBytes() {
        hold(9, 4);
        assertThat(client.purge(9, 1, 500, 0)).contains("home has to recall it");
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldKeepBytesInTheirFrameUntilHomeHasAcknowledgedThem() {
        hold(9, 4);
        recall(9, Right.NONE, 500);
        revoked();
        said.take();
        assertThat(client.keepsBytes()).isTrue();
        acknowledge(9, 4, 0);
        assertThat(said.take()).containsExactly("discard 9+1");
        assertThat(client.keepsBytes()).isFalse();
    }

    @Test
    void shouldKeepTheFrameOfACopyWhoseBytesAreAcknowledged() {
        hold(9, 4);
        recall(9, Right.READ, 500);
        revoked();
        said.take();
        acknowledge(9, 4, 0);
        assertThat(said.take()).isEmpty();
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
    }

    @Test
    void shouldKeepBytesInTheirFrameWhenTheCopyOfThemIsPurged() {
        hold(9, 4);
        recall(9, Right.READ, 500);
        revoked();
        said.take();
        purge(9, 501);
        revoked();
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left NONE", "purged 9+1, operation 501");
        acknowledge(9, 4, 0);
        assertThat(said.take()).containsExactly("discard 9+1");
    }

    @Test
    void shouldNotGiveTheFrameBackWhenThePageIsOnItsWayAgain() {
        hold(9, 4);
        recall(9, Right.NONE, 500);
        revoked();
        read(6, 9);
        said.take();
        acknowledge(9, 4, 0);
        assertThat(said.take()).isEmpty();
        arrive(9, 7, false);
        assertThat(said.take()).containsExactly("grant to 1.0: request 6, 9+1 READ");
    }

    @Test
    void shouldRefuseAnAcknowledgementOfBytesThatWereNotSent() {
        hold(9, 4);
        assertThat(client.acknowledged(9, 1, 4, 0, 0)).contains("page 9 was not sent home under grant 4");
        recall(9, Right.READ, 500);
        revoked();
        assertThat(client.acknowledged(9, 1, 5, 0, 0)).contains("page 9 was not sent home under grant 5");
        assertThat(client.acknowledged(9, 2, 4, 0, 0)).contains("page 10");
        assertThat(client.keepsBytes()).isTrue();
    }

    @Test
    void shouldKeepWrittenPagesOfALostCircuitAndHandThemBackWithTheirGrants() {
        hold(9, 4);
        hold(10, 5);
        hold(30, 6);
        copy(20, 7);
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        assertThat(said.take()).containsExactly("revoke from 1: 0+0, left NONE");
        client.revoked(1, said.lastSequence, 200 * MS);
        assertThat(said.take()).as("nothing is discarded").containsExactly("resolve");
        assertThat(client.keepsBytes()).isTrue();
        client.handBack(300 * MS);
        assertThat(said.take())
                .containsExactly("hand back 9+1, grant 4", "hand back 10+1, grant 5", "hand back 30+1, grant 6");
    }

    @Test
    void shouldHandBackPagesOfOneGrantTogether() {
        hold(0, 1);
        write(5, 1);
        client.arrived(said.requestFrom(1), 1, 2, 2, true, true, 0);
        loseCircuit();
        said.take();
        client.handBack(300 * MS);
        assertThat(said.take()).containsExactly("hand back 0+1, grant 1", "hand back 1+2, grant 2");
    }

    @Test
    void shouldHandBackBytesThatWereSentButNotAcknowledged() {
        hold(9, 4);
        recall(9, Right.NONE, 500);
        revoked();
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        revoked();
        said.take();
        client.handBack(300 * MS);
        assertThat(said.take()).containsExactly("hand back 9+1, grant 4");
    }

    @Test
    void shouldGiveFramesBackWhenHomeHasWhatWasHandedBack() {
        hold(9, 4);
        loseCircuit();
        client.handBack(300 * MS);
        said.take();
        acknowledge(9, 4, 0);
        assertThat(said.take()).containsExactly("discard 9+1");
        client.circuitUp(78, 300 * MS);
        assertThat(said.take()).isEmpty();
    }

    @Test
    void shouldTellThatPagesAreLostWhichHomeHadGivenUp() {
        hold(9, 4);
        loseCircuit();
        client.handBack(300 * MS);
        said.take();
        acknowledge(9, 4, Cause.DATA_LOST);
        assertThat(said.take()).containsExactly("discard 9+1", "lost 9+1");
        assertThat(client.counters().pagesLost).isEqualTo(1);
    }

    @Test
    void shouldTellThatPagesAreLostWhenHomeTakesTheCallButNotTheBytes() {
        hold(9, 4);
        hold(10, 5);
        loseCircuit();
        said.take();
        client.circuitUp(78, 300 * MS);
        assertThat(said.take()).containsExactlyInAnyOrder("lost 9+2", "discard 9+2");
        assertThat(client.keepsBytes()).isFalse();
    }

    @Test
    void shouldTellThatPagesAreLostWhenHomeRefusesTheCallForGood() {
        hold(9, 4);
        loseCircuit();
        said.take();
        client.circuitFailed(Cause.UNKNOWN_REGION, 300 * MS);
        assertThat(said.take()).containsExactlyInAnyOrder("lost 9+1", "discard 9+1");
    }

    @Test
    void shouldKeepWrittenPagesWhileTheOwnerMayComeBack() {
        hold(9, 4);
        loseCircuit();
        said.take();
        client.circuitFailed(Cause.NO_OWNER, 300 * MS);
        assertThat(said.take()).isEmpty();
        assertThat(client.keepsBytes()).isTrue();
        client.tick(400 * MS);
        assertThat(said.take()).as("although no fault waits").containsExactly("resolve");
    }

    @Test
    void shouldTellThatPagesAreLostWithADeletedRegion() {
        hold(9, 4);
        client.fail(Cause.UNKNOWN_REGION, 0);
        assertThat(said.take()).containsExactly("hang up: cause 5", "revoke from 1: 0+0, left NONE");
        revoked();
        assertThat(said.take()).containsExactlyInAnyOrder("lost 9+1", "discard 9+1");
        assertThat(client.hasWritten()).isFalse();
    }

    @Test
    void shouldNotAnswerARecallOfALostCircuit() {
        hold(9, 4);
        recall(9, Right.NONE, 500);
        long first = said.lastSequence;
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        said.take();
        client.revoked(1, first, 200 * MS);
        client.revoked(1, said.lastSequence, 200 * MS);
        assertThat(said.take()).containsExactly("resolve");
        client.handBack(300 * MS);
        assertThat(said.take()).containsExactly("hand back 9+1, grant 4");
    }

    @Test
    void shouldAnswerAFlushWhenHomeHasAcknowledgedWhatWasWritten() {
        hold(9, 4);
        client.flush(0, 64, 7, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left READ");
        revoked();
        assertThat(said.take()).containsExactly("write back 9+1, left READ, grant 4");
        acknowledge(9, 4, 0);
        assertThat(said.take()).containsExactly("flushed 7, cause 0");
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
        assertThat(client.hasWritten()).isFalse();
    }

    @Test
    void shouldAnswerAFlushAtOnceWhenNothingWasWrittenThere() {
        copy(9, 4);
        hold(20, 5);
        client.flush(0, 20, 7, 0);
        assertThat(said.take()).containsExactly("flushed 7, cause 0");
    }

    @Test
    void shouldAnswerAFlushOnceAllPagesOfItAreHome() {
        hold(9, 4);
        hold(20, 5);
        client.flush(0, 64, 7, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left READ", "revoke from 1: 20+1, left READ");
        client.revoked(1, said.lastSequence - 1, 0);
        client.revoked(1, said.lastSequence, 0);
        said.take();
        acknowledge(20, 5, 0);
        assertThat(said.take()).isEmpty();
        acknowledge(9, 4, 0);
        assertThat(said.take()).containsExactly("flushed 7, cause 0");
    }

    @Test
    void shouldNotLetAFlushWaitForPagesThatWereGrantedLater() {
        hold(9, 4);
        client.flush(0, 64, 7, 0);
        revoked();
        hold(20, 5);
        acknowledge(9, 4, 0);
        assertThat(said.take()).containsExactly("flushed 7, cause 0");
        assertThat(client.hostState(20)).isEqualTo(HostState.EXCLUSIVE);
    }

    @Test
    void shouldNotCountALaterGrantOfTheSamePageForAFlush() {
        hold(9, 4);
        hold(20, 5);
        client.flush(0, 64, 7, 0);
        long ofTwenty = said.lastSequence;
        client.revoked(1, ofTwenty - 1, 0);
        acknowledge(9, 4, 0);
        write(6, 9);
        upgraded(9, 6);
        recall(9, Right.READ, 500);
        revoked();
        said.take();
        acknowledge(9, 6, 0);
        assertThat(said.take()).as("page 20 is still to come").isEmpty();
        client.revoked(1, ofTwenty, 0);
        acknowledge(20, 5, 0);
        assertThat(said.take()).containsExactly("write back 20+1, left READ, grant 5", "flushed 7, cause 0");
    }

    @Test
    void shouldCountBytesThatARecallBroughtHomeForAFlush() {
        hold(9, 4);
        recall(9, Right.NONE, 500);
        said.take();
        client.flush(0, 64, 7, 0);
        assertThat(said.take()).isEmpty();
        revoked();
        said.take();
        acknowledge(9, 4, 0);
        assertThat(said.take()).contains("flushed 7, cause 0");
    }

    @Test
    void shouldAnswerAFlushByHandingBackWhatALostCircuitLeftBehind() {
        hold(9, 4);
        client.flush(0, 64, 7, 0);
        long ofFlush = said.lastSequence;
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        client.revoked(1, ofFlush, 200 * MS);
        revoked();
        client.flush(9, 1, 8, 200 * MS);
        client.handBack(300 * MS);
        said.take();
        acknowledge(9, 4, 0);
        assertThat(said.take()).contains("flushed 7, cause 0", "flushed 8, cause 0");
    }

    @Test
    void shouldFailAFlushOfBytesThatAreLost() {
        hold(9, 4);
        client.flush(0, 64, 7, 0);
        revoked();
        loseCircuit();
        said.take();
        client.circuitUp(78, 300 * MS);
        assertThat(said.take()).contains("flushed 7, cause 6", "lost 9+1");
    }

    @Test
    void shouldSendAWrittenPageHomeWhenItIsDropped() {
        hold(9, 4);
        client.drop(9, 1, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left NONE");
        revoked();
        assertThat(said.take()).containsExactly("write back 9+1, left NONE, grant 4");
        acknowledge(9, 4, 0);
        assertThat(said.take()).containsExactly("discard 9+1");
    }

    @Test
    void shouldDropCopiesAndSendWrittenPagesHomeInOneRun() {
        copy(8, 3);
        hold(9, 4);
        client.drop(8, 2, 0);
        said.take();
        revoked();
        assertThat(said.take())
                .containsExactly("release 8+1, grant 3", "write back 9+1, left NONE, grant 4", "discard 8+1");
    }

    @Test
    void shouldFailAWriterWhoseMappingMayOnlyRead() {
        client.mappingOpened(2, Right.READ);
        client.localFault(2, 0, 5, 9, Right.WRITE, 0);
        assertThat(said.take()).containsExactly("fail to 2.0: request 5, page 9, cause 4");
    }

    @Test
    void shouldFailAWriterAtOnceWhereOnlyHomeWrites() {
        ClientRegion region = new ClientRegion(GEOMETRY, said, said, OWNER_WRITES);
        region.mappingOpened(1, Right.WRITE);
        region.connectNow(0);
        region.circuitUp(77, 0);
        said.take();
        region.localFault(1, 0, 5, 9, Right.WRITE, 0);
        assertThat(said.take()).containsExactly("fail to 1.0: request 5, page 9, cause 4");
        assertThat(region.recall(9, Right.NONE, 500, 0)).contains("only home writes to this region");
    }
}
