package io.pagewire.testkit;

/**
 * What travels on a circuit; the fields mean what the layout of the peer protocol says.
 *
 * <p>Immutable, apart from the array, which nobody changes; safe for use by any thread.
 */
record Message(Kind kind, int number, long first, int count, int tag, long time, boolean last, long[] values) {
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
        LEFT
    }

    static Message beat(Kind kind, long time) {
        return new Message(kind, 0, 0, 0, 0, time, false, null);
    }

    static Message setup(int session, int incarnation, long time) {
        return new Message(Kind.SETUP, session, 0, 0, incarnation, time, false, null);
    }

    static Message refuse(int cause) {
        return new Message(Kind.REFUSE, cause, 0, 0, 0, 0, false, null);
    }

    static Message run(Kind kind, int number, long first, int count, int tag) {
        return new Message(kind, number, first, count, tag, 0, false, null);
    }

    static Message pages(int request, long first, int grantNumber, boolean last, long[] values) {
        return new Message(Kind.PAGES, request, first, values.length, grantNumber, 0, last, values);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case SETUP -> "SETUP session " + number + ", incarnation " + tag;
            case ACCEPT, LEFT -> kind.name();
            case REFUSE -> "REFUSE cause " + number;
            case HEARTBEAT, ECHO -> kind + " " + time;
            case PAGES ->
                "PAGES request " + number + ", " + first + "+" + count + ", grant " + tag + (last ? ", last" : "");
            default -> kind + " " + number + ", " + first + "+" + count + ", " + tag;
        };
    }
}
