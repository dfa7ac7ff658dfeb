package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A region at a client with one process that maps it (mapping 1, which may write), and what tests do with the two.
 *
 * <p>Not thread-safe.
 */
abstract class ClientFixture {
    static final long MS = 1_000_000L;
    static final Geometry GEOMETRY = new Geometry(64, 4096);
    static final ClientSettings OWNER_WRITES = new ClientSettings(1000 * MS, 4500 * MS, 8, 100 * MS);
    static final ClientSettings ANY_WRITES = OWNER_WRITES.forAnyWriter();

    final Recorder said = new Recorder();
    final FrameBudget frames;
    final ClientRegion client;

    ClientFixture(ClientSettings settings, FrameBudget budget) {
        frames = budget;
        client = new ClientRegion(GEOMETRY, said, said, settings, budget);
        client.mappingOpened(1, Right.WRITE);
        client.connectNow(0);
        client.circuitUp(77, 0);
        said.take();
    }

    void read(int request, long page) {
        client.localFault(1, 0, request, page, Right.READ, 0);
    }

    void write(int request, long page) {
        client.localFault(1, 0, request, page, Right.WRITE, 0);
    }

    /** The agent of mapping 1 answers the newest revoke. */
    void revoked() {
        client.revoked(1, said.lastSequence, 0);
    }

    /** Home answers the newest request for this page with that page. */
    void arrive(long page, int grant, boolean exclusive) {
        int request = said.requestFrom(page);
        assertThat(client.arriving(request, page, 1, exclusive)).isNull();
        client.arrived(request, page, 1, grant, true, exclusive, 0);
    }

    void upgraded(long page, int grant) {
        assertThat(client.upgraded(said.requestFrom(page), page, grant, 0)).isNull();
    }

    /** Mapping 1 reads a page that is not here yet. */
    void copy(long page, int grant) {
        read(1, page);
        arrive(page, grant, false);
        assertThat(PageTable.right(client.entry(page))).isEqualTo(Right.READ);
        said.take();
    }

    /** Mapping 1 writes a page that is not here yet. */
    void hold(long page, int grant) {
        write(1, page);
        arrive(page, grant, true);
        assertThat(PageTable.right(client.entry(page))).isEqualTo(Right.WRITE);
        said.take();
    }

    void purge(long page, int operation) {
        assertThat(client.purge(page, 1, operation, 0)).isNull();
    }

    void recall(long page, Right left, int operation) {
        assertThat(client.recall(page, left, operation, 0)).isNull();
    }

    void acknowledge(long page, int grant, int cause) {
        assertThat(client.acknowledged(page, 1, grant, cause, 0)).isNull();
    }

    /** The circuit is lost and mapping 1 has given up everything. */
    void loseCircuit() {
        client.circuitLost(Cause.OWNER_LOST, 200 * MS);
        client.revoked(1, said.lastSequence, 200 * MS);
    }

    /** Ticks as a daemon that runs would have them. */
    void pass(long from, long to) {
        for (long now = from; now < to; now += 50 * MS) {
            client.tick(now);
        }
        client.tick(to);
    }
}
