package io.pagewire.daemon.stream;

import java.util.StringJoiner;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a home stream because its daemon stops: other hosts that take every frame get what they have not got yet, as long
 * as anything moves.
 *
 * <p>Belongs to the stream's event loop.
 */
final class HomeStreamEnd {
    private static final Logger LOG = LoggerFactory.getLogger(HomeStreamEnd.class);
    private static final long MS = 1_000_000L;

    private final HomeStream stream;
    private final int stallMs;
    private Consumer<Boolean> done;
    private long moves;
    private long movedNs;

    /** @param done hears once whether all of them have got everything; the stream is to be closed then */
    HomeStreamEnd(HomeStream stream, int stallMs, long now, Consumer<Boolean> done) {
        this.stream = stream;
        this.stallMs = stallMs;
        this.done = done;
        this.moves = stream.hub().moves();
        this.movedNs = now;
    }

    void tick(long now) {
        long moved = stream.hub().moves();
        if (moved != moves) {
            moves = moved;
            movedNs = now;
        }
        if (!stream.calls().hasOpen(false)) {
            end(true);
        } else if (now - movedNs >= stallMs * MS) {
            giveUp("nothing has moved for " + stallMs + " ms (setting deadlines.stall-ms)");
        }
    }

    /** What has not arrived stays behind. */
    void giveUp(String why) {
        StringJoiner missing = new StringJoiner(", ");
        for (StreamCalls.Host host : stream.calls().all()) {
            if (!host.latest() && host.sink.isBehind()) {
                missing.add(host.name() + " has frame " + host.sink.whole() + " of "
                        + stream.hub().lastNumber());
            }
        }
        if (missing.length() > 0 && done != null) {
            LOG.warn(
                    "stream {} ends before every host has all of its frames: {}: {}",
                    stream.record().name(),
                    missing,
                    why);
        }
        end(missing.length() == 0);
    }

    private void end(boolean complete) {
        Consumer<Boolean> told = done;
        if (told != null) {
            done = null;
            told.accept(complete);
        }
    }
}
