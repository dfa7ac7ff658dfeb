package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Written pages that go home when a program wants it, or with the next call, or are lost. */
class HandBackClientTest extends ClientFixture {
    HandBackClientTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
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
}
