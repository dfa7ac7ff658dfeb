package io.pagewire.system;

import java.util.List;

/**
 * One litmus test: up to four threads of at most two accesses each to x and y, each thread a process on a host, and which
 * outcomes x86-TSO forbids. Host 0 owns the region. Each thread has two hosts: one for regions that their owner writes, and one
 * for regions that every host may write, where the writers are on other hosts than the owner's, and on different ones.
 *
 * <p>A store puts the round and its thread's number plus one; what is seen counts as 0 (older than the round) or that number.
 *
 * <p>Immutable; safe for use by any thread.
 */
record LitmusTest(String name, boolean oneVariable, List<Part> parts, Judge forbidden, Judge relaxed) {
    static final int NOTHING = 0;
    static final int WRITE = 1;
    static final int READ = 2;

    /**
     * A thread: its hosts and its accesses (kind and variable; 0 = x, 1 = y).
     *
     * @param host where it is while only the owner's processes write
     * @param elsewhere where it is when every host writes
     * @param weak a bug may be planted here
     */
    record Part(int host, int elsewhere, int kind1, int variable1, int kind2, int variable2, boolean weak) {
        Part w(int variable) {
            return then(WRITE, variable, weak);
        }

        Part r(int variable) {
            return then(READ, variable, weak);
        }

        /** A store that comes before its neighbour when a bug is planted. */
        Part weakW(int variable) {
            return then(WRITE, variable, true);
        }

        /** A load that is stale, or comes on the wrong side of its neighbour, when a bug is planted. */
        Part weakR(int variable) {
            return then(READ, variable, true);
        }

        private Part then(int kind, int variable, boolean planted) {
            return kind1 == NOTHING
                    ? new Part(host, elsewhere, kind, variable, NOTHING, 0, planted)
                    : new Part(host, elsewhere, kind1, variable1, kind, variable, planted);
        }
    }

    /**
     * What the threads saw: {@code seen[2 * thread]} and {@code seen[2 * thread + 1]} for first and second access, {@code
     * last[variable]} when all was over. {@code strong}: every access was sequentially consistent.
     */
    interface Judge {
        boolean test(int[] seen, int[] last, boolean strong);
    }

    private static final Judge NEVER = (seen, last, strong) -> false;

    static final List<LitmusTest> ALL = List.of(
            // Who sees y sees x, which was stored before.
            new LitmusTest(
                    "MP",
                    false,
                    List.of(
                            at(0, 1).w(0).w(1),
                            at(1, 2).r(1).weakR(0),
                            at(2, 0).r(1).weakR(0)),
                    (s, last, strong) -> s[2] != 0 && s[3] == 0 || s[4] != 0 && s[5] == 0,
                    NEVER),
            // Both may miss the other's store, which is what TSO relaxes; not if all is sequentially consistent.
            new LitmusTest(
                    "SB",
                    false,
                    List.of(
                            at(0, 1).w(0).weakR(1),
                            at(0, 2).w(1).weakR(0),
                            at(1, 0).r(0).r(1),
                            at(2, 1).r(1).r(0)),
                    (s, last, strong) -> strong && s[1] == 0 && s[3] == 0 || disagree(s[4], s[5], s[6], s[7]),
                    (s, last, strong) -> s[1] == 0 && s[3] == 0),
            // No load sees a store that follows it.
            new LitmusTest(
                    "LB",
                    false,
                    List.of(
                            at(0, 1).weakR(0).w(1),
                            at(0, 2).weakR(1).w(0),
                            at(1, 0).r(0).r(1),
                            at(2, 1).r(1).r(0)),
                    (s, last, strong) -> s[0] != 0 && s[2] != 0 || disagree(s[4], s[5], s[6], s[7]),
                    NEVER),
            // Who sees y, whose writer had seen x, sees x.
            new LitmusTest(
                    "WRC",
                    false,
                    List.of(
                            at(0, 1).w(0),
                            at(0, 2).r(0).w(1),
                            at(1, 0).r(1).weakR(0),
                            at(2, 1).r(1).weakR(0)),
                    (s, last, strong) -> s[2] != 0 && (s[4] != 0 && s[5] == 0 || s[6] != 0 && s[7] == 0),
                    NEVER),
            // Two hosts agree on the order of two stores.
            new LitmusTest(
                    "IRIW",
                    false,
                    List.of(
                            at(0, 1).w(0),
                            at(0, 2).w(1),
                            at(1, 0).r(0).weakR(1),
                            at(2, 1).r(1).weakR(0)),
                    (s, last, strong) -> disagree(s[4], s[5], s[6], s[7]),
                    NEVER),
            // Two loads of one location never see its stores backwards.
            new LitmusTest(
                    "CoRR",
                    true,
                    List.of(
                            at(0, 1).w(0),
                            at(0, 2).w(0),
                            at(1, 0).r(0).weakR(0),
                            at(2, 1).r(0).weakR(0)),
                    (s, last, strong) -> backwards(s[4], s[5], last[0]) || backwards(s[6], s[7], last[0]),
                    NEVER),
            // A load after a store of one's own sees that or a later one.
            new LitmusTest(
                    "CoWR",
                    true,
                    List.of(
                            at(0, 1).w(0).weakR(0),
                            at(0, 2).w(0),
                            at(1, 0).r(0).r(0),
                            at(2, 1).r(0).r(0)),
                    (s, last, strong) -> s[1] == 0
                            || s[1] == 2 && last[0] == 1
                            || backwards(s[4], s[5], last[0])
                            || backwards(s[6], s[7], last[0]),
                    NEVER),
            // A load before a store of one's own sees neither that nor a later one.
            new LitmusTest(
                    "CoRW",
                    true,
                    List.of(
                            at(0, 1).weakR(0).w(0),
                            at(0, 2).w(0),
                            at(1, 0).r(0).r(0),
                            at(2, 1).r(0).r(0)),
                    (s, last, strong) -> s[0] == 1
                            || s[0] == 2 && last[0] == 2
                            || backwards(s[4], s[5], last[0])
                            || backwards(s[6], s[7], last[0]),
                    NEVER),
            // Not both first stores come last, and readers see the stores of each thread in their order.
            new LitmusTest(
                    "2+2W",
                    false,
                    List.of(
                            at(0, 1).w(0).weakW(1),
                            at(0, 2).w(1).weakW(0),
                            at(1, 0).r(1).r(0),
                            at(2, 1).r(0).r(1)),
                    (s, last, strong) ->
                            last[0] == 1 && last[1] == 2 || s[4] == 1 && s[5] == 0 || s[6] == 2 && s[7] == 0,
                    NEVER));

    /** One reader saw x and not yet y, the other y and not yet x. */
    private static boolean disagree(int xFirst, int thenY, int yFirst, int thenX) {
        return xFirst != 0 && thenY == 0 && yFirst != 0 && thenX == 0;
    }

    /** Two loads of one location against the order in which its stores took effect: the last one is there at the end. */
    private static boolean backwards(int first, int second, int last) {
        return first != 0 && second == 0 || first != 0 && second != 0 && first != second && first == last;
    }

    private static Part at(int host, int elsewhere) {
        return new Part(host, elsewhere, NOTHING, 0, NOTHING, 0, false);
    }

    /** Null when there is none. */
    static LitmusTest named(String name) {
        return ALL.stream()
                .filter(test -> test.name.equalsIgnoreCase(name))
                .findFirst()
                .orElse(null);
    }
}
