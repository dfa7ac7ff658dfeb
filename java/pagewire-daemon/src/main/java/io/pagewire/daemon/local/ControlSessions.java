package io.pagewire.daemon.local;

import io.netty.channel.ChannelFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The control connections that are open.
 *
 * <p>Safe for use by any thread.
 */
final class ControlSessions {
    private static final int GOODBYE_MS = 500;

    private final Set<ControlSession> open = ConcurrentHashMap.newKeySet();

    void opened(ControlSession session) {
        open.add(session);
    }

    void closed(ControlSession session) {
        open.remove(session);
    }

    /** Tells every program that all it has written is home; one that reads nothing, and has no room for it, does not hear it. Blocks. */
    void goodbye() {
        List<ChannelFuture> told = new ArrayList<>();
        for (ControlSession session : open) {
            told.add(session.goodbye());
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GOODBYE_MS);
        for (ChannelFuture one : told) {
            one.awaitUninterruptibly(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        }
    }
}
