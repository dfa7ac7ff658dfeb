package io.pagewire.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Deadlines, circuits that break, sinks that are dropped or leave. */
class StreamHubLossTest extends HubFixture {
    private void fillAll() {
        for (int left = given.size(); left > 0; left--) {
            fill();
        }
    }

    @Test
    void shouldDropASinkThatHoldsAWaitingSourceUpForTooLong() {
        open(2, 10, true);
        local(0);
        fillAll();
        hub.sourceWaits(now);
        assertThat(hub.isSourceWaiting()).isTrue();
        said();
        pass(DROP - 1);
        assertThat(said()).isEmpty();
        pass(1);
        assertThat(said()).containsExactly("dropped 0 after 5000 ms", "give 2", "give 3");
        assertThat(hub.isSourceWaiting()).isFalse();
        assertThat(hub.heldBack(0)).isZero();
    }

    @Test
    void shouldDropNobodyWhileTheSourceDoesNotWait() {
        open(3, 10, true);
        local(0);
        fillAll();
        pass(10 * DROP);
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 0", "deliver 2 in 1 to 0", "deliver 3 in 2 to 0");
        hub.sourceWaits(now);
        pass(DROP - 1);
        assertThat(said()).as("counted from the moment it waits").isEmpty();
    }

    @Test
    void shouldTakeAProducerForWaitingThatHasASlotInItsWindowButNotWithAnotherOnItsWay() {
        open(3, 10, true);
        local(0);
        fill();
        hub.sourceWaits(now);
        assertThat(hub.isSourceWaiting()).isFalse();
        fill();
        hub.sourceWaits(now);
        assertThat(hub.isSourceWaiting()).isTrue();
    }

    @Test
    void shouldTakeACircuitForWaitingOnlyWhenItHasNoSlot() {
        open(2, 10, false);
        local(0);
        fill();
        hub.upstreamWaits(now);
        assertThat(hub.isSourceWaiting()).as("a frame would have room here").isFalse();
        fill();
        hub.upstreamWaits(now);
        said();
        pass(DROP);
        assertThat(toSinks()).containsExactly("dropped 0 after 5000 ms");
    }

    @Test
    void shouldCountTheDeadlineFromTheLastProgressOfEachSink() {
        open(2, 10, true);
        local(0);
        local(1);
        fillAll();
        hub.sourceWaits(now);
        pass(DROP - SECOND);
        hub.released(1, 0, now);
        said();
        pass(SECOND);
        assertThat(toSinks()).containsExactly("dropped 0 after 5000 ms");
        assertThat(hub.heldBack(1)).isEqualTo(1);
    }

    @Test
    void shouldDropNoSinkThatHoldsNothingBack() {
        open(2, 20, true);
        local(0);
        latest(1);
        local(2);
        hub.credit(1, 1, now);
        fillAll();
        hub.released(2, 0, now);
        hub.released(2, 1, now);
        hub.sourceWaits(now);
        said();
        pass(DROP);
        assertThat(toSinks()).containsExactly("dropped 0 after 5000 ms");
    }

    @Test
    void shouldTakeBytesThatMoveForProgress() {
        open(2, 20, true);
        circuit(0, 2);
        fillAll();
        hub.sourceWaits(now);
        said();
        pass(DROP - 1);
        hub.progress(0, now);
        pass(DROP - 1);
        assertThat(said()).isEmpty();
        pass(1);
        assertThat(toSinks()).containsExactly("dropped 0 after 5000 ms");
    }

    @Test
    void shouldBlameNobodyAfterItWasHeldUpItself() {
        open(2, 10, true);
        local(0);
        fillAll();
        hub.sourceWaits(now);
        said();
        now += 2 * DROP;
        hub.tick(now);
        assertThat(said()).isEmpty();
        hub.released(0, 0, now);
        pass(DROP - 1);
        assertThat(toSinks()).isEmpty();
    }

    @Test
    void shouldKeepWhatADroppedSinkHasUntilItReleasesItOrIsRemoved() {
        open(2, 4, true);
        local(0);
        fillAll();
        hub.sourceWaits(now);
        pass(DROP);
        fillAll();
        assertThat(given).as("slots 0 and 1 are still in the sink's window").containsExactly(2, 3);
        assertThat(hub.released(0, 1, now)).isNull();
        fill();
        assertThat(given).containsExactly(3, 1);
        hub.removeSink(0, false, now);
        fill();
        assertThat(given).containsExactly(1, 0);
    }

    @Test
    void shouldNotGiveTheSlotsOfADroppedSinkAgain() {
        open(2, 4, true);
        local(0);
        fillAll();
        hub.sourceWaits(now);
        pass(DROP);
        for (int i = 0; i < 20; i++) {
            assertThat(fill()).isGreaterThan(1);
        }
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 0", "deliver 2 in 1 to 0", "dropped 0 after 5000 ms");
    }

    @Test
    void shouldSayNoEndToADroppedSink() {
        open(2, 10, true);
        local(0);
        fillAll();
        hub.sourceWaits(now);
        pass(DROP);
        said();
        hub.finished(0, now);
        hub.sourceEnded(0, now);
        assertThat(said()).isEmpty();
        assertThat(hub.isDrained()).isTrue();
    }

    @Test
    void shouldTellACircuitOnceInEachStallUntilItMoves() {
        open(2, 10, true);
        circuit(0, 1);
        circuit(1, 2);
        fillAll();
        said();
        hub.releasedUpTo(1, 2, now);
        hub.sourceWaits(now);
        hub.sourceWaits(now);
        assertThat(said()).containsExactly("stalled 0");
        pass(SECOND);
        assertThat(said()).isEmpty();
        hub.credit(0, 1, now);
        assertThat(said()).containsExactly("deliver 2 in 1 to 0");
        hub.releasedUpTo(0, 1, now);
        assertThat(said()).containsExactly("give 0");
        fill();
        hub.sourceWaits(now);
        assertThat(toSinks()).contains("stalled 0", "stalled 1");
    }

    @Test
    void shouldTellACircuitThatIsBackThatTheSourceStillWaits() {
        open(2, 10, true);
        circuit(0, 2);
        fillAll();
        hub.sourceWaits(now);
        hub.away(0, now);
        said();
        assertThat(hub.back(0, 0, now)).isNull();
        assertThat(said()).containsExactly("stalled 0");
    }

    @Test
    void shouldSendAgainWhatDidNotComeOverABrokenCircuit() {
        open(4, 10, true);
        circuit(0, 3);
        fillAll();
        hub.releasedUpTo(0, 1, now);
        said();
        hub.away(0, now);
        hub.credit(0, 5, now);
        assertThat(said()).isEmpty();
        assertThat(hub.back(0, 2, now)).isNull();
        assertThat(toSinks()).as("credit comes anew").isEmpty();
        hub.credit(0, 5, now);
        assertThat(toSinks()).containsExactly("deliver 3 in 2 to 0", "deliver 4 in 3 to 0");
    }

    @Test
    void shouldHoldTheSourceBackWithWhatACircuitThatIsAwayHasStillToGet() {
        open(2, 10, true);
        circuit(0, 2);
        fillAll();
        hub.away(0, now);
        assertThat(given).isEmpty();
        assertThat(hub.heldBack(0)).isEqualTo(2);
        assertThat(hub.isDrained()).isFalse();
    }

    @Test
    void shouldRenewTheSlotsThatABrokenCircuitMayStillSendFrom() {
        open(3, 10, true);
        circuit(0, 2);
        fillAll();
        said();
        hub.away(0, now);
        hub.back(0, 0, now);
        hub.credit(0, 3, now);
        said();
        hub.releasedUpTo(0, 3, now);
        assertThat(said()).containsExactly("renew 0", "give 0", "renew 1", "give 1", "give 2");
        fillAll();
        said();
        hub.releasedUpTo(0, 3, now);
        assertThat(said()).isEmpty();
    }

    @Test
    void shouldRenewASlotOnlyOnce() {
        open(2, 10, true);
        circuit(0, 1);
        fill();
        hub.away(0, now);
        hub.back(0, 1, now);
        assertThat(said()).contains("renew 0");
        hub.credit(0, 9, now);
        fillAll();
        said();
        hub.releasedUpTo(0, 3, now);
        assertThat(said()).containsExactly("give 0", "give 1");
    }

    @Test
    void shouldTakeANewCallForTheEndOfTheOldCircuit() {
        open(2, 10, true);
        circuit(0, 2);
        fillAll();
        said();
        assertThat(hub.back(0, 1, now)).isNull();
        assertThat(said()).containsExactly("renew 0", "give 0");
        hub.credit(0, 1, now);
        assertThat(said()).containsExactly("deliver 2 in 1 to 0");
        assertThat(hub.back(0, 1, now)).isNull();
        hub.credit(0, 1, now);
        assertThat(said()).containsExactly("deliver 2 in 1 to 0");
    }

    @Test
    void shouldRefuseAHostThatComesBackWithWhatItCannotHave() {
        open(4, 10, true);
        circuit(0, 2);
        fillAll();
        hub.releasedUpTo(0, 1, now);
        hub.away(0, now);
        said();
        assertThat(hub.back(0, 3, now)).contains("frame 3");
        assertThat(hub.back(0, 0, now)).contains("acknowledged frame 1");
        assertThat(said()).isEmpty();
        assertThat(hub.back(0, 2, now)).isNull();
        assertThat(hub.releasedUpTo(0, 3, now)).contains("frame 3");
    }

    @Test
    void shouldDropACircuitThatStaysAwayThoughTheSourceDoesNotWait() {
        open(4, 10, true);
        circuit(0, 0);
        hub.away(0, now);
        pass(DROP - 1);
        assertThat(said()).isEmpty();
        pass(1);
        assertThat(said()).containsExactly("dropped 0 after 5000 ms");
        assertThat(hub.back(0, 0, now)).contains("out");
        hub.removeSink(0, true, now);
        circuit(0, 1);
        fill();
        assertThat(said()).contains("deliver 1 in 0 to 0");
    }

    @Test
    void shouldRenewTheSlotsOfARemovedSinkWhoseBytesMayBeUnderway() {
        open(3, 10, true);
        circuit(0, 2);
        local(1);
        fillAll();
        said();
        hub.removeSink(0, true, now);
        assertThat(said()).isEmpty();
        hub.finished(1, now);
        said();
        for (int slot = 0; slot < 3; slot++) {
            hub.released(1, slot, now);
        }
        hub.removeSink(1, false, now);
        fillAllOnce();
        assertThat(said()).contains("renew 0", "renew 1").doesNotContain("renew 2");
    }

    private void fillAllOnce() {
        for (int i = 0; i < 6; i++) {
            fill();
        }
    }

    @Test
    void shouldRenewNothingOfASinkThatWasSentNothing() {
        open(2, 10, true);
        circuit(0, 0);
        fillAll();
        said();
        hub.removeSink(0, true, now);
        assertThat(said()).containsExactly("give 0", "give 1");
    }

    @Test
    void shouldNotSkipOnALatestCircuitWhatCameBeforeItBroke() {
        open(2, 10, true);
        latestCircuit(0, 2);
        fill();
        fill();
        hub.away(0, now);
        fill();
        fill();
        assertThat(hub.skipped(0)).as("frame 3").isEqualTo(1);
        said();
        assertThat(hub.back(0, 1, now)).isNull();
        hub.credit(0, 2, now);
        assertThat(toSinks()).hasSize(1).first().asString().startsWith("deliver 4 in");
        assertThat(hub.skipped(0)).as("frames 2 and 3").isEqualTo(2);
    }

    @Test
    void shouldSkipNothingWhenEverythingHadCome() {
        open(2, 10, true);
        latestCircuit(0, 2);
        fill();
        fill();
        hub.away(0, now);
        hub.back(0, 2, now);
        assertThat(hub.skipped(0)).isZero();
        assertThat(hub.isDrained()).isTrue();
    }

    @Test
    void shouldSayTheEndAgainOnTheNextCircuit() {
        open(2, 10, true);
        circuit(0, 2);
        fill();
        hub.sourceEnded(3, now);
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 0", "end 0 cause 3");
        hub.away(0, now);
        assertThat(toSinks()).isEmpty();
        hub.back(0, 0, now);
        hub.credit(0, 1, now);
        assertThat(toSinks()).contains("deliver 1 in 0 to 0", "end 0 cause 3");
    }

    @Test
    void shouldDropASinkThatTheEndWaitsForButNoneThatHasEverything() {
        open(4, 10, true);
        local(0);
        circuit(1, 2);
        circuit(2, 1);
        latest(3);
        fill();
        fill();
        said();
        hub.sourceEnded(0, now);
        assertThat(said()).containsExactly("end 0 cause 0", "end 1 cause 0", "stalled 2");
        pass(DROP - 1);
        assertThat(said()).isEmpty();
        pass(1);
        assertThat(said()).containsExactly("dropped 2 after 5000 ms");
        pass(2 * DROP);
        assertThat(said()).isEmpty();
    }

    @Test
    void shouldFreeWhatWasQueuedForADroppedCircuit() {
        open(2, 10, true);
        circuit(0, 1);
        fillAll();
        hub.sourceWaits(now);
        said();
        pass(DROP);
        assertThat(said()).containsExactly("dropped 0 after 5000 ms", "give 1", "give 2");
        hub.removeSink(0, true, now);
        fill();
        fill();
        assertThat(said()).contains("renew 0");
    }
}
