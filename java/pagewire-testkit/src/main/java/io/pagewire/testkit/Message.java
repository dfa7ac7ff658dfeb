package io.pagewire.testkit;

import io.pagewire.core.Right;

/**
 * What travels on a circuit; the fields mean what the layout of the peer protocol says.
 *
 * <p>Immutable, apart from the array, which nobody changes; safe for use by any thread.
 *
 * @param flag the last answer (PAGES), bytes are handed back first (SETUP)
 * @param left what the other may keep (RECALL), or keeps (RECALLED, WRITEBACK); write in PAGES of which nobody else has a copy
 */
record Message(
        Kind kind, int number, long first, int count, int tag, long time, boolean flag, Right left, long[] values) {
    enum Kind {
        SETUP,
        ACCEPT,
        REFUSE,
        HEARTBEAT,
        ECHO,
        FETCH,
        AHEAD,
        PAGES,
        DECLINE,
        PURGE,
        PURGED,
        RELEASE,
        LEFT,
        WANT,
        UPGRADED,
        RECALL,
        RECALLED,
        WRITEBACK,
        WB_ACK,
        HANDBACK,
        HANDED,
        LOST
    }

    static Message beat(Kind kind, long time) {
        return new Message(kind, 0, 0, 0, 0, time, false, null, null);
    }

    static Message setup(int session, int incarnation, long time, boolean handsBack) {
        return new Message(Kind.SETUP, session, 0, 0, incarnation, time, handsBack, null, null);
    }

    static Message refuse(int cause) {
        return new Message(Kind.REFUSE, cause, 0, 0, 0, 0, false, null, null);
    }

    static Message run(Kind kind, int number, long first, int count, int tag) {
        return new Message(kind, number, first, count, tag, 0, false, null, null);
    }

    static Message pages(int request, long first, int grantNumber, boolean last, boolean exclusive, long[] values) {
        Right right = exclusive ? Right.WRITE : Right.READ;
        return new Message(Kind.PAGES, request, first, values.length, grantNumber, 0, last, right, values);
    }

    static Message recall(long page, Right left, int operation) {
        return new Message(Kind.RECALL, 0, page, 1, operation, 0, false, left, null);
    }

    /** RECALLED (number: the operation; {@code values} may be null), WRITEBACK, HANDBACK. */
    static Message bytes(Kind kind, int number, long first, int count, Right left, int grantNumber, long[] values) {
        return new Message(kind, number, first, count, grantNumber, 0, false, left, values);
    }

    boolean exclusive() {
        return left == Right.WRITE;
    }

    @Override
    public String toString() {
        return switch (kind) {
            case SETUP -> "SETUP session " + number + ", incarnation " + tag + (flag ? ", hands back" : "");
            case ACCEPT, LEFT, HANDED -> kind.name();
            case REFUSE -> "REFUSE cause " + number;
            case HEARTBEAT, ECHO -> kind + " " + time;
            case PAGES ->
                "PAGES request " + number + ", " + first + "+" + count + ", grant " + tag + (flag ? ", last" : "")
                        + (exclusive() ? ", exclusive" : "");
            case RECALL -> "RECALL " + first + " to " + left + ", operation " + tag;
            case RECALLED, WRITEBACK, HANDBACK ->
                kind + " " + number + ", " + first + "+" + count + ", left " + left + ", grant " + tag
                        + (values == null ? ", without bytes" : ", with bytes");
            default -> kind + " " + number + ", " + first + "+" + count + ", " + tag;
        };
    }
}
