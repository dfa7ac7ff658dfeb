package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Copies and written pages of a client leave their frames and come back; one frame unless a test says otherwise. */
class EvictionClientTest extends ClientFixture {
    private final FewFrames budget;

    EvictionClientTest() {
        super(ANY_WRITES, new FewFrames(1));
        budget = (FewFrames) frames;
    }

    /** A copy of page 5 is, for the sake of page 6, on its way to the disk cache. */
    private void spillFive() {
        copy(5, 1);
        read(2, 6);
        said.take();
        revoked();
        assertThat(said.take()).containsExactly("spill page 5 to sector 1");
    }

    /** A copy of page 5 is in sector 1, and page 6 has the frame. */
    private void spilledFive() {
        spillFive();
        client.spilled(5, 0, 0);
        assertThat(said.take()).containsExactly("discard 5+1", "fetch 6+1");
        arrive(6, 2, false);
        assertThat(said.take()).containsExactly("grant to 1.0: request 2, 6+1 READ");
    }

    /** Page 5 is being read from sector 1 for request 3. */
    private void loadFive() {
        spilledFive();
        said.sectorsLeft = 0;
        read(3, 5);
        revoked();
        assertThat(said.take()).endsWith("discard 6+1", "load page 5 from sector 1");
    }

    /** Copies of pages 5 and 20 have two frames, and no process has a right to them. */
    private void twoIdleCopies() {
        budget.bound = 2;
        copy(5, 1);
        copy(20, 2);
        client.shrink(2, 0);
        client.revoked(1, said.lastSequence - 1, 0);
        client.revoked(1, said.lastSequence, 0);
        said.take();
    }

    @Test
    void shouldDropACopyThatTheDiskCacheDoesNotTake() {
        said.sectorsLeft = 0;
        copy(5, 1);
        read(2, 6);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE");
        revoked();
        assertThat(said.take())
                .containsExactly("no sector for page 5", "release 5+1, grant 1", "discard 5+1", "fetch 6+1");
        assertThat(client.hostState(5)).isEqualTo(HostState.ABSENT);
        assertThat(budget.taken).isEqualTo(1);
    }

    @Test
    void shouldSpillACopyBeforeItLeaves() {
        spillFive();
        assertThat(PageTable.isPresent(client.entry(5))).isTrue();
        client.spilled(5, 0, 0);
        assertThat(said.take()).as("home still counts it as a copy").containsExactly("discard 5+1", "fetch 6+1");
        assertThat(client.table().describe(5)).isEqualTo("on disk, sector 1, shared, right none");
    }

    @Test
    void shouldReadASpilledCopyFromTheDiskCacheAndNotFromHome() {
        loadFive();
        assertThat(PageTable.isInProgress(client.entry(5))).isTrue();
        client.loaded(5, 0, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 3, 5+1 READ");
    }

    @Test
    void shouldGiveFramesToTheBudgetOnlyWhenTheirMemoryIsGone() {
        twoIdleCopies();
        said.sectorsLeft = 0;
        budget.onGive = () -> assertThat(String.join(" ", said.take())).contains("discard");
        client.shrink(2, 0);
        assertThat(budget.taken).isZero();
    }

    @Test
    void shouldGrantASpilledCopyAtOnceWhenTheDiskHasItReady() {
        spilledFive();
        said.sectorsLeft = 0;
        said.loadResult = 0;
        read(3, 5);
        revoked();
        assertThat(said.take()).endsWith("load page 5 from sector 1", "grant to 1.0: request 3, 5+1 READ");
    }

    @Test
    void shouldLetACleanCopyLeaveWithoutWritingItAgain() {
        loadFive();
        client.loaded(5, 0, 0);
        said.take();
        read(4, 6);
        revoked();
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE", "discard 5+1", "fetch 6+1");
        assertThat(PageTable.value(client.entry(5))).as("its sector").isEqualTo(1);
    }

    @Test
    void shouldForgetTheSectorOfACopyThatMayBeWrittenNow() {
        loadFive();
        client.loaded(5, 0, 0);
        said.take();
        write(4, 5);
        assertThat(said.take()).as("as long as it is a copy the sector is good").containsExactly("want 5+1, held 1");
        upgraded(5, 7);
        assertThat(said.take()).containsExactly("forget sector 1", "grant to 1.0: request 4, 5+1 WRITE");
    }

    @Test
    void shouldKeepACopyThatSomebodyWantsWhileItIsSpilled() {
        spillFive();
        client.localFault(1, 1, 3, 5, Right.READ, 0);
        assertThat(said.take()).isEmpty();
        client.spilled(5, 0, 0);
        assertThat(said.take()).startsWith("grant to 1.1: request 3, 5+1 READ").doesNotContain("discard 5+1");
        assertThat(PageTable.isReady(client.entry(5))).isTrue();
    }

    @Test
    void shouldTakeRightsFirstAndKeepACopyThatIsUsedAgain() {
        budget.bound = 2;
        said.sectorsLeft = 0;
        copy(5, 1);
        copy(20, 2);
        read(3, 40);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE", "revoke from 1: 20+1, left NONE");
        long ofTwenty = said.lastSequence;
        client.localFault(1, 1, 4, 5, Right.READ, 0);
        client.revoked(1, ofTwenty - 1, 0);
        assertThat(said.take()).contains("grant to 1.1: request 4, 5+1 READ").doesNotContain("release 5+1, grant 1");
        client.revoked(1, ofTwenty, 0);
        assertThat(said.take()).contains("release 20+1, grant 2", "discard 20+1", "fetch 40+1");
        assertThat(PageTable.isReady(client.entry(5))).isTrue();
    }

    @Test
    void shouldAnswerAPurgeOfACopyThatIsBeingSpilledAtOnce() {
        spillFive();
        purge(5, 500);
        assertThat(said.take()).containsExactly("purged 5+1, operation 500");
        client.spilled(5, 0, 0);
        assertThat(said.take()).containsExactly("forget sector 1", "discard 5+1", "fetch 6+1");
        assertThat(PageTable.isRemote(client.entry(5))).isTrue();
    }

    @Test
    void shouldNotFetchAPurgedPageBeforeItsFrameHasBeenWrittenToTheDisk() {
        twoIdleCopies();
        client.shrink(1, 0);
        assertThat(said.take()).containsExactly("spill page 5 to sector 1");
        purge(5, 500);
        said.take();
        client.localFault(1, 1, 3, 5, Right.READ, 0);
        assertThat(said.take()).isEmpty();
        client.spilled(5, 0, 0);
        assertThat(said.take()).contains("forget sector 1", "fetch 5+1");
    }

    @Test
    void shouldAnswerAPurgeOfACopyThatIsBeingReadFromTheDiskAtOnce() {
        loadFive();
        purge(5, 500);
        assertThat(said.take()).containsExactly("purged 5+1, operation 500");
        client.loaded(5, 0, 0);
        assertThat(said.take())
                .as("fetched only now that the disk is done")
                .containsExactly("forget sector 1", "discard 5+1", "fetch 5+1");
    }

    @Test
    void shouldForgetTheSectorOfASpilledCopyThatIsPurged() {
        spilledFive();
        purge(5, 500);
        assertThat(said.take()).containsExactly("forget sector 1", "purged 5+1, operation 500");
        assertThat(PageTable.isRemote(client.entry(5))).isTrue();
    }

    @Test
    void shouldDropACopyThatCannotBeWrittenToTheDisk() {
        spillFive();
        client.spilled(5, Cause.FILE_ERROR, 0);
        assertThat(said.take()).containsExactly("forget sector 1", "release 5+1, grant 1", "discard 5+1", "fetch 6+1");
        assertThat(budget.taken).isEqualTo(1);
    }

    @Test
    void shouldFetchACopyAgainThatCannotBeReadFromTheDisk() {
        loadFive();
        client.loaded(5, Cause.FILE_ERROR, 0);
        assertThat(said.take()).containsExactly("forget sector 1", "release 5+1, grant 1", "discard 5+1", "fetch 5+1");
        arrive(5, 8, false);
        assertThat(said.take()).containsExactly("grant to 1.0: request 3, 5+1 READ");
    }

    @Test
    void shouldFetchACopyAgainWhoseSectorCannotEvenBeAskedFor() {
        spilledFive();
        said.sectorsLeft = 0;
        said.loadResult = Cause.FILE_ERROR;
        read(3, 5);
        revoked();
        assertThat(said.take()).endsWith("release 5+1, grant 1", "forget sector 1", "discard 5+1", "fetch 5+1");
        assertThat(budget.taken).isEqualTo(1);
    }

    @Test
    void shouldSendAWrittenPageHomeAndNotToTheDisk() {
        hold(5, 4);
        read(2, 6);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE");
        revoked();
        assertThat(said.take()).containsExactly("write back 5+1, left NONE, grant 4");
        acknowledge(5, 4, 0);
        assertThat(said.take()).containsExactly("discard 5+1", "fetch 6+1");
    }

    @Test
    void shouldKeepTheFrameOfACopyWhoseBytesAreNotAcknowledged() {
        hold(5, 4);
        client.flush(5, 1, 7, 0);
        revoked();
        said.take();
        client.shrink(1, 0);
        read(2, 6);
        assertThat(said.take()).as("5 must not leave yet").isEmpty();
        acknowledge(5, 4, 0);
        assertThat(said.take()).startsWith("flushed 7, cause 0", "revoke from 1: 5+1, left NONE");
    }

    @Test
    void shouldNotLetACopyLeaveThatHomeWasAskedToLetBeWritten() {
        copy(5, 4);
        write(2, 5);
        said.take();
        read(3, 6);
        assertThat(said.take()).isEmpty();
        upgraded(5, 6);
        assertThat(said.take()).startsWith("grant to 1.0: request 2, 5+1 WRITE");
    }

    @Test
    void shouldReadAheadOnlyAsFarAsThereAreFrames() {
        budget.bound = 3;
        copy(0, 1);
        read(2, 1);
        assertThat(said.take()).as("pages 1 and 2, and nothing ahead").containsExactly("fetch 1+2");
        assertThat(budget.taken).isEqualTo(3);
    }

    @Test
    void shouldGiveBackTheFramesOfPagesThatHomeDeclines() {
        budget.bound = 4;
        copy(0, 1);
        read(2, 1);
        said.take();
        client.arrived(said.requestFrom(1), 1, 1, 2, true, false, 0);
        assertThat(said.take()).contains("discard 2+1");
        assertThat(client.declined(said.requestFrom(3), 3, 1, 0, 0)).isNull();
        assertThat(budget.taken).as("pages 0 and 1").isEqualTo(2);
    }

    @Test
    void shouldWaitForAFrameThatAnotherRegionHas() {
        budget.bound = 0;
        read(1, 5);
        assertThat(said.take()).isEmpty();
        budget.bound = 1;
        client.framesFree(0);
        assertThat(said.take()).containsExactly("fetch 5+1");
    }

    @Test
    void shouldFailAtTheDeadlineWhoeverGetsNoFrame() {
        budget.bound = 0;
        client.tick(0);
        read(1, 5);
        pass(50 * MS, 4450 * MS);
        assertThat(said.take()).isEmpty();
        client.tick(4500 * MS);
        assertThat(said.take()).containsExactly("fail to 1.0: request 1, page 5, cause 13");
    }

    @Test
    void shouldMakeRoomAheadWhenTheBudgetWantsFramesBack() {
        budget.bound = 3;
        copy(5, 1);
        budget.wantedBack = 1;
        read(2, 20);
        assertThat(said.take()).containsExactly("fetch 20+1", "revoke from 1: 5+1, left NONE");
    }

    @Test
    void shouldShrinkForOtherRegions() {
        said.sectorsLeft = 0;
        copy(5, 1);
        client.shrink(1, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE");
        revoked();
        said.take();
        client.shrink(1, 0);
        assertThat(said.take()).containsExactly("no sector for page 5", "release 5+1, grant 1", "discard 5+1");
        assertThat(budget.taken).isZero();
    }

    @Test
    void shouldGiveAllFramesAndSectorsOfALostCircuitBack() {
        spilledFive();
        loseCircuit();
        assertThat(said.take()).contains("forget sector 1", "discard 6+1");
        assertThat(budget.taken).isZero();
        assertThat(PageTable.isRemote(client.entry(5))).isTrue();
    }

    @Test
    void shouldKeepTheFramesOfWrittenPagesOfALostCircuit() {
        hold(5, 4);
        loseCircuit();
        assertThat(said.take()).doesNotContain("discard 5+1");
        assertThat(budget.taken).isEqualTo(1);
        client.handBack(300 * MS);
        acknowledge(5, 4, 0);
        assertThat(said.take()).contains("discard 5+1");
        assertThat(budget.taken).isZero();
    }

    @Test
    void shouldGiveTheFrameBackOnceWhenTheCircuitIsLostDuringASpill() {
        spillFive();
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        revoked();
        assertThat(said.take()).doesNotContain("discard 5+1");
        assertThat(budget.taken).as("the disk works on it still").isEqualTo(1);
        client.spilled(5, 0, 200 * MS);
        assertThat(said.take()).containsExactly("forget sector 1", "discard 5+1");
        assertThat(budget.taken).isZero();
    }

    @Test
    void shouldGrantNothingFromTheDiskOnceTheCircuitIsLost() {
        loadFive();
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        said.take();
        client.loaded(5, 0, 200 * MS);
        assertThat(said.take()).noneMatch(line -> line.startsWith("grant"));
        revoked();
        assertThat(budget.taken).isZero();
    }

    @Test
    void shouldReleaseNothingToACircuitThatIsLost() {
        twoIdleCopies();
        client.shrink(2, 0);
        assertThat(said.take()).containsExactly("spill page 5 to sector 1", "spill page 20 to sector 2");
        client.localFault(1, 1, 3, 40, Right.READ, 0);
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        client.spilled(5, Cause.FILE_ERROR, 200 * MS);
        client.spilled(20, Cause.FILE_ERROR, 200 * MS);
        assertThat(said.take()).noneMatch(line -> line.startsWith("release"));
        revoked();
        assertThat(budget.taken).isZero();
    }
}
