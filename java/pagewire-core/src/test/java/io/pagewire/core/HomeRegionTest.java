package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HomeRegionTest {
    private static final long MS = 1_000_000L;
    private static final Geometry GEOMETRY = new Geometry(64, 4096);
    private static final HomeSettings SETTINGS = new HomeSettings(2500 * MS, 1000 * MS, 4500 * MS, 8);

    private final Recorder said = new Recorder();
    private final HomeRegion home = new HomeRegion(GEOMETRY, said, said, SETTINGS);

    private void write(int mapping, int line, int request, long page) {
        home.localFault(mapping, line, request, page, Right.WRITE, 0);
    }

    private void reader(int slot, long page) {
        home.hostJoined(slot, 70 + slot, true, 0);
        assertThat(home.fetch(slot, 1, page, 1, 0)).isNull();
        said.take();
    }

    /** Ticks as a daemon that runs would have them. */
    private void pass(long from, long to) {
        for (long now = from; now < to; now += 50 * MS) {
            home.tick(now);
        }
        home.tick(to);
    }

    @Test
    void shouldGiveReadAccessToEveryPageOfANewMapping() {
        assertThat(home.mappingOpened(1, Right.WRITE)).isEqualTo(Right.READ);
        assertThat(home.hostState(5)).isEqualTo(HostState.SHARED);
        assertThat(PageTable.right(home.entry(5))).isEqualTo(Right.READ);
    }

    @Test
    void shouldGrantWriteAtOnceWhenNobodyHoldsACopy() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 2, 77, 5);
        assertThat(said.take()).containsExactly("grant to 1.2: request 77, 5+1 WRITE");
        assertThat(home.hostState(5)).isEqualTo(HostState.EXCLUSIVE);
    }

    @Test
    void shouldDoubleTheRunOfASequentialWriterUpToTheLargest() {
        home.mappingOpened(1, Right.WRITE);
        for (long page : new long[] {10, 11, 13, 17, 25, 33}) {
            write(1, 0, 1, page);
        }
        assertThat(said.take())
                .containsExactly(
                        "grant to 1.0: request 1, 10+1 WRITE",
                        "grant to 1.0: request 1, 11+2 WRITE",
                        "grant to 1.0: request 1, 13+4 WRITE",
                        "grant to 1.0: request 1, 17+8 WRITE",
                        "grant to 1.0: request 1, 25+8 WRITE",
                        "grant to 1.0: request 1, 33+8 WRITE");
    }

    @Test
    void shouldEndAWriteRunBeforeAPageThatAnotherHostHolds() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 12);
        write(1, 0, 1, 10);
        write(1, 0, 2, 11);
        assertThat(said.take()).endsWith("grant to 1.0: request 2, 11+1 WRITE");
    }

    @Test
    void shouldPurgeEveryCopyBeforeGrantingWrite() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        reader(7, 5);
        write(1, 0, 9, 5);
        assertThat(said.take()).containsExactly("purge to 3: 5+1", "purge to 7: 5+1");
        int operation = said.lastOperation;
        assertThat(home.purged(3, 5, 1, operation, 0)).isNull();
        assertThat(said.take()).isEmpty();
        assertThat(home.purged(7, 5, 1, operation, 0)).isNull();
        assertThat(said.take()).containsExactly("grant to 1.0: request 9, 5+1 WRITE");
        assertThat(home.copyset(5)).isZero();
    }

    @Test
    void shouldRefuseASecondAnswerToTheSamePurge() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        reader(7, 5);
        write(1, 0, 9, 5);
        int operation = said.lastOperation;
        assertThat(home.purged(3, 5, 1, operation, 0)).isNull();
        assertThat(home.purged(3, 5, 1, operation, 0)).contains("not awaited");
        assertThat(home.purged(7, 5, 1, operation - 1, 0)).contains("not awaited");
        assertThat(home.purged(8, 5, 1, operation, 0)).contains("slot 8 has not joined");
        assertThat(home.purged(7, 5, 2, operation, 0)).contains("every purge names one");
    }

    @Test
    void shouldNotTakeAReleaseForTheAnswerToAPurge() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        int grant = home.grantNumber(5);
        write(1, 0, 9, 5);
        said.take();
        assertThat(home.release(3, 5, 1, grant, 0)).isNull();
        assertThat(said.take()).isEmpty();
        home.purged(3, 5, 1, said.lastOperation, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 9, 5+1 WRITE");
    }

    @Test
    void shouldIgnoreAReleaseThatQuotesAnOlderGrant() {
        reader(3, 5);
        int old = home.grantNumber(5);
        home.fetch(3, 2, 5, 1, 0);
        assertThat(home.release(3, 5, 1, old, 0)).isNull();
        assertThat(home.copyset(5)).isEqualTo(1 << 3);
        assertThat(home.release(3, 5, 1, home.grantNumber(5), 0)).isNull();
        assertThat(home.copyset(5)).isZero();
    }

    @Test
    void shouldKeepThePageBusyUntilAllAnswersAreInEvenIfTheWriterIsGone() {
        home.mappingOpened(1, Right.WRITE);
        home.mappingOpened(2, Right.WRITE);
        reader(3, 5);
        write(1, 0, 9, 5);
        said.take();
        home.mappingGone(1, 0);
        write(2, 0, 10, 5);
        assertThat(said.take()).isEmpty();
        home.purged(3, 5, 1, said.lastOperation, 0);
        assertThat(said.take()).containsExactly("grant to 2.0: request 10, 5+1 WRITE");
    }

    @Test
    void shouldLetLocalProcessesReadWhileAPurgeIsAnswered() {
        home.mappingOpened(1, Right.WRITE);
        home.mappingOpened(2, Right.READ);
        reader(3, 5);
        write(1, 0, 9, 5);
        said.take();
        home.localFault(2, 0, 4, 5, Right.READ, 0);
        assertThat(said.take()).containsExactly("grant to 2.0: request 4, 5+1 READ");
    }

    @Test
    void shouldTakeWriteAccessFromLocalProcessesBeforeSendingAPage() {
        home.mappingOpened(1, Right.WRITE);
        home.mappingOpened(2, Right.WRITE);
        home.mappingOpened(4, Right.WRITE);
        write(1, 0, 1, 5);
        write(2, 0, 1, 5);
        said.take();
        home.hostJoined(3, 73, true, 0);
        home.fetch(3, 8, 5, 1, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 5+1, left READ", "revoke from 2: 5+1, left READ");
        home.revoked(1, 2, 0);
        assertThat(said.take()).isEmpty();
        home.revoked(2, 2, 0);
        assertThat(said.take()).containsExactly("pages to 3: request 8, 5+1, last");
        assertThat(home.hostState(5)).isEqualTo(HostState.SHARED);
        assertThat(home.copyset(5)).isEqualTo(1 << 3);
    }

    @Test
    void shouldGrantNothingOnAPageWithAnUnansweredRevoke() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 5);
        home.hostJoined(3, 73, true, 0);
        home.fetch(3, 8, 5, 1, 0);
        said.take();
        home.localFault(1, 1, 2, 5, Right.READ, 0);
        write(1, 2, 3, 5);
        assertThat(said.take()).isEmpty();
        home.revoked(1, 2, 0);
        assertThat(said.take())
                .containsExactly(
                        "pages to 3: request 8, 5+1, last", "grant to 1.1: request 2, 5+1 READ", "purge to 3: 5+1");
    }

    @Test
    void shouldFenceAProcessThatMissesTheRevokeDeadlineAndGoOnOnlyWhenItIsGone() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 5);
        home.hostJoined(3, 73, true, 0);
        home.fetch(3, 8, 5, 1, 10 * MS);
        said.take();
        pass(0, 1009 * MS);
        assertThat(said.take()).isEmpty();
        home.tick(1010 * MS);
        home.tick(1020 * MS);
        assertThat(said.take()).containsExactly("fence 1");
        home.revoked(1, 2, 1030 * MS);
        assertThat(said.take()).isEmpty();
        home.mappingGone(1, 1040 * MS);
        assertThat(said.take()).containsExactly("pages to 3: request 8, 5+1, last");
    }

    @Test
    void shouldServeThoseWhoWaitForAPageInTheOrderTheyCame() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        home.hostJoined(4, 74, true, 0);
        write(1, 0, 1, 5);
        home.fetch(4, 20, 5, 1, 0);
        write(1, 1, 2, 5);
        said.take();
        home.purged(3, 5, 1, said.lastOperation, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 1, 5+1 WRITE", "revoke from 1: 5+1, left READ");
        home.revoked(1, said.lastSequence, 0);
        assertThat(said.take()).containsExactly("pages to 4: request 20, 5+1, last", "purge to 4: 5+1");
        home.purged(4, 5, 1, said.lastOperation, 0);
        assertThat(said.take()).containsExactly("grant to 1.1: request 2, 5+1 WRITE");
    }

    @Test
    void shouldNeverTakeAPageFromALocalWriterForReadAhead() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 12);
        home.hostJoined(3, 73, true, 0);
        said.take();
        home.fetch(3, 8, 10, 5, 0);
        assertThat(said.take())
                .containsExactly("pages to 3: request 8, 10+2", "decline to 3: request 8, 12+3, cause 0");
        assertThat(home.hostState(12)).isEqualTo(HostState.EXCLUSIVE);
    }

    @Test
    void shouldReadAheadOfPagesWhoseLocalWriterIsGone() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 12);
        home.mappingGone(1, 0);
        home.mappingOpened(2, Right.WRITE);
        home.mappingOpened(3, Right.WRITE);
        write(3, 0, 1, 14);
        home.hostJoined(3, 73, true, 0);
        said.take();
        home.fetch(3, 8, 10, 6, 0);
        assertThat(said.take())
                .containsExactly("pages to 3: request 8, 10+4", "decline to 3: request 8, 14+2, cause 0");
        assertThat(home.hostState(12)).isEqualTo(HostState.SHARED);
        home.fetchAhead(3, 9, 12, 1, 0);
        assertThat(said.take()).containsExactly("pages to 3: request 9, 12+1, last");
    }

    @Test
    void shouldDeclineAtOnceWhatNobodyWaitsForWhenItIsInTheHandsOfALocalWriterOrBusy() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 10);
        reader(4, 11);
        write(1, 0, 2, 11);
        home.hostJoined(3, 73, true, 0);
        said.take();
        assertThat(home.fetchAhead(3, 8, 10, 1, 0)).isNull();
        assertThat(home.fetchAhead(3, 9, 11, 2, 0)).isNull();
        assertThat(home.fetchAhead(3, 10, 12, 2, 0)).isNull();
        assertThat(said.take())
                .containsExactly(
                        "decline to 3: request 8, 10+1, cause 0",
                        "decline to 3: request 9, 11+2, cause 0",
                        "pages to 3: request 10, 12+2, last");
        assertThat(home.hostState(10)).isEqualTo(HostState.EXCLUSIVE);
    }

    @Test
    void shouldCheckAReadAheadLikeAFetch() {
        assertThat(home.fetchAhead(3, 1, 0, 1, 0)).contains("slot 3 has not joined");
        home.hostJoined(3, 73, true, 0);
        assertThat(home.fetchAhead(3, 1, 60, 5, 0)).contains("pages 60 to 64 of a region with 64 pages");
        // A declined one is closed again: more than may be open at a time can follow each other.
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 10);
        for (int request = 0; request < 300; request++) {
            assertThat(home.fetchAhead(3, request, 10, 1, 0)).isNull();
        }
    }

    @Test
    void shouldEndReadAheadBeforeABusyPage() {
        home.mappingOpened(1, Right.WRITE);
        reader(4, 11);
        write(1, 0, 1, 11);
        home.hostJoined(3, 73, true, 0);
        said.take();
        home.fetch(3, 8, 10, 3, 0);
        assertThat(said.take())
                .containsExactly("pages to 3: request 8, 10+1", "decline to 3: request 8, 11+2, cause 0");
    }

    @Test
    void shouldSplitALongRunIntoSeveralMessagesAndMarkTheLast() {
        Geometry big = new Geometry(200, 4096);
        HomeRegion region = new HomeRegion(big, said, said, SETTINGS);
        region.hostJoined(0, 70, true, 0);
        region.fetch(0, 1, 0, 150, 0);
        assertThat(said.take())
                .containsExactly(
                        "pages to 0: request 1, 0+64",
                        "pages to 0: request 1, 64+64",
                        "pages to 0: request 1, 128+22, last");
        assertThat(region.grantNumber(0)).isEqualTo(1);
        assertThat(region.grantNumber(149)).isEqualTo(3);
    }

    @Test
    void shouldKeepAPageBusyUntilTheDiskHasIt() {
        home.mappingOpened(1, Right.WRITE);
        home.hostJoined(3, 73, true, 0);
        said.sendResults.add(HomePort.WARMING);
        home.fetch(3, 8, 5, 2, 0);
        write(1, 0, 1, 5);
        assertThat(said.take()).isEmpty();
        assertThat(PageTable.isInProgress(home.entry(5))).isTrue();
        home.dataReady(5, 0, 0);
        assertThat(said.take()).containsExactly("pages to 3: request 8, 5+2, last", "purge to 3: 5+1");
    }

    @Test
    void shouldDeclineWithTheCauseWhenTheDiskFails() {
        home.hostJoined(3, 73, true, 0);
        said.sendResults.add(HomePort.WARMING);
        home.fetch(3, 8, 5, 2, 0);
        home.dataReady(5, Cause.FILE_ERROR, 0);
        said.sendResults.add(Cause.FILE_ERROR);
        home.fetch(3, 9, 7, 1, 0);
        assertThat(said.take())
                .containsExactly("decline to 3: request 8, 5+2, cause 7", "decline to 3: request 9, 7+1, cause 7");
        assertThat(home.busyPages()).isZero();
        assertThat(home.copyset(5)).isZero();
    }

    @Test
    void shouldGoOnWithTheRestOfAFetchAfterTheDiskInItsMiddle() {
        Geometry big = new Geometry(200, 4096);
        HomeRegion region = new HomeRegion(big, said, said, SETTINGS);
        region.hostJoined(3, 73, true, 0);
        said.sendResults.add(HomePort.SENT);
        said.sendResults.add(HomePort.WARMING);
        region.fetch(3, 8, 0, 70, 0);
        assertThat(said.take()).containsExactly("pages to 3: request 8, 0+64");
        region.dataReady(64, 0, 0);
        assertThat(said.take()).containsExactly("pages to 3: request 8, 64+6, last");
        assertThat(region.busyPages()).isZero();
    }

    @Test
    void shouldCountAPurgeAsAnsweredByAHostThatIsGone() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        reader(4, 5);
        write(1, 0, 9, 5);
        home.purged(4, 5, 1, said.lastOperation, 0);
        said.take();
        home.hostGone(3, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 9, 5+1 WRITE");
    }

    @Test
    void shouldForgetTheFetchesOfAHostThatIsGone() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 5);
        home.hostJoined(3, 73, true, 0);
        home.fetch(3, 8, 5, 1, 0);
        said.take();
        home.hostGone(3, 0);
        home.revoked(1, said.lastSequence, 0);
        assertThat(said.take()).isEmpty();
        assertThat(home.busyPages()).isZero();
        assertThat(home.copyset(5)).isZero();
    }

    @Test
    void shouldTakeAHostThatIsGoneOutOfEveryCopyset() {
        reader(3, 5);
        home.fetch(3, 2, 20, 10, 0);
        home.hostGone(3, 0);
        for (long page = 0; page < GEOMETRY.pages(); page++) {
            assertThat(home.copyset(page)).isZero();
        }
        assertThatThrownBy(() -> {
                    home.hostJoined(3, 73, true, 0);
                    home.hostJoined(3, 73, true, 0);
                })
                .hasMessageContaining("joined already");
    }

    @Test
    void shouldPurgeAllHostsBeyondSlotThirtyTogether() {
        home.mappingOpened(1, Right.WRITE);
        reader(40, 5);
        reader(50, 6);
        assertThat(home.copyset(5)).isEqualTo(1 << 31);
        home.release(40, 5, 1, home.grantNumber(5), 0);
        assertThat(home.copyset(5)).isEqualTo(1 << 31);
        write(1, 0, 1, 5);
        assertThat(said.take()).containsExactly("purge to 40: 5+1", "purge to 50: 5+1");
        home.purged(40, 5, 1, said.lastOperation, 0);
        home.purged(50, 5, 1, said.lastOperation, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 1, 5+1 WRITE");
        home.hostGone(40, 0);
        assertThat(home.copyset(6)).isEqualTo(1 << 31);
        home.hostGone(50, 0);
        assertThat(home.copyset(6)).isZero();
    }

    @Test
    void shouldHangUpOnAHostThatNeverAnswersAPurge() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        write(1, 0, 9, 5);
        said.take();
        pass(0, 2499 * MS);
        assertThat(said.take()).isEmpty();
        home.tick(2500 * MS);
        home.tick(2510 * MS);
        assertThat(said.take()).containsExactly("hang up on 3: cause 2");
    }

    @Test
    void shouldFailAWriterAtTheFaultDeadlineAndKeepThePageBusy() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        home.localFault(1, 0, 9, 5, Right.WRITE, 100 * MS);
        said.take();
        pass(0, 4590 * MS);
        home.tick(4600 * MS);
        assertThat(said.take()).containsExactly("hang up on 3: cause 2", "fail to 1.0: request 9, page 5, cause 2");
        assertThat(home.busyPages()).isEqualTo(1);
        home.hostGone(3, 0);
        assertThat(home.busyPages()).isZero();
    }

    @Test
    void shouldRefuseWhatAMappingMayNeverDo() {
        home.mappingOpened(1, Right.READ);
        write(1, 0, 9, 5);
        home.localFault(1, 0, 10, 64, Right.READ, 0);
        home.localFault(2, 0, 11, 5, Right.READ, 0);
        assertThat(said.take())
                .containsExactly(
                        "fail to 1.0: request 9, page 5, cause " + Cause.READ_ONLY,
                        "fail to 1.0: request 10, page 64, cause " + Cause.OUT_OF_RANGE,
                        "fail to 2.0: request 11, page 5, cause " + Cause.CLOSED);
    }

    @Test
    void shouldForgetTheWaiterOfALostLine() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        write(1, 0, 9, 5);
        write(1, 1, 10, 5);
        said.take();
        home.lineLost(1, 0);
        home.purged(3, 5, 1, said.lastOperation, 0);
        assertThat(said.take()).containsExactly("grant to 1.1: request 10, 5+1 WRITE");
    }

    @Test
    void shouldTakeEverythingAwayWhileSuspendedAndServeAgainAfterwards() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 5);
        home.hostJoined(3, 73, true, 0);
        said.take();
        home.suspend(Cause.FENCED, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 0+0, left NONE");
        home.fetch(3, 8, 6, 1, 0);
        assertThat(said.take()).containsExactly("decline to 3: request 8, 6+1, cause 15");
        home.revoked(1, said.lastSequence, 0);
        assertThat(PageTable.right(home.entry(5))).isEqualTo(Right.NONE);
        assertThat(home.mappingOpened(2, Right.READ)).isEqualTo(Right.NONE);
        home.localFault(1, 0, 2, 5, Right.READ, 0);
        write(1, 1, 3, 5);
        assertThat(said.take()).isEmpty();
        home.resume(100 * MS, 2600 * MS);
        assertThat(said.take()).containsExactly("grant to 1.0: request 2, 5+1 READ");
        home.fetch(3, 9, 5, 1, 200 * MS);
        assertThat(said.take()).containsExactly("pages to 3: request 9, 5+1, last");
        home.tick(2599 * MS);
        assertThat(said.take()).isEmpty();
        home.tick(2600 * MS);
        assertThat(said.take()).contains("purge to 3: 5+1");
    }

    @Test
    void shouldOpenAgainOnlyWhenEveryProcessHasAnsweredTheSuspension() {
        home.mappingOpened(1, Right.WRITE);
        home.suspend(Cause.FENCED, 0);
        home.resume(0, 0);
        home.localFault(1, 0, 2, 5, Right.READ, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 0+0, left NONE");
        assertThat(home.mappingOpened(2, Right.READ)).isEqualTo(Right.NONE);
        home.revoked(1, said.lastSequence, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 2, 5+1 READ");
    }

    @Test
    void shouldFailEverybodyWhenTheRegionIsDeleted() {
        home.mappingOpened(1, Right.WRITE);
        reader(3, 5);
        home.hostJoined(4, 74, true, 0);
        write(1, 0, 1, 5);
        home.fetch(4, 8, 5, 1, 0);
        said.take();
        home.fail(Cause.UNKNOWN_REGION, 0);
        assertThat(said.take())
                .containsExactly(
                        "revoke from 1: 0+0, left NONE",
                        "fail to 1.0: request 1, page 5, cause 5",
                        "decline to 4: request 8, 5+1, cause 5");
        write(1, 0, 2, 5);
        home.fetch(4, 9, 6, 1, 0);
        assertThat(said.take())
                .containsExactly("fail to 1.0: request 2, page 5, cause 5", "decline to 4: request 9, 6+1, cause 5");
    }

    @Test
    void shouldRefuseMessagesThatCannotBeValid() {
        assertThat(home.fetch(3, 1, 0, 1, 0)).contains("slot 3 has not joined");
        home.hostJoined(3, 73, true, 0);
        assertThat(home.fetch(3, 1, 60, 5, 0)).contains("pages 60 to 64 of a region with 64 pages");
        assertThat(home.fetch(3, 1, -1, 1, 0)).isNotNull();
        assertThat(home.fetch(3, 1, Long.MAX_VALUE, 2, 0)).isNotNull();
        assertThat(home.fetch(3, 1, 0, 0, 0)).contains("a run of 0 pages");
        assertThat(home.release(3, 60, Integer.MAX_VALUE, 1, 0)).isNotNull();
        assertThat(home.release(-1, 0, 1, 1, 0)).isNotNull();
    }

    @Test
    void shouldRefuseAFloodOfFetches() {
        home.mappingOpened(1, Right.WRITE);
        write(1, 0, 1, 5);
        home.hostJoined(3, 73, true, 0);
        for (int request = 0; request < HomeRegion.MOST_FETCHES; request++) {
            assertThat(home.fetch(3, request, 5, 1, 0)).isNull();
        }
        assertThat(home.fetch(3, 999, 5, 1, 0)).contains("more than 256");
        home.revoked(1, said.lastSequence, 0);
        assertThat(home.fetch(3, 1000, 5, 1, 0)).isNull();
    }
}
