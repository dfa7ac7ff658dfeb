package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class PageTableTest {
    private static final Geometry GEOMETRY = new Geometry(16, 4096);

    @Test
    void shouldAllowExactlyTheMovesOfFigureFive() {
        Set<String> home = Set.of("READ-WRITE", "WRITE-READ", "READ-NONE", "WRITE-NONE", "NONE-READ");
        Set<String> client = Set.of("NONE-READ", "READ-NONE");
        for (Right from : Right.values()) {
            for (Right to : Right.values()) {
                assertThat(Moves.HOME.allow(from, to)).isEqualTo(from == to || home.contains(from + "-" + to));
                assertThat(Moves.CLIENT.allow(from, to)).isEqualTo(from == to || client.contains(from + "-" + to));
            }
        }
        Set<String> atHome = Set.of("SHARED-EXCLUSIVE", "EXCLUSIVE-SHARED");
        Set<String> elsewhere = Set.of("ABSENT-SHARED", "SHARED-ABSENT");
        for (HostState from : HostState.values()) {
            for (HostState to : HostState.values()) {
                assertThat(Moves.HOME.allow(from, to)).isEqualTo(from == to || atHome.contains(from + "-" + to));
                assertThat(Moves.CLIENT.allow(from, to)).isEqualTo(from == to || elsewhere.contains(from + "-" + to));
            }
        }
    }

    @Test
    void shouldRefuseAnIllegalMoveAndSayWhichPageAndWhy() {
        PageTable client = PageTable.ofClient(GEOMETRY);
        assertThatThrownBy(() -> client.grant(7, Right.READ, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("page 7")
                .hasMessageContaining("{remote, circuit 0, absent, right none}")
                .hasMessageContaining("right read of mappings 1");
        client.inProgress(7);
        client.ready(7);
        assertThatThrownBy(() -> client.grant(7, Right.WRITE, 1)).hasMessageContaining("page 7");
        PageTable home = PageTable.ofHome(GEOMETRY);
        assertThatThrownBy(() -> home.remote(3, 9)).hasMessageContaining("page 3");
        assertThat(PageTable.isPresent(home.entry(3))).isTrue();
    }

    @Test
    void shouldRefuseRightsOnAPageWhoseBytesAreOnTheirWay() {
        PageTable client = PageTable.ofClient(GEOMETRY);
        client.inProgress(7);
        assertThatThrownBy(() -> client.grant(7, Right.READ, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldHoldAFrameNumberOrACircuitInTheValue() {
        PageTable client = PageTable.ofClient(GEOMETRY);
        client.remote(5, -2);
        assertThat(PageTable.value(client.entry(5))).isEqualTo(0xFFFFFFFEL);
        client.inProgress(5);
        assertThat(PageTable.value(client.entry(5))).isEqualTo(5);
        assertThat(PageTable.isReady(client.entry(5))).isFalse();
        client.ready(5);
        assertThat(PageTable.isReady(client.entry(5))).isTrue();
    }

    @Test
    void shouldKeepTheMappingsThatMayHoldTheRight() {
        PageTable home = PageTable.ofHome(GEOMETRY);
        home.grant(2, Right.WRITE, PageTable.maskBit(0));
        home.grant(2, Right.WRITE, PageTable.maskBit(3));
        assertThat(PageTable.mappings(home.entry(2))).isEqualTo(0b1001);
        home.reduce(2, Right.READ);
        assertThat(PageTable.mappings(home.entry(2))).isZero();
        assertThat(PageTable.maskBit(15)).isEqualTo(PageTable.maskBit(200));
    }

    @Test
    void shouldCountMoves() {
        PageTable home = PageTable.ofHome(GEOMETRY);
        home.grant(2, Right.WRITE, 1);
        home.grant(3, Right.WRITE, 1);
        home.reduce(2, Right.READ);
        home.reduce(2, Right.READ);
        assertThat(home.count(Right.READ, Right.WRITE)).isEqualTo(2);
        assertThat(home.count(HostState.EXCLUSIVE, HostState.SHARED)).isEqualTo(1);
        assertThat(home.changes()).isEqualTo(3);
    }

    @Test
    void shouldDescribeAPageInWords() {
        PageTable home = PageTable.ofHome(GEOMETRY);
        home.grant(2, Right.WRITE, 0b101);
        home.busy(2, true);
        assertThat(home.describe(2)).isEqualTo("present, frame 2, exclusive, right write of mappings 101, busy");
    }
}
