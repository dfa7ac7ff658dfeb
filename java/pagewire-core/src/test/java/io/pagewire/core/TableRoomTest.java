package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Page tables grow as pages are touched, up to the room that all of them share. */
class TableRoomTest {
    private static final long MS = 1_000_000L;
    private static final long FAR = 10L * PageInts.RUN;
    private static final Geometry GEOMETRY = new Geometry(FAR + 1, 4096);

    private final Recorder said = new Recorder();
    private final Room room = new Room();

    /** Full at will; counts what is taken. */
    private static final class Room implements TableRoom {
        private boolean full;
        private long taken;

        @Override
        public boolean isFull() {
            return full;
        }

        @Override
        public void take(int bytes) {
            taken += bytes;
        }
    }

    private HomeRegion home(boolean anyWriter) {
        HomeSettings settings = new HomeSettings(2500 * MS, 1000 * MS, 4500 * MS, 8);
        HomeRegion home = new HomeRegion(
                GEOMETRY, said, said, anyWriter ? settings.forAnyWriter() : settings, FrameBudget.UNLIMITED, room);
        home.mappingOpened(1, Right.WRITE);
        home.hostJoined(0, 70, true, 0);
        said.take();
        return home;
    }

    @Test
    void shouldTakeRoomForTheTouchedRunsOnly() {
        HomeRegion home = home(false);
        assertThat(room.taken).isZero();
        home.localFault(1, 0, 1, 0, Right.WRITE, 0);
        home.localFault(1, 0, 2, PageInts.RUN - 1, Right.WRITE, 0);
        long one = room.taken;
        assertThat(one).isBetween(16L * PageInts.RUN, 32L * PageInts.RUN);
        home.localFault(1, 0, 3, FAR, Right.WRITE, 0);
        assertThat(room.taken).isEqualTo(2 * one).isEqualTo(home.tableBytes());
    }

    @Test
    void shouldFailFaultsOfUntouchedPagesAtHomeOnceTheRoomIsFull() {
        HomeRegion home = home(false);
        home.localFault(1, 0, 1, 0, Right.WRITE, 0);
        said.take();
        room.full = true;

        home.localFault(1, 0, 2, FAR, Right.WRITE, 0);
        assertThat(said.take()).containsExactly("fail to 1.0: request 2, page " + FAR + ", cause " + Cause.NO_MEMORY);
        assertThat(home.fetch(0, 3, FAR, 1, 0)).isNull();
        assertThat(said.take()).containsExactly("decline to 0: request 3, " + FAR + "+1, cause " + Cause.NO_MEMORY);

        home.localFault(1, 0, 4, 20, Right.WRITE, 0);
        assertThat(said.take()).as("a page beside one that was touched").anyMatch(line -> line.startsWith("grant"));
        room.full = false;
        home.localFault(1, 0, 5, FAR, Right.WRITE, 0);
        assertThat(said.take()).anyMatch(line -> line.startsWith("grant"));
    }

    @Test
    void shouldDeclineWritersOfOtherHostsOnceTheRoomIsFull() {
        HomeRegion home = home(true);
        room.full = true;
        for (int request = 0; request < 1000; request++) {
            assertThat(home.want(0, request, FAR, 1, 0, 0))
                    .as("no request stays open")
                    .isNull();
        }
        assertThat(said.take()).hasSize(1000).allMatch(line -> line.startsWith("decline"));
        assertThat(home.tableBytes()).isZero();
    }

    @Test
    void shouldFailFaultsOfUntouchedPagesAtAClientOnceTheRoomIsFull() {
        ClientRegion client = new ClientRegion(
                GEOMETRY,
                said,
                said,
                new ClientSettings(1000 * MS, 4500 * MS, 8, 100 * MS),
                FrameBudget.UNLIMITED,
                room);
        client.mappingOpened(1, Right.READ);
        client.connectNow(0);
        client.circuitUp(77, 0);
        room.full = true;
        said.take();
        client.localFault(1, 0, 2, FAR, Right.READ, 0);
        assertThat(said.take()).containsExactly("fail to 1.0: request 2, page " + FAR + ", cause " + Cause.NO_MEMORY);
        assertThat(client.tableBytes()).isZero();
    }
}
