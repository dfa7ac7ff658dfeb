package io.pagewire.daemon.local;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One region mapped into one process: its fault lines, its agent, and the token by which the process names it. The number
 * {@link #index()} is what the pager calls it; it is used again after the mapping is gone.
 *
 * <p>Belongs to the event loop of its region; identity, token and process may be read by any thread.
 */
public final class Mapping {
    /** Most fault lines a mapping may open. */
    public static final int MAX_LINES = 64;

    private static final AtomicLong NEWEST = new AtomicLong();

    private final long number = NEWEST.incrementAndGet();
    private final int index;
    private final long token;
    private final LocalProcess process;
    private final PagerSide side;
    private final FaultLine[] lines = new FaultLine[MAX_LINES];
    private final BitSet linesInUse = new BitSet(MAX_LINES);
    private AgentSocket agent;
    private boolean agentExpected = true;
    private boolean judged;
    private boolean gone;

    public Mapping(int index, long token, LocalProcess process, PagerSide side) {
        this.index = index;
        this.token = token;
        this.process = process;
        this.side = side;
    }

    public int index() {
        return index;
    }

    public long token() {
        return token;
    }

    /** A mapping that was made later has a higher one, whatever its region. */
    public long number() {
        return number;
    }

    public LocalProcess process() {
        return process;
    }

    public PagerSide side() {
        return side;
    }

    /** True once no right of this mapping can be left. */
    public boolean isGone() {
        return gone;
    }

    /** Somebody begins to find out what the process still has of it: true for the first one. */
    public boolean judge() {
        boolean first = !judged;
        judged = true;
        return first;
    }

    public int lineCount() {
        return linesInUse.cardinality();
    }

    /** A new fault line, or null when there are too many or the mapping is gone. */
    FaultLine openLine() {
        int free = linesInUse.nextClearBit(0);
        if (gone || free >= MAX_LINES) {
            return null;
        }
        linesInUse.set(free);
        lines[free] = new FaultLine(this, free);
        return lines[free];
    }

    /** The agent's socket, or null when there is one already or the mapping is gone. */
    AgentSocket openAgent() {
        if (gone || agent != null) {
            return null;
        }
        agent = new AgentSocket(this);
        return agent;
    }

    public boolean hasAgent() {
        return agent != null;
    }

    public void grant(int line, int requestId, long firstPage, int count, int right, long sequence) {
        if (lines[line] != null) {
            lines[line].grant(requestId, firstPage, count, right, sequence);
        }
    }

    public void fail(int line, int requestId, long page, int cause) {
        if (lines[line] != null) {
            lines[line].fail(requestId, page, cause);
        }
    }

    /** Sends a revoke, also one that nobody needs answered soon; returns false when there is no agent to send it to. */
    public boolean revoke(long firstPage, int count, int left, boolean atLeisure, long sequence) {
        if (agent == null) {
            return false;
        }
        agent.revoke(firstPage, count, left, atLeisure, sequence);
        return true;
    }

    /** Tells the program that pages went back to an older state. One without an agent has not seen any page yet. */
    public void lost(long firstPage, int count) {
        if (agent != null) {
            agent.lost(firstPage, count);
        }
    }

    void lineClosed(int line) {
        lines[line] = null;
        linesInUse.clear(line);
        side.lineLost(this, line);
    }

    void agentClosed() {
        if (agentExpected) {
            agentExpected = false;
            side.agentLost(this);
        }
    }

    /** Closes the sockets; the mapping is over and its rights are gone. */
    public void end() {
        gone = true;
        agentExpected = false;
        if (agent != null) {
            agent.close();
        }
        for (FaultLine line : lines) {
            if (line != null) {
                line.close();
            }
        }
    }

    @Override
    public String toString() {
        return "mapping " + index + " of " + process;
    }
}
