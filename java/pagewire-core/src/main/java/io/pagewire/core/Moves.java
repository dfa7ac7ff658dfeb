package io.pagewire.core;

import static io.pagewire.core.HostState.ABSENT;
import static io.pagewire.core.HostState.EXCLUSIVE;
import static io.pagewire.core.HostState.SHARED;
import static io.pagewire.core.Right.NONE;
import static io.pagewire.core.Right.READ;
import static io.pagewire.core.Right.WRITE;

/**
 * The legal moves of fig. 5: (a) a process's right to a local page, (b) to a remote page, (c) the state of the page in a host.
 * SPEC: O6.
 *
 * <pre>
 *                   process                              host
 *   home            READ &lt;-&gt; WRITE                       SHARED &lt;-&gt; EXCLUSIVE
 *                   READ, WRITE -&gt; NONE -&gt; READ          (NONE: while home has no directory session)
 *   tracking home   all                                  SHARED &lt;-&gt; EXCLUSIVE, SHARED &lt;-&gt; ABSENT
 *   client          NONE &lt;-&gt; READ                        ABSENT &lt;-&gt; SHARED
 *   writing client  all                                  all
 * </pre>
 *
 * A tracking home has pages that may be held by another host, or on disk; a writing client may hold pages exclusively.
 *
 * <p>Immutable; safe for use by any thread.
 */
enum Moves {
    HOME(
            new Right[][] {{READ, WRITE}, {WRITE, READ}, {READ, NONE}, {WRITE, NONE}, {NONE, READ}},
            new HostState[][] {{SHARED, EXCLUSIVE}, {EXCLUSIVE, SHARED}}),
    TRACKING_HOME(
            new Right[][] {{READ, WRITE}, {WRITE, READ}, {READ, NONE}, {WRITE, NONE}, {NONE, READ}, {NONE, WRITE}},
            new HostState[][] {{SHARED, EXCLUSIVE}, {EXCLUSIVE, SHARED}, {SHARED, ABSENT}, {ABSENT, SHARED}}),
    CLIENT(new Right[][] {{NONE, READ}, {READ, NONE}}, new HostState[][] {{ABSENT, SHARED}, {SHARED, ABSENT}}),
    WRITING_CLIENT(
            new Right[][] {{READ, WRITE}, {WRITE, READ}, {READ, NONE}, {WRITE, NONE}, {NONE, READ}, {NONE, WRITE}},
            new HostState[][] {
                {ABSENT, SHARED},
                {ABSENT, EXCLUSIVE},
                {SHARED, ABSENT},
                {SHARED, EXCLUSIVE},
                {EXCLUSIVE, ABSENT},
                {EXCLUSIVE, SHARED}
            });

    /** Bit (from &lt;&lt; 2 | to) is set for a legal move; standing still is legal. */
    private final int rights;

    private final int hosts;

    Moves(Right[][] rights, HostState[][] hosts) {
        this.rights = table(rights, Right.values().length);
        this.hosts = table(hosts, HostState.values().length);
    }

    private static int table(Enum<?>[][] moves, int states) {
        int bits = 0;
        for (int i = 0; i < states; i++) {
            bits |= 1 << (i << 2 | i);
        }
        for (Enum<?>[] move : moves) {
            bits |= 1 << (move[0].ordinal() << 2 | move[1].ordinal());
        }
        return bits;
    }

    boolean allow(Right from, Right to) {
        return (rights >>> (from.ordinal() << 2 | to.ordinal()) & 1) != 0;
    }

    boolean allow(HostState from, HostState to) {
        return (hosts >>> (from.ordinal() << 2 | to.ordinal()) & 1) != 0;
    }

    /** Whether both moves are legal and the entry they lead to makes sense. */
    boolean allow(int rightMove, int hostMove, long entry) {
        return (rights >>> rightMove & hosts >>> hostMove & 1) != 0 && makesSense(entry);
    }

    private boolean makesSense(long entry) {
        long place = entry & (PageTable.PRESENT | PageTable.ON_DISK | PageTable.REMOTE);
        boolean onePlace = (place & place - 1) == 0 && place != 0;
        boolean inProgress = PageTable.isInProgress(entry);
        HostState host = PageTable.hostState(entry);
        Right right = PageTable.right(entry);
        boolean writable = right == WRITE;
        boolean alone = host == EXCLUSIVE;
        return onePlace
                && (!inProgress || PageTable.isPresent(entry))
                && (inProgress || (host == ABSENT) == PageTable.isRemote(entry))
                && (right == NONE || host != ABSENT && !PageTable.isOnDisk(entry))
                && (this == WRITING_CLIENT ? !writable || alone : writable == alone)
                && (!alone || PageTable.isPresent(entry))
                && (!PageTable.isUpgrading(entry) || host == SHARED && PageTable.isReady(entry));
    }
}
