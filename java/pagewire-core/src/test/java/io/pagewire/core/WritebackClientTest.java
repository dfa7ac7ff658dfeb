package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes home by itself: after 500 ms, at the latest after 4 s; more than 8 pages at once, no more than 12 away. */
class WritebackClientTest extends ClientFixture {
    private static final WritebackSettings SETTINGS = new WritebackSettings(500 * MS, 4000 * MS, 8, 12);

    private int grant = 100;

    WritebackClientTest() {
        super(ANY_WRITES.with(SETTINGS), FrameBudget.UNLIMITED);
    }

    /** Mapping 1 writes so many pages, which come one by one, at that time. */
    private void hold(long first, int count, long now) {
        for (long page = first; page < first + count; page++) {
            store(page, now);
            int request = said.requestFrom(page);
            client.arrived(request, page, 1, ++grant, true, true, now);
            assertThat(PageTable.right(client.entry(page))).isEqualTo(Right.WRITE);
        }
        said.take();
    }

    private void store(long page, long now) {
        client.localFault(1, 0, 1, page, Right.WRITE, now);
    }

    private void upgradedAt(long page, long now) {
        assertThat(client.upgraded(said.requestFrom(page), page, ++grant, now)).isNull();
    }

    private void answer(long now) {
        client.revoked(1, said.lastSequence, now);
    }

    private void acknowledge(long page, long now) {
        acknowledge(page, grant, now);
    }

    private void acknowledge(long page, int under, long now) {
        assertThat(client.acknowledged(page, 1, under, 0, now)).isNull();
    }

    @Test
    void shouldBringAPageHomeThatNobodyWasGivenToWriteForAWhile() {
        hold(9, 1, 0);
        pass(0, 490 * MS);
        assertThat(said.take()).isEmpty();
        client.tick(500 * MS);
        assertThat(said.take()).containsExactly("revoke at leisure from 1: 9+1, left READ");
        assertThat(client.pagesNotHome()).isOne();
        answer(501 * MS);
        assertThat(said.take()).containsExactly("write back 9+1, left READ, grant 101");
        assertThat(client.pagesNotHome()).as("not before home has said so").isOne();
        acknowledge(9, 502 * MS);
        assertThat(client.pagesNotHome()).isZero();
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
    }

    @Test
    void shouldBringNothingHomeWhenThatIsOff() {
        ClientRegion off = new ClientRegion(GEOMETRY, said, said, ANY_WRITES);
        off.mappingOpened(1, Right.WRITE);
        off.connectNow(0);
        off.circuitUp(78, 0);
        off.localFault(1, 0, 1, 9, Right.WRITE, 0);
        off.arrived(said.requestFrom(9), 9, 1, 1, true, true, 0);
        said.take();
        for (long now = 0; now < 10_000 * MS; now += 50 * MS) {
            off.tick(now);
        }
        assertThat(said.take()).isEmpty();
        assertThat(off.pagesNotHome()).isOne();
    }

    @Test
    void shouldReadNoBytesBeforeEveryWriterHasAnswered() {
        client.mappingOpened(2, Right.WRITE);
        hold(9, 1, 0);
        client.localFault(2, 0, 6, 9, Right.WRITE, 0);
        said.take();
        pass(0, 500 * MS);
        assertThat(said.take())
                .containsExactly(
                        "revoke at leisure from 1: 9+1, left READ", "revoke at leisure from 2: 9+1, left READ");
        client.revoked(2, said.lastSequence, 510 * MS);
        assertThat(said.take()).isEmpty();
        client.revoked(1, 2, 520 * MS);
        assertThat(said.take()).containsExactly("write back 9+1, left READ, grant 101");
    }

    @Test
    void shouldGrantAPageAgainThatIsAboutToGoHomeAndLeaveItHere() {
        hold(9, 1, 0);
        pass(0, 500 * MS);
        said.take();
        long asked = said.lastSequence;
        store(9, 501 * MS);
        assertThat(said.take()).containsExactly("grant to 1.0: request 1, 9+1 WRITE");
        client.revoked(1, asked, 502 * MS);
        assertThat(said.take()).as("somebody may write to it").isEmpty();
        assertThat(client.hostState(9)).isEqualTo(HostState.EXCLUSIVE);
        assertThat(client.counters().cleaningsSpoilt).isOne();
    }

    @Test
    void shouldNotTakeALateAnswerForThatToALaterQuestion() {
        hold(9, 1, 0);
        pass(0, 500 * MS);
        long first = said.lastSequence;
        store(9, 510 * MS);
        said.take();
        pass(510 * MS, 4000 * MS);
        assertThat(said.take()).as("asked once at a time").isEmpty();
        client.revoked(1, first, 4010 * MS);
        assertThat(said.take()).as("it was written after the question").isEmpty();
        client.tick(4050 * MS);
        assertThat(said.take())
                .as("what was written at 510 ms is old by now, so its writer is asked again")
                .containsExactly("revoke at leisure from 1: 9+1, left READ");
        answer(4060 * MS);
        assertThat(said.take()).containsExactly("write back 9+1, left READ, grant 101");
    }

    @Test
    void shouldLeaveAPageToARecallThatComesMeanwhile() {
        hold(9, 1, 0);
        pass(0, 500 * MS);
        long asked = said.lastSequence;
        said.take();
        assertThat(client.recall(9, Right.NONE, 7, 501 * MS)).isNull();
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left NONE");
        client.revoked(1, asked, 502 * MS);
        assertThat(said.take()).isEmpty();
        answer(503 * MS);
        assertThat(said.take()).containsExactly("recalled page 9, operation 7, left NONE, bytes of grant 101");
    }

    @Test
    void shouldNeverKillAProcessThatDoesNotAnswerWhatNobodyNeeds() {
        hold(9, 1, 0);
        pass(0, 60_000 * MS);
        assertThat(said.take()).containsExactly("revoke at leisure from 1: 9+1, left READ");
        assertThat(client.recall(9, Right.NONE, 7, 60_000 * MS)).isNull();
        pass(60_050 * MS, 60_900 * MS);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left NONE");
        pass(60_950 * MS, 61_000 * MS);
        assertThat(said.take()).as("a second after somebody needed it").containsExactly("fence 1");
    }

    @Test
    void shouldLeaveAProcessAloneThatTakesItsTime() {
        client.mappingOpened(2, Right.WRITE);
        hold(9, 1, 0);
        pass(0, 500 * MS);
        hold(20, 1, 500 * MS);
        client.localFault(2, 0, 1, 30, Right.WRITE, 500 * MS);
        client.arrived(said.requestFrom(30), 30, 1, ++grant, true, true, 500 * MS);
        said.take();
        pass(550 * MS, 5000 * MS);
        assertThat(said.take())
                .as("page 20 is the silent process's, page 30 is not")
                .containsExactly("revoke at leisure from 2: 30+1, left READ");
    }

    @Test
    void shouldWaitUntilNobodyNeedsTheCircuit() {
        hold(9, 1, 0);
        client.localFault(1, 0, 1, 30, Right.READ, 100 * MS);
        said.take();
        pass(100 * MS, 3950 * MS);
        assertThat(said.take()).as("somebody waits for page 30").isEmpty();
        client.tick(4000 * MS);
        assertThat(said.take()).as("but not for ever").contains("revoke at leisure from 1: 9+1, left READ");
    }

    @Test
    void shouldSendARunInOneMessageAndNoMoreThanMayBeUnderWay() {
        hold(10, 4, 0);
        hold(40, 8, 0);
        pass(0, 500 * MS);
        assertThat(said.take())
                .containsExactly(
                        "revoke at leisure from 1: 10+4, left READ", "revoke at leisure from 1: 40+4, left READ");
    }

    @Test
    void shouldRobAHotPageEverMoreRarelyButNotForget() {
        hold(9, 1, 0);
        long now = 0;
        List<Long> robbed = new ArrayList<>();
        for (; now < 30_000 * MS; now += 50 * MS) {
            client.tick(now);
            if (!said.take().contains("revoke at leisure from 1: 9+1, left READ")) {
                continue;
            }
            robbed.add(now / MS);
            answer(now);
            acknowledge(9, now);
            store(9, now);
            upgradedAt(9, now);
        }
        assertThat(robbed).hasSizeBetween(8, 12).startsWith(500L, 1500L, 3500L, 7500L, 11_500L);
        assertThat(client.counters().cleaningsRegretted).isEqualTo(robbed.size());
    }

    @Test
    void shouldKeepStillForAWhileWhenAWriterHadToWaitForItsPage() {
        hold(9, 1, 0);
        hold(30, 1, 100 * MS);
        pass(0, 550 * MS);
        answer(550 * MS);
        acknowledge(9, 101, 555 * MS);
        said.take();
        store(9, 560 * MS);
        assertThat(client.upgraded(said.requestFrom(9), 9, 103, 590 * MS)).isNull();
        said.take();
        pass(600 * MS, 1150 * MS);
        assertThat(said.take()).as("20 times the 30 ms that the writer waited").isEmpty();
        client.tick(1200 * MS);
        assertThat(said.take()).contains("revoke at leisure from 1: 30+1, left READ");
    }

    @Test
    void shouldBringPagesHomeSoonerTheMoreOfThemThereAre() {
        hold(10, 10, 0);
        client.localFault(1, 0, 1, 50, Right.READ, 0);
        said.take();
        client.tick(200 * MS);
        assertThat(said.take()).as("10 of 9 to 12: half the age").isEmpty();
        client.tick(250 * MS);
        assertThat(said.take()).contains("revoke at leisure from 1: 10+8, left READ");
    }

    @Test
    void shouldHoldWritersUpBeyondTheBoundUntilSomethingIsHome() {
        hold(10, 12, 0);
        store(40, 10 * MS);
        assertThat(said.take()).containsExactly("revoke at leisure from 1: 10+8, left READ");
        client.localFault(1, 1, 2, 50, Right.READ, 10 * MS);
        assertThat(said.take()).as("readers are not held up").containsExactly("fetch 50+1");
        answer(20 * MS);
        assertThat(said.take()).allMatch(line -> line.startsWith("write back"));
        acknowledge(10, 101, 30 * MS);
        assertThat(said.take()).contains("want 40+1, held 0");
        assertThat(client.counters().writersHeldUp).isOne();
    }

    @Test
    void shouldNotFailAWriterThatIsHeldUpWhileBytesGoHome() {
        hold(10, 12, 0);
        store(40, 10 * MS);
        answer(20 * MS);
        said.take();
        long now = 20 * MS;
        for (int i = 0; i < 3; i++) {
            store(41 + i, now);
        }
        pass(now, 4000 * MS);
        acknowledge(10, 101, 4000 * MS);
        assertThat(said.take()).contains("want 40+1, held 0").noneMatch(line -> line.startsWith("fail"));
        pass(4050 * MS, 8400 * MS);
        assertThat(said.take()).as("41 waits for more room").noneMatch(line -> line.contains("page 41"));
        pass(8450 * MS, 8550 * MS);
        assertThat(said.take()).as("4.5 s after the last that moved").anyMatch(line -> line.contains("page 41"));
    }

    @Test
    void shouldNotHoldWritersUpForAStoppedProcess() {
        client.mappingOpened(2, Right.WRITE);
        hold(10, 12, 0);
        pass(0, 1100 * MS);
        said.take();
        client.localFault(2, 0, 1, 40, Right.WRITE, 1100 * MS);
        assertThat(said.take())
                .as("mapping 1 does not answer, so nothing would come of it")
                .contains("want 40+1, held 0");
    }

    @Test
    void shouldAskForNoMorePagesThanMayBeAway() {
        hold(10, 10, 0);
        client.localFault(1, 0, 1, 20, Right.WRITE, 0);
        assertThat(said.take()).as("the window of the sequential writer is 8").containsExactly("want 20+2, held 0");
    }

    @Test
    void shouldAskForPagesBackInARunThatWentHomeByThemselves() {
        hold(10, 4, 0);
        pass(0, 500 * MS);
        answer(510 * MS);
        for (int i = 0; i < 4; i++) {
            acknowledge(10 + i, 101 + i, 520 * MS);
        }
        copyAt(14, 530 * MS);
        store(10, 10_000 * MS);
        said.take();
        upgradedAt(10, 10_010 * MS);
        said.take();
        store(11, 10_020 * MS);
        assertThat(said.take())
                .as("the second page in order, and the next; 14 is a copy like any other")
                .containsExactly("want 11+1, held 102", "want 12+1, held 103");
        upgradedAt(11, 10_030 * MS);
        upgradedAt(12, 10_030 * MS);
        assertThat(said.take())
                .as("12 is here for the next store")
                .containsExactly("grant to 1.0: request 1, 11+1 WRITE");
        store(12, 10_040 * MS);
        assertThat(said.take()).containsExactly("grant to 1.0: request 1, 12+1 WRITE");
        store(13, 10_050 * MS);
        assertThat(said.take()).containsExactly("want 13+1, held 104");
    }

    private void copyAt(long page, long now) {
        client.localFault(1, 0, 1, page, Right.READ, now);
        client.arrived(said.requestFrom(page), page, 1, ++grant, true, false, now);
        said.take();
    }

    @Test
    void shouldBeginAnewOnANewCircuit() {
        hold(9, 1, 0);
        pass(0, 500 * MS);
        said.take();
        long asked = said.lastSequence;
        client.circuitLost(Cause.OWNER_LOST, 510 * MS);
        client.revoked(1, said.lastSequence, 520 * MS);
        assertThat(said.take())
                .as("a writer has not answered the first question")
                .doesNotContain("resolve");
        client.revoked(1, asked, 530 * MS);
        assertThat(said.take()).contains("resolve");
        client.handBack(540 * MS);
        assertThat(said.take()).containsExactly("hand back 9+1, grant 101");
        acknowledge(9, 550 * MS);
        client.circuitUp(78, 560 * MS);
        assertThat(client.pagesNotHome()).isZero();
        hold(9, 1, 600 * MS);
        pass(600 * MS, 1100 * MS);
        assertThat(said.take()).containsExactly("revoke at leisure from 1: 9+1, left READ");
    }
}
