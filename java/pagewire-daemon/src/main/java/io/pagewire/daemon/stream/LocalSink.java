package io.pagewire.daemon.stream;

import io.pagewire.daemon.local.StreamEnd;

/**
 * A consumer program of this host: its end of the stream, and how far it has come.
 *
 * <p>Belongs to the stream's event loop.
 */
final class LocalSink {
    final StreamEnd end;
    final boolean latest;

    /** Whether the hub knows it: since its socket is there. */
    boolean joined;

    /** A latest consumer's NEXT has no answer yet. */
    boolean asked;

    /** It has been told that nothing more comes. */
    boolean over;

    long delivered;

    /** Why it was dropped; null = it was not. */
    String dropped;

    LocalSink(StreamEnd end, boolean latest) {
        this.end = end;
        this.latest = latest;
    }

    /** As users are told: program and pid. */
    String name() {
        return "consumer " + end.process().program() + " (pid " + end.process().pid() + ")";
    }
}
