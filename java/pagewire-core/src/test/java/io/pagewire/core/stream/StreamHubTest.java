package io.pagewire.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Slots, order, credit, kept frames, ends. */
class StreamHubTest extends HubFixture {
    @Test
    void shouldHaveTwoFramesUnderwayToALatestHostWhateverItsCredit() {
        open(2, 10, false);
        latestCircuit(0, 8);
        for (int i = 0; i < 6; i++) {
            fill();
        }
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 0", "deliver 2 in 1 to 0");
        assertThat(hub.aside()).isEqualTo(3);
        assertThat(hub.releasedUpTo(0, 1, now)).isNull();
        assertThat(toSinks()).hasSize(1).first().asString().startsWith("deliver 6 ");
    }

    @Test
    void shouldGiveAsManySlotsAsThereAreFramesLowestFirst() {
        hub = new StreamHub(this, 3, 10, 4, true);
        hub.start();
        assertThat(said()).containsExactly("give 0", "give 1", "give 2");
    }

    @Test
    void shouldGiveNothingToASourceThatIsNotThereYet() {
        hub = new StreamHub(this, 3, 10, 8, true);
        local(0);
        hub.finished(0, now);
        assertThat(said()).isEmpty();
        hub.start();
        assertThat(said()).containsExactly("give 0", "give 1", "give 2");
    }

    @Test
    void shouldDeliverEveryFrameToEveryLosslessSinkInOrder() {
        open(3, 10, true);
        local(0);
        local(1);
        fill();
        fill();
        assertThat(said())
                .containsExactly(
                        "deliver 1 in 0 to 0", "deliver 1 in 0 to 1", "deliver 2 in 1 to 0", "deliver 2 in 1 to 1");
        assertThat(hub.lastNumber()).isEqualTo(2);
    }

    @Test
    void shouldGiveASlotAgainOnlyWhenItsLastSinkHasReleasedIt() {
        open(2, 10, true);
        local(0);
        local(1);
        int slot = fill();
        said();
        assertThat(hub.released(0, slot, now)).isNull();
        assertThat(said()).isEmpty();
        assertThat(hub.released(1, slot, now)).isNull();
        assertThat(said()).containsExactly("give 0");
    }

    @Test
    void shouldGiveLowestEmptySlotFirst() {
        open(4, 10, true);
        local(0);
        for (int i = 0; i < 4; i++) {
            fill();
        }
        said();
        hub.released(0, 2, now);
        assertThat(said()).containsExactly("give 2");
        fill();
        said();
        hub.finished(0, now);
        assertThat(said())
                .as("used slots 0, 1 and 3 are with the sink")
                .containsExactly("give 4", "give 5", "give 6", "give 7");
    }

    @Test
    void shouldNotWaitForAFrameThatItsSinkIsFinishedWithButKeepsInItsWindow() {
        open(2, 10, true);
        local(0);
        fill();
        fill();
        assertThat(given).isEmpty();
        hub.released(0, 0, now);
        fill();
        assertThat(given).as("slot 1 and slot 0 are with the sink").isEmpty();
        hub.released(0, 1, now);
        hub.finished(0, now);
        assertThat(given).as("frame 3 stays in the window of slot 0").containsExactly(1, 2);
        fill();
        assertThat(given).as("frame 3 counts until it is released").containsExactly(2);
        hub.released(0, 0, now);
        hub.finished(0, now);
        assertThat(given).containsExactly(2, 0);
    }

    @Test
    void shouldKeepTwoFramesMovingForeverWithASinkThatWaitsForTheNextBeforeItReleases() {
        open(2, 4, true);
        local(0);
        int before = -1;
        for (int i = 0; i < 100; i++) {
            int slot = fill();
            assertThat(slot).isNotEqualTo(before);
            assertThat(toSinks()).containsExactly("deliver " + (i + 1) + " in " + slot + " to 0");
            if (before >= 0) {
                assertThat(hub.released(0, before, now)).isNull();
            }
            hub.finished(0, now);
            assertThat(hub.heldBack(0)).isZero();
            before = slot;
        }
    }

    @Test
    void shouldNotLetSlotsOfLatestSinksCount() {
        open(2, 5, true);
        latest(0);
        hub.credit(0, 3, now);
        fill();
        fill();
        fill();
        assertThat(given).as("three slots are with the sink").containsExactly(3, 4);
        assertThat(hub.heldBack(0)).isZero();
    }

    @Test
    void shouldStopGivingWhenSlotsRunOut() {
        open(2, 3, true);
        latest(0);
        hub.credit(0, 3, now);
        fill();
        fill();
        fill();
        assertThat(given).isEmpty();
        hub.released(0, 1, now);
        assertThat(given).containsExactly(1);
    }

    @Test
    void shouldDeliverNoMoreThanThereIsCreditFor() {
        open(4, 10, true);
        circuit(0, 1);
        fill();
        fill();
        fill();
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 0");
        assertThat(hub.heldBack(0)).isEqualTo(3);
        hub.credit(0, 2, now);
        assertThat(toSinks()).containsExactly("deliver 2 in 1 to 0", "deliver 3 in 2 to 0");
    }

    @Test
    void shouldReleaseUpToANumberAndTakeALateOneForNothing() {
        open(3, 10, true);
        circuit(0, 9);
        fill();
        fill();
        fill();
        said();
        assertThat(hub.releasedUpTo(0, 2, now)).isNull();
        assertThat(said()).containsExactly("give 0", "give 1");
        assertThat(hub.releasedUpTo(0, 1, now)).isNull();
        assertThat(hub.releasedUpTo(0, 2, now)).isNull();
        assertThat(said()).isEmpty();
        assertThat(hub.heldBack(0)).isEqualTo(1);
    }

    @Test
    void shouldSkipToTheNewestFrameAndCountWhatWasSkipped() {
        open(2, 10, true);
        latest(0);
        fill();
        fill();
        fill();
        fill();
        assertThat(toSinks()).isEmpty();
        hub.credit(0, 1, now);
        assertThat(toSinks()).containsExactly("deliver 4 in 0 to 0");
        assertThat(hub.skipped(0)).isEqualTo(3);
        fill();
        assertThat(toSinks()).as("one frame for each credit").isEmpty();
        hub.credit(0, 1, now);
        assertThat(toSinks()).containsExactly("deliver 5 in 1 to 0");
        assertThat(hub.skipped(0)).isEqualTo(3);
    }

    @Test
    void shouldNotSkipAFrameThatHasBeenDelivered() {
        open(3, 10, true);
        latest(0);
        hub.credit(0, 1, now);
        fill();
        fill();
        fill();
        assertThat(hub.skipped(0)).isEqualTo(1);
        assertThat(hub.released(0, 0, now)).isNull();
    }

    @Test
    void shouldTakeCreditBackOnCancel() {
        open(2, 10, true);
        latest(0);
        hub.credit(0, 1, now);
        hub.cancel(0, now);
        fill();
        assertThat(toSinks()).isEmpty();
        hub.credit(0, 1, now);
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 0");
    }

    @Test
    void shouldKeepFramesForTheFirstSinkOnly() {
        open(3, 10, true);
        fill();
        fill();
        assertThat(hub.kept()).isEqualTo(2);
        local(3);
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 3", "deliver 2 in 1 to 3");
        assertThat(hub.kept()).isZero();
        local(4);
        assertThat(toSinks()).isEmpty();
        fill();
        assertThat(toSinks()).containsExactly("deliver 3 in 2 to 3", "deliver 3 in 2 to 4");
    }

    @Test
    void shouldHoldTheSourceBackWithKeptFrames() {
        open(2, 10, true);
        fill();
        fill();
        assertThat(given).isEmpty();
        local(0);
        hub.finished(0, now);
        assertThat(given).hasSize(2);
    }

    @Test
    void shouldLetFramesGoWhenNobodyIsThereAnyMoreAndCountThem() {
        open(2, 10, true);
        local(0);
        hub.removeSink(0, false, now);
        fill();
        fill();
        fill();
        assertThat(hub.discarded()).isEqualTo(3);
        assertThat(hub.kept()).isZero();
        local(0);
        assertThat(toSinks()).isEmpty();
    }

    @Test
    void shouldLetFramesGoFromTheStartWhenNoneAreToBeKept() {
        open(2, 10, false);
        fill();
        fill();
        fill();
        assertThat(hub.discarded()).isEqualTo(3);
    }

    @Test
    void shouldSayTheEndWhenTheQueueIsEmptyThoughFramesAreNotReleased() {
        open(3, 10, true);
        local(0);
        circuit(1, 1);
        fill();
        fill();
        said();
        hub.sourceEnded(9, now);
        assertThat(said()).containsExactly("end 0 cause 9", "stalled 1");
        hub.sourceEnded(0, now);
        hub.credit(1, 1, now);
        assertThat(said()).containsExactly("deliver 2 in 1 to 1", "end 1 cause 9");
        hub.releasedUpTo(1, 2, now);
        assertThat(said()).as("nothing is given after the end").isEmpty();
    }

    @Test
    void shouldSayTheEndWithoutCredit() {
        open(3, 10, true);
        latest(0);
        circuit(1, 0);
        hub.sourceEnded(0, now);
        assertThat(said()).containsExactly("end 0 cause 0", "end 1 cause 0");
    }

    @Test
    void shouldSayTheEndToASinkThatComesAfterItAndGiveItWhatWasKept() {
        open(3, 10, true);
        fill();
        hub.sourceEnded(0, now);
        assertThat(toSinks()).isEmpty();
        local(0);
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 0", "end 0 cause 0");
        local(1);
        assertThat(toSinks()).containsExactly("end 1 cause 0");
    }

    @Test
    void shouldSayDrainedOnceWhenNothingWaitsForAnybody() {
        open(4, 10, true);
        fill();
        hub.drain(now);
        assertThat(said()).as("a frame is kept").isEmpty();
        circuit(0, 0);
        assertThat(hub.isDrained()).isFalse();
        hub.credit(0, 1, now);
        assertThat(toSinks()).as("it is on its way").containsExactly("deliver 1 in 0 to 0");
        hub.releasedUpTo(0, 1, now);
        assertThat(toSinks()).containsExactly("drained");
        hub.credit(0, 1, now);
        assertThat(toSinks()).isEmpty();
        hub.drain(now);
        assertThat(toSinks()).containsExactly("drained");
    }

    @Test
    void shouldBeDrainedOfNothingOnlyWhenAFirstSinkHasCome() {
        open(4, 10, true);
        hub.drain(now);
        assertThat(toSinks()).isEmpty();
        local(0);
        assertThat(toSinks()).containsExactly("drained");
        open(4, 10, false);
        hub.drain(now);
        assertThat(toSinks()).containsExactly("drained");
    }

    @Test
    void shouldNotWaitForALatestSinkThatAsksForNothing() {
        open(4, 10, true);
        hub.addSink(0, true, false, 0, DROP, now);
        hub.addSink(1, true, true, 1, DROP, now);
        fill();
        hub.drain(now);
        assertThat(toSinks()).containsExactly("deliver 1 in 0 to 1", "drained");
    }

    @Test
    void shouldTakeAFrameInALocalWindowForTaken() {
        open(4, 10, true);
        local(0);
        fill();
        assertThat(hub.isDrained()).isTrue();
    }

    @Test
    void shouldRefuseWhatASourceMayNotSay() {
        open(2, 10, true);
        local(0);
        assertThat(hub.filled(5, 1, 7, now)).contains("slot 5");
        assertThat(hub.filled(-1, 1, 7, now)).contains("slot -1");
        assertThat(hub.filled(10, 1, 7, now)).contains("slot 10");
        assertThat(hub.filled(0, -1, 7, now)).contains("-1 bytes");
        assertThat(hub.filled(0, 0L, 1, 7, now)).contains("frame 0 came after frame 0");
        assertThat(said()).isEmpty();
        int slot = fill();
        assertThat(hub.filled(slot, 1, 7, now)).as("twice").contains("had not been given");
        assertThat(hub.filled(1, 1L, 1, 7, now)).contains("frame 1 came after frame 1");
        hub.sourceEnded(0, now);
        assertThat(hub.filled(1, 1, 7, now)).contains("after the end");
    }

    @Test
    void shouldTakeNumbersWithGapsFromACircuit() {
        open(2, 10, false);
        local(0);
        assertThat(hub.filled(given.remove(), 17L, 100, 7, now)).isNull();
        assertThat(hub.filled(given.remove(), 20L, 100, 7, now)).isNull();
        assertThat(toSinks()).containsExactly("deliver 17 in 0 to 0", "deliver 20 in 1 to 0");
        assertThat(hub.lastNumber()).isEqualTo(20);
    }

    @Test
    void shouldRefuseWhatASinkMayNotSay() {
        open(4, 10, true);
        local(0);
        circuit(1, 1);
        fill();
        fill();
        said();
        assertThat(hub.released(0, 3, now)).contains("slot 3");
        assertThat(hub.released(0, 99, now)).contains("slot 99");
        assertThat(hub.released(1, 1, now)).as("queued, not delivered").contains("slot 1");
        assertThat(hub.releasedUpTo(1, 2, now)).contains("frame 2");
        assertThat(said()).isEmpty();
        assertThat(hub.heldBack(1)).isEqualTo(2);
        assertThat(hub.released(0, 0, now)).isNull();
        assertThat(hub.released(0, 0, now)).as("twice").contains("slot 0");
    }

    @Test
    void shouldThrowWhenItsOwnDaemonConfusesSinks() {
        open(2, 10, true);
        local(0);
        assertThatThrownBy(() -> local(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> hub.finished(1, now)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> hub.credit(0, -1, now)).isInstanceOf(IllegalArgumentException.class);
    }
}
