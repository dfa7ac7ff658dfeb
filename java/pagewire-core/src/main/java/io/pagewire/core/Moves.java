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
 *            process                              host
 *   home     READ &lt;-&gt; WRITE                       SHARED &lt;-&gt; EXCLUSIVE
 *            READ, WRITE -&gt; NONE -&gt; READ          (NONE: while home has no directory session)
 *   client   NONE &lt;-&gt; READ                        ABSENT &lt;-&gt; SHARED
 * </pre>
 *
 * <p>Immutable; safe for use by any thread.
 */
enum Moves {
    HOME(
            new Right[][] {{READ, WRITE}, {WRITE, READ}, {READ, NONE}, {WRITE, NONE}, {NONE, READ}},
            new HostState[][] {{SHARED, EXCLUSIVE}, {EXCLUSIVE, SHARED}}),
    CLIENT(new Right[][] {{NONE, READ}, {READ, NONE}}, new HostState[][] {{ABSENT, SHARED}, {SHARED, ABSENT}});

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

    private static boolean makesSense(long entry) {
        long place = entry & (PageTable.PRESENT | PageTable.ON_DISK | PageTable.REMOTE);
        boolean onePlace = (place & place - 1) == 0 && place != 0;
        boolean inProgress = PageTable.isInProgress(entry);
        HostState host = PageTable.hostState(entry);
        Right right = PageTable.right(entry);
        return onePlace
                && (!inProgress || PageTable.isPresent(entry))
                && (host == ABSENT) == (inProgress ? host == ABSENT : !PageTable.isPresent(entry))
                && (host != ABSENT || right == NONE)
                && (host == EXCLUSIVE) == (right == WRITE);
    }
}
