package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Pages of the owner leave their frames and come back; one frame unless a test says otherwise. */
class EvictionHomeTest extends HomeFixture {
    private final FewFrames budget;

    EvictionHomeTest() {
        super(ANY_WRITES, new FewFrames(1));
        budget = (FewFrames) frames;
    }

    /** Page 5 is written and then, for the sake of page 6, on its way to the spill file. */
    private void spillFive() {
        write(1, 5);
        read(2, 6);
        said.take();
        revoked();
        assertThat(said.take()).containsExactly("spill page 5 to sector 1");
    }

    /** Page 5 is in sector 1, and page 6 has the frame. */
    private void spilledFive() {
        spillFive();
        home.spilled(5, 0, 0);
        assertThat(said.take()).containsExactly("discard 5+1", "grant to 1.0: request 2, 6+1 READ");
    }

    /** Page 5 is in sector 1, and in the frame too. */
    private void loadedFive() {
        spilledFive();
        read(3, 5);
        revoked();
        assertThat(said.take())
                .containsExactly("revoke from 1: 6+1, left NONE", "discard 6+1", "load page 5 from sector 1");
        home.loaded(5, 0, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 3, 5+1 READ");
    }

    @Test
    void shouldGiveABlankPageAFrameWithoutTheDisk() {
        assertThat(PageTable.isOnDisk(home.entry(5))).isTrue();
        read(1, 5);
        assertThat(said.take()).containsExactly("grant to 1.0: request 1, 5+1 READ");
        assertThat(PageTable.isReady(home.entry(5))).isTrue();
        assertThat(budget.taken).isEqualTo(1);
    }

    @Test
    void shouldGrantARunOfBlankPagesOnlyAsFarAsThereAreFrames() {
        budget.bound = 4;
        read(1, 5);
        read(2, 6);
        read(3, 8);
        assertThat(said.take())
                .containsExactly(
                        "grant to 1.0: request 1, 5+1 READ",
                        "grant to 1.0: request 2, 6+2 READ",
                        "grant to 1.0: request 3, 8+1 READ");
        assertThat(budget.taken).isEqualTo(4);
    }

    @Test
    void shouldLetABlankPageLeaveWithoutTheDisk() {
        read(1, 5);
        read(2, 6);
        assertThat(said.take()).containsExactly("grant to 1.0: request 1, 5+1 READ", "revoke from 1: 5+1, left NONE");
        revoked();
        assertThat(said.take()).containsExactly("discard 5+1", "grant to 1.0: request 2, 6+1 READ");
        assertThat(PageTable.value(home.entry(5))).as("its sector").isZero();
        assertThat(budget.taken).isEqualTo(1);
    }

    @Test
    void shouldSpillAWrittenPageBeforeItLeaves() {
        spillFive();
        assertThat(PageTable.isPresent(home.entry(5))).isTrue();
        home.spilled(5, 0, 0);
        assertThat(said.take()).containsExactly("discard 5+1", "grant to 1.0: request 2, 6+1 READ");
        assertThat(home.table().describe(5)).isEqualTo("on disk, sector 1, shared, right none");
        assertThat(home.counters().pagesSpilled).isEqualTo(1);
    }

    @Test
    void shouldReadAPageFromItsSectorBeforeAnybodyHasIt() {
        spilledFive();
        read(3, 5);
        revoked();
        assertThat(said.take())
                .containsExactly("revoke from 1: 6+1, left NONE", "discard 6+1", "load page 5 from sector 1");
        assertThat(PageTable.isInProgress(home.entry(5))).isTrue();
        home.loaded(5, 0, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 3, 5+1 READ");
    }

    @Test
    void shouldReadAPageFromItsSectorBeforeAnotherHostHasIt() {
        join(3);
        spilledFive();
        fetch(3, 9, 5);
        revoked();
        said.take();
        home.loaded(5, 0, 0);
        assertThat(said.take()).containsExactly("pages to 3: request 9, 5+1, last");
    }

    @Test
    void shouldServeAPageAtOnceThatTheDiskHasReady() {
        spilledFive();
        said.loadResult = 0;
        read(3, 5);
        revoked();
        assertThat(said.take()).endsWith("load page 5 from sector 1", "grant to 1.0: request 3, 5+1 READ");
    }

    @Test
    void shouldLetACleanPageLeaveWithoutWritingItAgain() {
        loadedFive();
        read(4, 6);
        revoked();
        assertThat(said.take())
                .containsExactly("revoke from 1: 5+1, left NONE", "discard 5+1", "grant to 1.0: request 4, 6+1 READ");
        assertThat(PageTable.value(home.entry(5))).as("its sector").isEqualTo(1);
    }

    @Test
    void shouldForgetASectorAsSoonAsItsPageMayBeWritten() {
        loadedFive();
        write(4, 5);
        assertThat(said.take()).containsExactly("forget sector 1", "grant to 1.0: request 4, 5+1 WRITE");
        read(5, 6);
        revoked();
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE", "spill page 5 to sector 2");
    }

    @Test
    void shouldForgetASectorWhenBytesComeHome() {
        join(3);
        loadedFive();
        want(3, 9, 5, 1, 0);
        revoked();
        assertThat(said.take()).as("the sector is what home goes back to").doesNotContain("forget sector 1");
        assertThat(home.wroteBack(3, 5, 1, Right.NONE, home.grantNumber(5), 0)).isNull();
        assertThat(said.take()).startsWith("store 5+1", "forget sector 1");
    }

    @Test
    void shouldKeepAPageThatSomebodyWantsToWriteWhileItIsSpilled() {
        spillFive();
        home.localFault(1, 1, 3, 5, Right.WRITE, 0);
        assertThat(said.take()).as("the frame must not change now").isEmpty();
        home.spilled(5, 0, 0);
        assertThat(said.take())
                .startsWith("forget sector 1", "grant to 1.1: request 3, 5+1 WRITE")
                .doesNotContain("discard 5+1");
    }

    @Test
    void shouldLetAPageBeReadWhileItIsSpilledAndKeepIt() {
        spillFive();
        home.localFault(1, 1, 3, 5, Right.READ, 0);
        assertThat(said.take()).containsExactly("grant to 1.1: request 3, 5+1 READ");
        home.spilled(5, 0, 0);
        assertThat(said.take()).doesNotContain("discard 5+1", "forget sector 1");
        assertThat(PageTable.isReady(home.entry(5))).isTrue();
    }

    @Test
    void shouldForgetTheSectorOfAPageWhoseBytesCameHomeWhileItWasSpilled() {
        join(3);
        write(1, 5);
        want(3, 9, 5, 1, 0);
        revoked();
        read(2, 6);
        assertThat(said.take()).contains("spill page 5 to sector 1");
        assertThat(home.wroteBack(3, 5, 1, Right.NONE, home.grantNumber(5), 0)).isNull();
        assertThat(said.take()).containsExactly("store 5+1", "acknowledge to 3: 5+1, grant 1, cause 0");
        home.spilled(5, 0, 0);
        assertThat(said.take()).startsWith("forget sector 1").doesNotContain("discard 5+1");
        assertThat(PageTable.isReady(home.entry(5))).isTrue();
    }

    @Test
    void shouldTakeRightsFirstAndKeepAPageThatIsUsedAgain() {
        budget.bound = 2;
        read(1, 5);
        read(2, 20);
        said.take();
        read(3, 40);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE", "revoke from 1: 20+1, left NONE");
        long ofTwenty = said.lastSequence;
        home.localFault(1, 1, 4, 5, Right.READ, 0);
        home.revoked(1, ofTwenty - 1, 0);
        assertThat(said.take()).contains("grant to 1.1: request 4, 5+1 READ").doesNotContain("discard 5+1");
        home.revoked(1, ofTwenty, 0);
        assertThat(said.take()).contains("discard 20+1", "grant to 1.0: request 3, 40+1 READ");
        assertThat(PageTable.isReady(home.entry(5))).isTrue();
    }

    @Test
    void shouldPassByAPageOnceThatAnotherHostWasSentLately() {
        budget.bound = 2;
        join(3);
        fetch(3, 9, 5);
        read(1, 20);
        said.take();
        home.shrink(1, 0);
        assertThat(said.take()).as("5 was used, 20 may leave later").containsExactly("revoke from 1: 20+1, left NONE");
        home.shrink(2, 0);
        assertThat(said.take()).containsExactly("discard 5+1");
    }

    @Test
    void shouldFailWhoeverNeedsAFrameWhenTheSpillFileIsFullAndLoseNothing() {
        said.sectorsLeft = 0;
        write(1, 5);
        read(2, 6);
        said.take();
        revoked();
        assertThat(said.take()).containsExactly("no sector for page 5", "fail to 1.0: request 2, page 6, cause 13");
        read(3, 5);
        assertThat(said.take()).containsExactly("grant to 1.0: request 3, 5+1 READ");
        assertThat(budget.taken).isEqualTo(1);
    }

    @Test
    void shouldFailWhoeverNeedsAFrameWhenThePageCannotBeSpilledAndLoseNothing() {
        spillFive();
        home.spilled(5, Cause.FILE_ERROR, 0);
        assertThat(said.take()).containsExactly("forget sector 1", "fail to 1.0: request 2, page 6, cause 13");
        read(3, 5);
        assertThat(said.take()).containsExactly("grant to 1.0: request 3, 5+1 READ");
    }

    @Test
    void shouldTryTheSpillFileAgainAfterItWasFull() {
        said.sectorsLeft = 0;
        write(1, 5);
        read(2, 6);
        revoked();
        said.take();
        said.sectorsLeft = 1;
        read(3, 6);
        assertThat(said.take()).containsExactly("spill page 5 to sector 1");
        home.spilled(5, 0, 0);
        assertThat(said.take()).containsExactly("discard 5+1", "grant to 1.0: request 3, 6+1 READ");
    }

    @Test
    void shouldFailOnlyWhoWantsAPageWhoseSectorCannotBeRead() {
        spilledFive();
        read(3, 5);
        revoked();
        said.take();
        home.loaded(5, Cause.FILE_ERROR, 0);
        assertThat(said.take()).containsExactlyInAnyOrder("discard 5+1", "fail to 1.0: request 3, page 5, cause 7");
        assertThat(PageTable.value(home.entry(5))).as("its sector").isEqualTo(1);
        assertThat(budget.taken).isZero();
        read(4, 6);
        assertThat(said.take()).containsExactly("grant to 1.0: request 4, 6+1 READ");
    }

    @Test
    void shouldGiveTheFrameBackWhenASectorCannotEvenBeAskedFor() {
        spilledFive();
        said.loadResult = Cause.FILE_ERROR;
        read(3, 5);
        revoked();
        assertThat(said.take()).endsWith("load page 5 from sector 1", "fail to 1.0: request 3, page 5, cause 7");
        assertThat(budget.taken).isZero();
    }

    @Test
    void shouldTakeFramesBeyondTheBoundForBytesThatComeHome() {
        join(3);
        int grant = give(3, 5, 1);
        read(1, 6);
        assertThat(said.take()).containsExactly("discard 5+1", "grant to 1.0: request 1, 6+1 READ");
        assertThat(home.wroteBack(3, 5, 1, Right.NONE, grant, 0)).isNull();
        assertThat(said.take()).containsExactly("store 5+1", "acknowledge to 3: 5+1, grant 1, cause 0");
        assertThat(PageTable.isReady(home.entry(5))).isTrue();
        assertThat(budget.taken).isEqualTo(2);
    }

    @Test
    void shouldGoBackToTheSectorWhenTheHolderIsLost() {
        join(3);
        loadedFive();
        want(3, 9, 5, 1, 0);
        revoked();
        read(4, 6);
        said.take();
        home.hostForgotten(3, 0);
        assertThat(said.take()).containsExactly("lost 5+1 with 3");
        assertThat(home.table().describe(5)).isEqualTo("on disk, sector 1, shared, right none");
    }

    @Test
    void shouldGoBackToTheSectorWhenBytesThatComeHomeCannotBeStored() {
        join(3);
        loadedFive();
        want(3, 9, 5, 1, 0);
        revoked();
        read(4, 6);
        said.take();
        said.storeResults.add(Cause.FILE_ERROR);
        assertThat(home.wroteBack(3, 5, 1, Right.NONE, home.grantNumber(5), 0)).isNull();
        assertThat(said.take()).contains("store 5+1", "discard 5+1").doesNotContain("forget sector 1");
        assertThat(PageTable.isOnDisk(home.entry(5))).isTrue();
        assertThat(PageTable.value(home.entry(5))).isEqualTo(1);
        assertThat(budget.taken).isEqualTo(1);
    }

    @Test
    void shouldWaitForAFrameThatAnotherRegionHas() {
        budget.bound = 0;
        read(1, 5);
        assertThat(said.take()).isEmpty();
        budget.bound = 1;
        home.framesFree(0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 1, 5+1 READ");
    }

    @Test
    void shouldFailAtTheDeadlineWhoeverGetsNoFrame() {
        budget.bound = 0;
        home.tick(0);
        read(1, 5);
        pass(50 * MS, 4450 * MS);
        assertThat(said.take()).isEmpty();
        home.tick(4500 * MS);
        assertThat(said.take()).containsExactly("fail to 1.0: request 1, page 5, cause 13");
    }

    @Test
    void shouldMakeRoomAheadWhenTheBudgetWantsFramesBack() {
        budget.bound = 3;
        read(1, 5);
        said.take();
        budget.wantedBack = 1;
        read(2, 20);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE", "grant to 1.0: request 2, 20+1 READ");
    }

    @Test
    void shouldShrinkForOtherRegions() {
        read(1, 5);
        said.take();
        home.shrink(1, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left NONE");
        revoked();
        home.shrink(1, 0);
        assertThat(said.take()).containsExactly("discard 5+1");
        assertThat(budget.taken).isZero();
    }

    @Test
    void shouldNotLetAPageLeaveWhoseRightsAreBeingTakenForASuspension() {
        read(1, 5);
        home.suspend(Cause.FENCED, 0);
        said.take();
        home.shrink(1, 0);
        assertThat(said.take()).isEmpty();
        revoked();
        home.shrink(1, 0);
        assertThat(said.take()).containsExactly("discard 5+1");
    }
}
