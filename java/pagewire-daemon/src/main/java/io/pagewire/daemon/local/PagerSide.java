package io.pagewire.daemon.local;

import io.netty.channel.EventLoop;

/**
 * The pager of a region, as its fault lines and agents see it.
 *
 * <p>Called on {@link #loop()} only, except for that method.
 */
public interface PagerSide {
    /** The region's event loop. */
    EventLoop loop();

    /** A thread waits on this line for a right on a page. {@code wanted} is 1 (read) or 2 (write). */
    void fault(Mapping mapping, int line, int requestId, long page, int wanted);

    /** The line is closed; whoever waited there waits no more. */
    void lineLost(Mapping mapping, int line);

    /** The agent has taken the rights away. */
    void revoked(Mapping mapping, long sequence);

    /** The agent's socket closed without an unmap: the process is dying or broken, its rights are unproven. */
    void agentLost(Mapping mapping);

    /** Orderly unmap: the process has no access any more. */
    void unmapped(Mapping mapping);
}
