package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A home region with one process that maps it (mapping 1), and what tests do with the two.
 *
 * <p>Not thread-safe.
 */
abstract class HomeFixture {
    static final long MS = 1_000_000L;
    static final Geometry GEOMETRY = new Geometry(64, 4096);
    static final HomeSettings OWNER_WRITES = new HomeSettings(2500 * MS, 1000 * MS, 4500 * MS, 8);
    static final HomeSettings ANY_WRITES = OWNER_WRITES.forAnyWriter();

    final Recorder said = new Recorder();
    final FrameBudget frames;
    final HomeRegion home;

    HomeFixture(HomeSettings settings, FrameBudget budget) {
        frames = budget;
        home = new HomeRegion(GEOMETRY, said, said, settings, budget);
        home.mappingOpened(1, Right.WRITE);
    }

    void read(int request, long page) {
        home.localFault(1, 0, request, page, Right.READ, 0);
    }

    void write(int request, long page) {
        home.localFault(1, 0, request, page, Right.WRITE, 0);
    }

    /** The agent of mapping 1 answers the newest revoke. */
    void revoked() {
        home.revoked(1, said.lastSequence, 0);
    }

    void join(int slot) {
        home.hostJoined(slot, 70 + slot, true, 0);
    }

    void fetch(int slot, int request, long page) {
        assertThat(home.fetch(slot, request, page, 1, 0)).isNull();
    }

    void want(int slot, int request, long page, int count, int held) {
        assertThat(home.want(slot, request, page, count, held, 0)).isNull();
    }

    /** The host gets a copy of a page that nobody writes; its grant number. */
    int copy(int slot, long page) {
        fetch(slot, 1, page);
        assertThat(home.copyset(page) & Copies.bit(slot)).isNotZero();
        said.take();
        return home.grantNumber(page);
    }

    /** The host gets pages that nobody uses to itself; their grant number. */
    int give(int slot, long page, int count) {
        want(slot, 1, page, count, 0);
        for (long each = page; each < page + count; each++) {
            assertThat(home.holder(each)).isEqualTo(slot);
        }
        said.take();
        return home.grantNumber(page);
    }

    void purged(int slot, long page) {
        assertThat(home.purged(slot, page, 1, said.lastOperation, 0)).isNull();
    }

    /** The host answers the newest recall with the page's bytes. */
    void recalled(int slot, long page, Right left, int grant) {
        assertThat(home.recalled(slot, page, 1, said.lastOperation, left, true, grant, 0))
                .isNull();
    }

    /** Null, or why the host cannot write these pages back. */
    String writeBack(int slot, long page, int count, Right left, int grant) {
        return home.wroteBack(slot, page, count, left, grant, 0);
    }

    /** Ticks as a daemon that runs would have them. */
    void pass(long from, long to) {
        for (long now = from; now < to; now += 50 * MS) {
            home.tick(now);
        }
        home.tick(to);
    }
}
