package io.pagewire.core.link;

/**
 * How much bulk one circuit may have on its way: as much as the way takes, and a little more, whose queue delays whoever shares the
 * way by about half of an idle round trip. Bulk is what nobody waits for page by page: the contents of a preloaded region, what is
 * written back, what is read ahead.
 *
 * <p>Each piece of bulk is followed by a mark that the peer returns when it has taken the piece. A mark says how fast bytes arrive;
 * the {@link Path} says how long an empty way takes. The product is what must be on the way to keep it busy. Rates are the best of
 * a moment, so that a daemon which is held up now and then does not slow down for it; while every round trip of a moment shows a
 * queue, what counts is what has arrived in it.
 *
 * <p>Marks may come back late for a reason that is no queue of ours: a proxy that gathers bytes before it passes them on, a peer that
 * has much to do. To send less would not make them faster, only the bulk slower and slower. So when every round trip shows a
 * queue, for a moment twice as much is sent. If more has arrived then, it was none, and what marks take counts as the way.
 *
 * <p>Not thread-safe: belongs to the event loop of its circuit.
 */
public final class Pacer {
    /** Marks on their way, of which the oldest comes back first. More than pieces fit into any window. */
    private static final int MOST_MARKS = 512;

    /** Bytes on their way at the start of a circuit, at least and at most. */
    private static final long FIRST_WINDOW = 16 << 10;

    private static final long LEAST_WINDOW = 4 << 10;
    private static final long MOST_WINDOW = 16L << 20;

    /**
     * A piece is at most that long, and at most a fourth of what may be on its way, or half where that passes unnoticed. Each costs
     * both daemons something: in smaller ones they would take less in a second, and so be sent still smaller ones.
     */
    private static final int MOST_PIECE = 64 << 10;

    private static final int PIECES = 4;
    private static final int LEAST_PIECES = 2;

    /** Pieces that may always be on their way: one travels while the other's mark comes back. Of several circuits one each. */
    private static final int LEAST_MARKS = 2;

    /** One is enough where a piece takes that many times as long as the way and the queue that nobody notices. */
    private static final int LONG_PIECE = 4;

    /** A queue that delays others by less costs nobody anything, ns. */
    private static final long LEAST_QUEUE_NS = 300_000L;

    private static final long MOST_QUEUE_NS = 40_000_000L;

    /** Length of a moment: at least, ns, and in round trips. */
    private static final long MOMENT_NS = 100_000_000L;

    private static final int MOMENT_ROUND_TRIPS = 4;

    /** From one trial with more to the next, ns: after each in vain twice as long. */
    private static final long FIRST_TRIAL_NS = 1_000_000_000L;

    private static final long LAST_TRIAL_NS = 16_000_000_000L;

    /** For how long the outcome of a trial holds, ns. */
    private static final long OUTCOME_NS = 8_000_000_000L;

    private static final long LONG_AGO = Long.MIN_VALUE / 2;

    /** With twice as much under way that many times as much arrives where there is no queue. */
    private static final double NO_QUEUE = 1.4;

    /** What arrives in less says little: a switch, or a daemon that was held up, passes on at once what it has gathered. */
    private static final long SPAN_NS = 2_000_000L;

    private static final double NS_PER_S = 1e9;

    private final Path path;
    private final long[] sentNs = new long[MOST_MARKS];
    private final long[] sentAt = new long[MOST_MARKS];
    private final boolean[] sentWanted = new boolean[MOST_MARKS];
    private long oldest;
    private long next;
    private long sent;
    private long arrived;
    private long returnedNs = LONG_AGO;
    private long measuredNs = LONG_AGO;
    private boolean measuring;
    private boolean starting = true;
    private double window = FIRST_WINDOW;

    private final WantedWindow wanted = new WantedWindow();
    private boolean alone;

    // What has arrived since then makes the next rate.
    private long spanNs;
    private long spanArrived;

    // The moment under way, and the best rate of the one before, in bytes a second.
    private long momentNs;
    private long momentArrived;
    private long momentLeastNs = Long.MAX_VALUE;
    private double momentRate;
    private double earlierRate;
    private long momentMost;
    private boolean wasIdle;

    // What marks take although nothing of ours stands in a queue, and the trial that has shown it.
    private long lateNs;
    private long lateUntilNs = LONG_AGO;
    private boolean trying;
    private long nextTrialNs = LONG_AGO;
    private long trialNs = FIRST_TRIAL_NS;
    private double windowBefore;
    private double rateBefore;
    private long leastBeforeNs;

    public Pacer(Path path) {
        this.path = path;
    }

    /**
     * Whether a mark without bulk, {@link #sent} with 0 bytes, is to be sent before the next piece: nothing of this circuit is on its
     * way, so the mark's round trip is that of an empty way.
     */
    public boolean wantsMark(long now) {
        return oldest == next && (path.baseNs() == 0 || path.isDraining(now) && now - measuredNs > Path.PERIOD_NS / 2);
    }

    /**
     * Bytes of the next piece of bulk; 0 = none before another mark has come back.
     *
     * @param least what cannot be divided, such as a page; a piece is never smaller
     */
    public int piece(int least, long now) {
        long marks = next - oldest - (measuring ? 1 : 0);
        double unnoticed = Math.min(window / LEAST_PIECES, rate() * LEAST_QUEUE_NS / NS_PER_S);
        int piece = (int) Math.max(least, Math.min(MOST_PIECE, Math.max(window / PIECES, unnoticed)));
        if (wanted.isHeld(marks == 0)) {
            return 0;
        }
        boolean draining = path.isDraining(now);
        if (marks < MOST_MARKS - 1 && underWay() + piece <= window && !draining) {
            return piece;
        }
        return marks < (draining || path.isShared() || isLong(least) ? 1 : LEAST_MARKS) ? least : 0;
    }

    /**
     * Whether something that somebody waits for may be sent now, where so many bytes of such have been sent since the last mark; if not,
     * a mark is on its way. It need not wait for a short queue, as bulk does.
     */
    public boolean takesWanted(int unmarked, long now) {
        return wanted.takes(unmarked, next - oldest < MOST_MARKS - 1, now);
    }

    private boolean isLong(int piece) {
        double rate = rate();
        return rate == 0
                ? piece > FIRST_WINDOW
                : piece * NS_PER_S > rate * LONG_PIECE * Math.max(LEAST_QUEUE_NS, path.baseNs());
    }

    private double rate() {
        return Math.max(momentRate, earlierRate);
    }

    /** Bytes whose mark has not come back. */
    public long underWay() {
        return sent - arrived;
    }

    /** Bytes that may be on their way. */
    public long window() {
        return (long) window;
    }

    /** The same for what somebody waits for; see {@link #sent}. */
    public long sentWanted(int bytes, long now) {
        wanted.sent(bytes);
        long number = sent(bytes, now);
        sentWanted[(int) (number % MOST_MARKS)] = true;
        return number;
    }

    /** A piece has been sent, or none, of 0 bytes; the mark behind it bears the number that is returned. */
    public long sent(int bytes, long now) {
        alone = oldest == next;
        if (alone) {
            path.enter();
            if (now - returnedNs > SPAN_NS) {
                spanNs = now;
                spanArrived = arrived;
                wasIdle = true;
            }
        }
        if (bytes == 0) {
            measuredNs = now;
            measuring = true;
        }
        sent += bytes;
        momentMost = Math.max(momentMost, underWay());
        int at = (int) (next % MOST_MARKS);
        sentNs[at] = now;
        sentAt[at] = sent;
        sentWanted[at] = false;
        return next++;
    }

    /** A mark has come back. Null, or why that cannot be. */
    public String returned(long number, long now) {
        if (number != oldest || oldest == next) {
            return "mark " + number + " came back where mark " + oldest + " was due";
        }
        int at = (int) (oldest++ % MOST_MARKS);
        long tripNs = Math.max(1, now - sentNs[at]);
        long newly = sentAt[at] - arrived;
        arrived = sentAt[at];
        returnedNs = now;
        if (oldest == next) {
            path.leave();
            if (alone) {
                wanted.alone(now);
            }
        }
        path.roundTrip(tripNs, now);
        if (newly == 0) {
            measuring = false;
        } else {
            if (sentWanted[at]) {
                wanted.returned(tripNs, path.baseNs(), newly);
            }
            judge(tripNs, newly, now);
        }
        return null;
    }

    /** The circuit is over: no mark comes back any more. */
    public void close() {
        if (oldest != next) {
            oldest = next;
            path.leave();
        }
    }

    private void judge(long tripNs, long newly, long now) {
        long empty = path.baseNs();
        long queue = Math.max(LEAST_QUEUE_NS, Math.min(MOST_QUEUE_NS, empty / 2));
        long base = now - lateUntilNs < 0 && !path.isShared() ? Math.max(empty, lateNs) : empty;
        if (now - spanNs >= Math.max(SPAN_NS, base)) {
            momentRate = Math.max(momentRate, (arrived - spanArrived) * NS_PER_S / (now - spanNs));
            spanNs = now;
            spanArrived = arrived;
        }
        momentLeastNs = Math.min(momentLeastNs, tripNs);
        if (now - momentNs >= Math.max(MOMENT_NS, MOMENT_ROUND_TRIPS * Math.max(base, momentLeastNs))) {
            endMoment(base + 2 * queue, now);
        }
        if (starting) {
            window += newly;
            starting = tripNs <= base + queue;
        } else if (!trying) {
            double rate = rate();
            window = rate == 0 ? window : Math.min(window + newly, rate * (base + queue) / NS_PER_S);
        }
        window = Math.max(LEAST_WINDOW, Math.min(MOST_WINDOW, window));
    }

    private void endMoment(long mostNs, long now) {
        boolean queueStood = momentLeastNs > mostNs && !wasIdle;
        double rate = (arrived - momentArrived) * NS_PER_S / (now - momentNs);
        earlierRate = queueStood ? rate : momentRate;
        tryMore(queueStood, rate, now);
        momentRate = 0;
        momentLeastNs = Long.MAX_VALUE;
        momentMost = 0;
        momentArrived = arrived;
        momentNs = now;
        wasIdle = false;
    }

    private void tryMore(boolean queueStood, double rate, long now) {
        boolean riddle = !wanted.hasFilled() && queueStood;
        boolean more = riddle && now - nextTrialNs >= 0 && !path.isShared(); // from others more would come, too
        if (trying) {
            more = rate > NO_QUEUE * rateBefore
                    && momentLeastNs < NO_QUEUE * leastBeforeNs
                    && !wasIdle
                    && !path.isShared();
            if (more) {
                lateNs = momentLeastNs;
                lateUntilNs = now + OUTCOME_NS;
                trialNs = FIRST_TRIAL_NS;
            } else {
                window = windowBefore;
                nextTrialNs = now + trialNs;
                trialNs = Math.min(2 * trialNs, LAST_TRIAL_NS);
            }
        }
        trying = more;
        if (more) {
            windowBefore = window;
            rateBefore = rate;
            leastBeforeNs = momentLeastNs;
            window = 2 * Math.max(window, momentMost);
        }
    }
}
