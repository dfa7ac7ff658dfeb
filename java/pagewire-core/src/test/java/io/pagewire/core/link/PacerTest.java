package io.pagewire.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacerTest {
    private static final long US = 1_000L;
    private static final long MS = 1_000_000L;
    private static final long S = 1_000_000_000L;
    private static final int PAGE = 4096;

    @ParameterizedTest
    @CsvSource({"1e7, 50000", "1e7, 25000", "1e8, 20", "1e8, 5000", "1e9, 20", "1e9, 1000", "1e10, 10"})
    void shouldKeepALinkBusyAndItsQueueShorterThanAFaultNotices(double bitsPerS, long delayUs) {
        Link link = new Link(bitsPerS, delayUs * US, 150 * US, PAGE, 1);
        link.run(2 * S);
        assertThat(link.use(8 * S)).isGreaterThan(0.75);
        assertThat(link.faultsWithin(3, 1000)).isGreaterThan(0.97);
    }

    @ParameterizedTest
    @CsvSource({"1e7, 50000", "1e8, 20", "1e9, 100"})
    void shouldShareALinkWithOtherCircuitsOfItsHost(double bitsPerS, long delayUs) {
        Link link = new Link(bitsPerS, delayUs * US, 150 * US, PAGE, 3);
        link.run(10 * S);
        assertThat(link.use(8 * S)).isGreaterThan(0.8);
        assertThat(link.faultsWithin(3, 1000)).isGreaterThan(0.97);
    }

    @ParameterizedTest
    @CsvSource({"1e8, 65536", "1e7, 65536", "1e8, 2097152"})
    void shouldHaveNoMoreThanTwoPagesUnderwayWhereOneTakesLongerThanTheWay(double bitsPerS, int page) {
        Link link = new Link(bitsPerS, 20 * US, 150 * US, page, 1);
        link.run(4 * S);
        assertThat(link.use(8 * S)).isGreaterThan(0.8);
        assertThat(link.faultsWithin(3, 1000)).isGreaterThan(0.97);
    }

    @Test
    void shouldNotSlowDownForADaemonThatIsHeldUpNowAndThen() {
        Link quiet = new Link(1e10, 10 * US, 150 * US, PAGE, 1);
        Link busy = new Link(1e10, 10 * US, 150 * US, PAGE, 1);
        busy.stalls(3 * MS, 10 * MS);
        quiet.run(4 * S);
        busy.run(4 * S);
        assertThat(busy.use(4 * S)).isGreaterThan(quiet.use(4 * S) / 4);
    }

    @Test
    void shouldNotSlowDownWhereEachPieceCostsTheDaemonsMoreThanTheWay() {
        Link link = new Link(1e10, 10 * US, 30 * US, PAGE, 1);
        link.needs(40 * US, 6);
        link.run(4 * S);
        double most = 1e9 / 6 / (1e10 / 8);
        assertThat(link.use(4 * S)).isGreaterThan(0.75 * most);
    }

    /** A relay that waits for the confirmation of what it has passed on before it passes on a few bytes more, for example. */
    @Test
    void shouldNotTakeForAQueueWhatLessBulkDoesNotMakeShorter() {
        Link link = new Link(1e9, 20 * US, 150 * US, PAGE, 1);
        link.returnsLate(40 * MS);
        link.run(8 * S);
        assertThat(link.use(8 * S)).isGreaterThan(0.5);
    }

    @Test
    void shouldFollowAWayThatBecomesLongerOrFaster() {
        Link link = new Link(1e9, 20 * US, 150 * US, PAGE, 1);
        link.run(4 * S);
        link.becomes(1e8, 20 * MS);
        link.run(12 * S);
        assertThat(link.use(8 * S)).isGreaterThan(0.75);
        link.becomes(1e9, 20 * MS);
        link.run(8 * S);
        assertThat(link.use(8 * S)).isGreaterThan(0.75);
    }

    @ParameterizedTest
    @CsvSource({"2e6, 10000", "1e7, 50000", "1e8, 20", "1e9, 1000"})
    void shouldKeepALinkBusyWithWhatIsWaitedForAndSignsOfLifeWithinALease(double bitsPerS, long delayUs) {
        Link link = new Link(bitsPerS, delayUs * US, 150 * US, PAGE, 0);
        link.wants();
        link.run(S);
        assertThat(link.wantedUse(12 * S)).isGreaterThan(0.8);
        assertThat(link.longestWantedNs()).isLessThan(700 * MS);
    }

    @ParameterizedTest
    @CsvSource({"2e6, 10000", "1e7, 50000", "1e8, 20"})
    void shouldHaveBulkGiveWayToWhatIsWaitedFor(double bitsPerS, long delayUs) {
        Link link = new Link(bitsPerS, delayUs * US, 150 * US, 32 << 10, 1);
        link.run(8 * S);
        link.wants();
        link.run(2 * S);
        assertThat(link.wantedUse(12 * S)).isGreaterThan(0.5);
        assertThat(link.use(12 * S)).as("bulk goes on").isPositive();
        assertThat(link.longestWantedNs()).isLessThan(900 * MS);
    }

    @Test
    void shouldTakeAMarkThatIsNotDueForABreachOfTheProtocol() {
        Pacer pacer = new Pacer(new Path());
        assertThat(pacer.returned(0, S)).contains("mark 0");
        assertThat(pacer.piece(PAGE, S)).isEqualTo(PAGE);
        assertThat(pacer.sent(PAGE, S)).isZero();
        assertThat(pacer.returned(1, S)).contains("mark 1 came back where mark 0 was due");
        assertThat(pacer.returned(0, S + MS)).isNull();
        assertThat(pacer.underWay()).isZero();
    }
}
