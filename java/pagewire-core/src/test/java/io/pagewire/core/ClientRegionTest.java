package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientRegionTest {
    private static final long MS = 1_000_000L;
    private static final Geometry GEOMETRY = new Geometry(64, 4096);
    private static final ClientSettings SETTINGS = new ClientSettings(1000 * MS, 4500 * MS, 8, 100 * MS);

    private final Recorder said = new Recorder();
    private final ClientRegion client = new ClientRegion(GEOMETRY, said, said, SETTINGS);

    @BeforeEach
    void open() {
        client.mappingOpened(1, Right.READ);
    }

    private void read(int mapping, int line, int request, long page, long now) {
        client.localFault(mapping, line, request, page, Right.READ, now);
    }

    private void up() {
        client.connectNow(0);
        client.circuitUp(77, 0);
        said.take();
    }

    private void arrive(int request, long first, int count, int grant, boolean last) {
        assertThat(client.arriving(request, first, count, false)).isNull();
        client.arrived(request, first, count, grant, last, false, 0);
    }

    private void copy(long page, int grant) {
        read(1, 0, 1, page, 0);
        arrive(said.lastRequest, page, 1, grant, true);
        said.take();
    }

    /** Ticks as a daemon that runs would have them. */
    private void pass(long from, long to) {
        for (long now = from; now < to; now += 50 * MS) {
            client.tick(now);
        }
        client.tick(to);
    }

    @Test
    void shouldStartEveryEntryRemoteOnCircuitZero() {
        assertThat(PageTable.isRemote(client.entry(9))).isTrue();
        assertThat(PageTable.value(client.entry(9))).isZero();
        assertThat(client.hostState(9)).isEqualTo(HostState.ABSENT);
    }

    @Test
    void shouldResolveTheNameAtTheFirstFaultAndPutTheCircuitIntoEveryEntry() {
        read(1, 0, 5, 9, 0);
        read(1, 1, 6, 10, 0);
        assertThat(said.take()).containsExactly("resolve");
        client.circuitUp(77, 0);
        assertThat(said.take()).containsExactly("fetch 9+1", "fetch 10+1");
        assertThat(PageTable.value(client.entry(30))).isEqualTo(77);
    }

    @Test
    void shouldGrantWhenThePageHasArrived() {
        up();
        read(1, 0, 5, 9, 0);
        assertThat(said.take()).containsExactly("fetch 9+1");
        arrive(said.lastRequest, 9, 1, 4, true);
        assertThat(said.take()).containsExactly("grant to 1.0: request 5, 9+1 READ");
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
        assertThat(PageTable.value(client.entry(9))).isEqualTo(9);
    }

    @Test
    void shouldAskOnlyOnceForAPageThatSeveralThreadsWant() {
        up();
        client.mappingOpened(2, Right.READ);
        read(1, 0, 5, 9, 0);
        read(1, 1, 6, 9, 0);
        read(2, 0, 7, 9, 0);
        assertThat(said.take()).containsExactly("fetch 9+1");
        arrive(said.lastRequest, 9, 1, 4, true);
        assertThat(said.take())
                .containsExactly(
                        "grant to 1.0: request 5, 9+1 READ",
                        "grant to 1.1: request 6, 9+1 READ",
                        "grant to 2.0: request 7, 9+1 READ");
    }

    @Test
    void shouldGiveACopyThatIsHereToAnotherProcessWithoutAskingHome() {
        up();
        copy(9, 1);
        client.mappingOpened(2, Right.READ);
        read(2, 0, 7, 9, 0);
        assertThat(said.take()).containsExactly("grant to 2.0: request 7, 9+1 READ");
    }

    @Test
    void shouldFailAWriteAtOnce() {
        client.localFault(1, 0, 5, 9, Right.WRITE, 0);
        assertThat(said.take()).containsExactly("fail to 1.0: request 5, page 9, cause 4");
    }

    @Test
    void shouldDoubleTheWindowOfASequentialReaderAndKeepOneWindowAhead() {
        up();
        read(1, 0, 1, 0, 0);
        assertThat(said.take()).containsExactly("fetch 0+1");
        arrive(said.lastRequest, 0, 1, 1, true);
        said.take();
        read(1, 0, 2, 1, 0);
        assertThat(said.take()).containsExactly("fetch 1+2", "ahead 3+2");
        int second = said.lastRequest;
        arrive(said.requestFrom(1), 1, 2, 2, true);
        assertThat(said.take()).containsExactly("grant to 1.0: request 2, 1+2 READ");
        arrive(second, 3, 2, 3, true);
        read(1, 0, 3, 3, 0);
        assertThat(said.take()).containsExactly("grant to 1.0: request 3, 3+2 READ", "ahead 5+6");
    }

    @Test
    void shouldFetchOnePageForARandomReader() {
        up();
        for (long page : new long[] {40, 3, 22, 60, 11, 33, 7}) {
            read(1, 0, 1, page, 0);
        }
        assertThat(said.take()).allMatch(line -> line.endsWith("+1")).hasSize(7);
    }

    @Test
    void shouldAskAgainForADeclinedPageThatSomebodyWants() {
        up();
        copy(0, 1);
        read(1, 0, 2, 1, 0);
        int request = said.lastRequest;
        read(1, 1, 3, 3, 0);
        said.take();
        assertThat(client.declined(request, 3, 2, 0, 0)).isNull();
        assertThat(PageTable.isRemote(client.entry(4))).isTrue();
        client.tick(100 * MS);
        assertThat(said.take()).hasSize(2).last().asString().startsWith("fetch 3+");
    }

    @Test
    void shouldNotReadAheadForNobodyWhileHomeDeclinesIt() {
        up();
        copy(0, 1);
        read(1, 0, 2, 1, 0);
        int ahead = said.lastRequest;
        arrive(said.requestFrom(1), 1, 1, 2, false);
        assertThat(client.declined(said.requestFrom(1), 2, 1, 0, 0)).isNull();
        assertThat(client.declined(ahead, 3, 2, 0, 0)).isNull();
        said.take();
        read(1, 0, 3, 2, 0);
        assertThat(said.take()).as("only one more than the wanted page").containsExactly("fetch 2+2");
        arrive(said.lastRequest, 2, 2, 3, true);
        said.take();
        read(1, 0, 4, 4, 0);
        assertThat(said.take()).as("ahead again, since it pays").contains("fetch 4+8", "ahead 12+8");
    }

    @Test
    void shouldAskAtOnceForAPageSomebodyWantsByNowWhenItsReadAheadIsDeclined() {
        up();
        copy(0, 1);
        read(1, 0, 2, 1, 0);
        int ahead = said.lastRequest;
        read(1, 1, 3, 4, 0);
        said.take();
        assertThat(client.declined(ahead, 3, 2, 0, 0)).isNull();
        assertThat(said.take()).hasSize(2).last().asString().startsWith("fetch 4+");
    }

    @Test
    void shouldFailOnlyWhoWantsThePageThatCannotBeRead() {
        up();
        copy(0, 1);
        read(1, 0, 2, 1, 0);
        read(1, 1, 3, 2, 0);
        int request = said.requestFrom(1);
        said.take();
        assertThat(client.declined(request, 1, 2, Cause.FILE_ERROR, 0)).isNull();
        assertThat(said.take()).containsExactly("discard 1+2", "fail to 1.0: request 2, page 1, cause 7", "fetch 2+1");
    }

    @Test
    void shouldTakeAPageFromEveryProcessBeforeAnsweringAPurge() {
        up();
        copy(9, 1);
        client.mappingOpened(2, Right.READ);
        client.mappingOpened(3, Right.READ);
        read(2, 0, 7, 9, 0);
        said.take();
        assertThat(client.purge(9, 1, 500, 0)).isNull();
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left NONE", "revoke from 2: 9+1, left NONE");
        client.revoked(1, 2, 0);
        assertThat(said.take()).isEmpty();
        client.revoked(2, 2, 0);
        assertThat(said.take()).containsExactly("purged 9+1, operation 500", "discard 9+1");
        assertThat(client.hostState(9)).isEqualTo(HostState.ABSENT);
        assertThat(PageTable.value(client.entry(9))).isEqualTo(77);
    }

    @Test
    void shouldAnswerAPurgeOfAnAbsentOrAwaitedPageAtOnce() {
        up();
        read(1, 0, 5, 9, 0);
        said.take();
        client.purge(9, 1, 500, 0);
        client.purge(10, 1, 501, 0);
        assertThat(said.take()).containsExactly("purged 9+1, operation 500", "purged 10+1, operation 501");
        arrive(said.lastRequest, 9, 1, 2, true);
        assertThat(said.take()).containsExactly("grant to 1.0: request 5, 9+1 READ");
    }

    @Test
    void shouldNeitherGrantNorFetchWhileARevokeIsUnanswered() {
        up();
        copy(9, 1);
        client.purge(9, 1, 500, 0);
        said.take();
        read(1, 0, 6, 9, 0);
        assertThat(said.take()).isEmpty();
        client.revoked(1, 2, 0);
        assertThat(said.take()).containsExactly("purged 9+1, operation 500", "discard 9+1", "fetch 9+1");
    }

    @Test
    void shouldLetAPurgeJoinARevokeThatIsRunning() {
        up();
        copy(9, 41);
        client.drop(9, 1, 0);
        assertThat(said.take()).containsExactly("revoke from 1: 9+1, left NONE");
        client.purge(9, 1, 500, 0);
        assertThat(said.take()).isEmpty();
        client.revoked(1, 2, 0);
        assertThat(said.take()).containsExactly("release 9+1, grant 41", "purged 9+1, operation 500", "discard 9+1");
    }

    @Test
    void shouldRefuseAPurgeOfMoreThanOnePage() {
        up();
        copy(8, 1);
        assertThat(client.purge(7, 5, 500, 0)).contains("every purge names one");
        assertThat(said.take()).isEmpty();
        assertThat(client.hostState(8)).isEqualTo(HostState.SHARED);
    }

    @Test
    void shouldReleaseRunsByTheirGrantNumbers() {
        up();
        read(1, 0, 1, 0, 0);
        arrive(said.lastRequest, 0, 1, 1, true);
        read(1, 0, 2, 1, 0);
        arrive(said.requestFrom(1), 1, 2, 2, true);
        said.take();
        client.drop(0, 8, 0);
        client.revoked(1, said.lastSequence, 0);
        assertThat(said.take())
                .containsExactly(
                        "revoke from 1: 0+3, left NONE", "release 0+1, grant 1", "release 1+2, grant 2", "discard 0+3");
        assertThat(PageTable.isInProgress(client.entry(3))).isTrue();
    }

    @Test
    void shouldTakeEverythingAwayBeforeSettingUpANewCircuit() {
        up();
        copy(9, 1);
        client.mappingOpened(2, Right.READ);
        read(2, 0, 7, 9, 0);
        read(1, 0, 8, 20, 0);
        said.take();
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        assertThat(said.take()).containsExactly("revoke from 1: 0+0, left NONE", "revoke from 2: 0+0, left NONE");
        client.revoked(1, 3 - 1, 200 * MS);
        assertThat(said.take()).isEmpty();
        client.mappingGone(2, 200 * MS);
        assertThat(said.take()).containsExactly("discard 0+64", "resolve");
        assertThat(client.hostState(9)).isEqualTo(HostState.ABSENT);
        assertThat(PageTable.value(client.entry(9))).isEqualTo(77);
        client.circuitUp(77, 300 * MS);
        assertThat(said.take()).containsExactly("fetch 20+1");
    }

    @Test
    void shouldNotSetACircuitUpThatNobodyWaitsFor() {
        up();
        copy(9, 1);
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        client.revoked(1, said.lastSequence, 200 * MS);
        assertThat(said.take()).containsExactly("revoke from 1: 0+0, left NONE", "discard 0+64");
        read(1, 0, 5, 9, 300 * MS);
        assertThat(said.take()).containsExactly("resolve");
    }

    @Test
    void shouldNotAnswerAPurgeOfALostCircuit() {
        up();
        copy(9, 1);
        client.purge(9, 1, 500, 0);
        client.circuitLost(Cause.OWNER_LOST, 0);
        said.take();
        client.revoked(1, 2, 0);
        client.revoked(1, 3, 0);
        assertThat(said.take()).containsExactly("discard 0+64");
    }

    @Test
    void shouldTryAgainWhileTheCauseMayPassAndThenFailWithIt() {
        read(1, 0, 5, 9, 0);
        assertThat(said.take()).containsExactly("resolve");
        client.circuitFailed(Cause.NO_OWNER, 10 * MS);
        client.tick(109 * MS);
        assertThat(said.take()).isEmpty();
        client.tick(110 * MS);
        assertThat(said.take()).containsExactly("resolve");
        pass(150 * MS, 4440 * MS);
        client.circuitFailed(Cause.NO_OWNER, 4450 * MS);
        client.tick(4499 * MS);
        assertThat(said.take()).isEmpty();
        client.tick(4500 * MS);
        assertThat(said.take()).containsExactly("fail to 1.0: request 5, page 9, cause 14");
        client.tick(4600 * MS);
        assertThat(said.take()).isEmpty();
        read(1, 0, 6, 9, 5000 * MS);
        assertThat(said.take()).containsExactly("resolve");
    }

    @Test
    void shouldMakeNobodyWaitForAnotherDeadlineInOneOutage() {
        read(1, 0, 5, 9, 0);
        client.circuitFailed(Cause.OWNER_LOST, 0);
        pass(0, 4500 * MS);
        said.take();
        client.circuitFailed(Cause.OWNER_LOST, 4500 * MS);
        said.take();
        read(1, 0, 6, 10, 4510 * MS);
        assertThat(said.take()).containsExactly("fail to 1.0: request 6, page 10, cause 1");
        client.tick(4600 * MS);
        assertThat(said.take()).isEmpty();
        read(1, 0, 7, 11, 4610 * MS);
        assertThat(said.take()).containsExactly("resolve");
        read(1, 1, 8, 12, 4611 * MS);
        client.circuitFailed(Cause.OWNER_LOST, 4612 * MS);
        assertThat(said.take())
                .containsExactly(
                        "fail to 1.0: request 7, page 11, cause 1", "fail to 1.1: request 8, page 12, cause 1");
        client.tick(4712 * MS);
        read(1, 0, 9, 13, 4713 * MS);
        client.circuitUp(77, 4714 * MS);
        assertThat(said.take()).contains("resolve", "fetch 13+1");
    }

    @Test
    void shouldWaitAgainInANewOutage() {
        read(1, 0, 5, 9, 0);
        client.circuitFailed(Cause.OWNER_LOST, 0);
        client.tick(100 * MS);
        client.circuitUp(77, 9000 * MS);
        client.circuitLost(Cause.OWNER_LOST, 9001 * MS);
        read(1, 0, 6, 10, 9200 * MS);
        client.tick(9200 * MS);
        client.circuitFailed(Cause.OWNER_LOST, 9201 * MS);
        assertThat(said.take()).noneMatch(line -> line.startsWith("fail to 1.0: request 6"));
    }

    @Test
    void shouldFailAtOnceWhenTheCauseLasts() {
        read(1, 0, 5, 9, 0);
        read(1, 1, 6, 10, 0);
        said.take();
        client.circuitFailed(Cause.REFUSED, 0);
        assertThat(said.take())
                .containsExactly("fail to 1.0: request 5, page 9, cause 3", "fail to 1.1: request 6, page 10, cause 3");
        read(1, 0, 7, 9, 0);
        assertThat(said.take()).containsExactly("resolve");
    }

    @Test
    void shouldFailAWaiterAtItsDeadline() {
        up();
        read(1, 0, 5, 9, 100 * MS);
        said.take();
        pass(100 * MS, 4599 * MS);
        assertThat(said.take()).isEmpty();
        client.tick(4600 * MS);
        assertThat(said.take()).containsExactly("fail to 1.0: request 5, page 9, cause 2");
        arrive(said.lastRequest, 9, 1, 1, true);
        assertThat(said.take()).isEmpty();
        assertThat(client.hostState(9)).isEqualTo(HostState.SHARED);
    }

    @Test
    void shouldAskAgainLaterWhenTheOwnerIsFenced() {
        up();
        read(1, 0, 5, 9, 0);
        said.take();
        client.declined(said.lastRequest, 9, 1, Cause.FENCED, 50 * MS);
        assertThat(said.take()).containsExactly("discard 9+1");
        client.tick(149 * MS);
        assertThat(said.take()).isEmpty();
        client.tick(150 * MS);
        assertThat(said.take()).containsExactly("fetch 9+1");
    }

    @Test
    void shouldBoundOpenRequestsAndServeTheRestInTurn() {
        Geometry big = new Geometry(1000, 4096);
        ClientRegion region = new ClientRegion(big, said, said, SETTINGS);
        region.mappingOpened(1, Right.READ);
        region.connectNow(0);
        region.circuitUp(77, 0);
        said.take();
        for (int i = 0; i < 70; i++) {
            region.localFault(1, i, i, i * 10L, Right.READ, i);
        }
        assertThat(said.take()).hasSize(Requests.MOST);
        assertThat(region.openRequests()).isEqualTo(Requests.MOST);
        int request = said.lastRequest;
        region.arrived(request, 630, 1, 1, true, false, 100);
        assertThat(said.take()).containsExactly("grant to 1.63: request 63, 630+1 READ", "fetch 640+1");
    }

    @Test
    void shouldRefuseAnswersNobodyAskedFor() {
        up();
        read(1, 0, 5, 9, 0);
        int request = said.lastRequest;
        assertThat(client.arriving(request + 64, 9, 1, false)).contains("not open");
        assertThat(client.arriving(request, 10, 1, false)).contains("awaits 1 from 9");
        assertThat(client.arriving(request, 9, 2, false)).contains("awaits 1 from 9");
        assertThat(client.declined(request, 9, 0, 0, 0)).isNotNull();
        arrive(request, 9, 1, 1, true);
        assertThat(client.arriving(request, 9, 1, false)).contains("not open");
        assertThat(client.purge(63, 2, 1, 0)).contains("of a region with 64 pages");
        int late = request;
        assertThatThrownBy(() -> client.arrived(late, 9, 1, 1, true, false, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldTakeARunThatEndsEarlyAsDeclined() {
        up();
        copy(0, 1);
        read(1, 0, 2, 1, 0);
        arrive(said.requestFrom(1), 1, 1, 2, true);
        assertThat(PageTable.isRemote(client.entry(2))).isTrue();
        assertThat(client.openRequests()).isEqualTo(1);
    }

    @Test
    void shouldFailEverybodyAndHangUpWhenTheRegionIsDeleted() {
        up();
        copy(9, 1);
        read(1, 0, 5, 20, 0);
        said.take();
        client.fail(Cause.UNKNOWN_REGION, 0);
        assertThat(said.take())
                .containsExactly(
                        "fail to 1.0: request 5, page 20, cause 5",
                        "hang up: cause 5",
                        "revoke from 1: 0+0, left NONE");
        read(1, 0, 6, 20, 0);
        assertThat(said.take()).containsExactly("fail to 1.0: request 6, page 20, cause 5");
        client.revoked(1, said.lastSequence, 0);
        assertThat(said.take()).containsExactly("discard 0+64");
    }

    @Test
    void shouldBlameNobodyForATimeInWhichItDidNotRunItself() {
        up();
        copy(9, 1);
        client.tick(0);
        client.purge(9, 1, 500, 10 * MS);
        read(1, 0, 5, 9, 10 * MS);
        said.take();
        client.tick(9000 * MS);
        client.tick(9050 * MS);
        assertThat(said.take()).isEmpty();
        client.tick(9100 * MS);
        assertThat(said.take()).containsExactly("fence 1", "fail to 1.0: request 5, page 9, cause 2");
    }

    @Test
    void shouldNotSpinOnACircuitThatIsLostAtOnce() {
        read(1, 0, 5, 9, 1000 * MS);
        client.circuitUp(77, 1001 * MS);
        said.take();
        client.circuitLost(Cause.OWNER_LOST, 1002 * MS);
        assertThat(said.take()).containsExactly("discard 0+64");
        client.tick(1099 * MS);
        assertThat(said.take()).isEmpty();
        client.tick(1100 * MS);
        assertThat(said.take()).containsExactly("resolve");
    }
}
