package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class PageTableTest {
    private static final Geometry GEOMETRY = new Geometry(16, 4096);

    @Test
    void shouldAllowExactlyTheMovesOfFigureFive() {
        assertRightMoves(Moves.HOME, Set.of("READ-WRITE", "WRITE-READ", "READ-NONE", "WRITE-NONE", "NONE-READ"));
        assertRightMoves(Moves.CLIENT, Set.of("NONE-READ", "READ-NONE"));
        assertHostMoves(Moves.HOME, Set.of("SHARED-EXCLUSIVE", "EXCLUSIVE-SHARED"));
        assertHostMoves(Moves.CLIENT, Set.of("ABSENT-SHARED", "SHARED-ABSENT"));
    }

    @Test
    void shouldAllowEveryMoveOfARightWherePagesMayBeElsewhere() {
        Set<String> all = Set.of("NONE-READ", "NONE-WRITE", "READ-NONE", "READ-WRITE", "WRITE-NONE", "WRITE-READ");
        assertRightMoves(Moves.TRACKING_HOME, all);
        assertRightMoves(Moves.WRITING_CLIENT, all);
    }

    @Test
    void shouldLetAPageLeaveHomeOnlyWhenNoProcessThereWritesIt() {
        assertHostMoves(
                Moves.TRACKING_HOME, Set.of("SHARED-EXCLUSIVE", "EXCLUSIVE-SHARED", "SHARED-ABSENT", "ABSENT-SHARED"));
    }

    @Test
    void shouldAllowEveryMoveOfAPageOfAWritingClient() {
        assertHostMoves(
                Moves.WRITING_CLIENT,
                Set.of(
                        "ABSENT-SHARED",
                        "ABSENT-EXCLUSIVE",
                        "SHARED-ABSENT",
                        "SHARED-EXCLUSIVE",
                        "EXCLUSIVE-ABSENT",
                        "EXCLUSIVE-SHARED"));
    }

    @Test
    void shouldRefuseRightsAtHomeToAPageThatAnotherHostHolds() {
        PageTable home = PageTable.ofTrackingHome(GEOMETRY, false, TableRoom.UNLIMITED);
        home.remote(7, 70);
        assertThatThrownBy(() -> home.grant(7, Right.READ, 1)).hasMessageContaining("remote, circuit 70");
        assertThatThrownBy(() -> home.grant(7, Right.WRITE, 1)).hasMessageContaining("page 7");
    }

    @Test
    void shouldRefuseToAskForAnUpgradeOfAPageThatIsNotACopy() {
        PageTable client = PageTable.ofClient(GEOMETRY, true, TableRoom.UNLIMITED);
        assertThatThrownBy(() -> client.upgrading(7, true)).hasMessageContaining("page 7");
        client.inProgress(7);
        client.ready(7);
        client.upgrading(7, true);
        assertThat(client.describe(7)).endsWith("upgrade asked for");
        client.exclusive(7, true);
        assertThatThrownBy(() -> client.upgrading(7, true)).hasMessageContaining("page 7");
    }

    @Test
    void shouldBeginOnDiskWithoutASectorWhereFramesAreBounded() {
        PageTable home = PageTable.ofTrackingHome(GEOMETRY, true, TableRoom.UNLIMITED);
        assertThat(home.describe(3)).isEqualTo("on disk, sector 0, shared, right none");
        assertThatThrownBy(() -> home.grant(3, Right.READ, 1)).hasMessageContaining("page 3");
    }

    private static void assertRightMoves(Moves moves, Set<String> legal) {
        for (Right from : Right.values()) {
            for (Right to : Right.values()) {
                assertThat(moves.allow(from, to)).isEqualTo(from == to || legal.contains(from + "-" + to));
            }
        }
    }

    private static void assertHostMoves(Moves moves, Set<String> legal) {
        for (HostState from : HostState.values()) {
            for (HostState to : HostState.values()) {
                assertThat(moves.allow(from, to)).isEqualTo(from == to || legal.contains(from + "-" + to));
            }
        }
    }

    @Test
    void shouldRefuseAnIllegalMoveAndSayWhichPageAndWhy() {
        PageTable client = PageTable.ofClient(GEOMETRY, false, TableRoom.UNLIMITED);
        assertThatThrownBy(() -> client.grant(7, Right.READ, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("page 7")
                .hasMessageContaining("{remote, circuit 0, absent, right none}")
                .hasMessageContaining("right read of mappings 1");
        client.inProgress(7);
        client.ready(7);
        assertThatThrownBy(() -> client.grant(7, Right.WRITE, 1)).hasMessageContaining("page 7");
        PageTable home = PageTable.ofHome(GEOMETRY, TableRoom.UNLIMITED);
        assertThatThrownBy(() -> home.remote(3, 9)).hasMessageContaining("page 3");
        assertThat(PageTable.isPresent(home.entry(3))).isTrue();
    }

    @Test
    void shouldRefuseRightsOnAPageWhoseBytesAreOnTheirWay() {
        PageTable client = PageTable.ofClient(GEOMETRY, false, TableRoom.UNLIMITED);
        client.inProgress(7);
        assertThatThrownBy(() -> client.grant(7, Right.READ, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldHoldAFrameNumberOrACircuitInTheValue() {
        PageTable client = PageTable.ofClient(GEOMETRY, false, TableRoom.UNLIMITED);
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
        PageTable home = PageTable.ofHome(GEOMETRY, TableRoom.UNLIMITED);
        home.grant(2, Right.WRITE, PageTable.maskBit(0));
        home.grant(2, Right.WRITE, PageTable.maskBit(3));
        assertThat(PageTable.mappings(home.entry(2))).isEqualTo(0b1001);
        home.reduce(2, Right.READ);
        assertThat(PageTable.mappings(home.entry(2))).isZero();
        assertThat(PageTable.maskBit(15)).isEqualTo(PageTable.maskBit(200));
    }

    @Test
    void shouldCountMoves() {
        PageTable home = PageTable.ofHome(GEOMETRY, TableRoom.UNLIMITED);
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
        PageTable home = PageTable.ofHome(GEOMETRY, TableRoom.UNLIMITED);
        home.grant(2, Right.WRITE, 0b101);
        home.busy(2, true);
        assertThat(home.describe(2)).isEqualTo("present, frame 2, exclusive, right write of mappings 101, busy");
    }
}
