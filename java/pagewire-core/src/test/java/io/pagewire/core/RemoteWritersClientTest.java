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
