package io.pagewire.core;

/**
 * The state of a client region's circuit, and when to try again. One method a state change; a change that cannot be throws.
 *
 * <pre>
 *   DOWN --wanted--&gt; RESOLVING --up--&gt; UP --lost--&gt; CLOSING --every right and copy gone--&gt; DOWN
 *     ^------------------'failed
 * </pre>
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class ClientLink {
    enum State {
        DOWN,
        RESOLVING,
        UP,
        CLOSING
    }

    private State state = State.DOWN;
    private int circuit;
    private int passingCause;
    private boolean eager;
    private boolean retry;
    private long retryAt;
    private boolean everResolved;
    private long resolvedAt;
    private boolean outage;
    private long outageSince;

    State state() {
        return state;
    }

    boolean isUp() {
        return state == State.UP;
    }

    /** The id in the entries: 0, the name server, until a circuit was up for the first time. SPEC: V13. */
    int circuit() {
        return circuit;
    }

    /** The last cause that may pass by itself, 0 when the owner has answered since. */
    int passingCause() {
        return passingCause;
    }

    void passingCause(int cause) {
        passingCause = cause;
    }

    /** Somebody wants the circuit even if no fault waits for it. */
    void eager(boolean wanted) {
        eager = wanted;
    }

    boolean eager() {
        return eager;
    }

    void resolving(long now) {
        go(State.DOWN, State.RESOLVING);
        resolvedAt = now;
        everResolved = true;
        retry = false;
    }

    /** Whether the last attempt began long enough ago that a circuit which is lost at once does not keep us spinning. */
    boolean mayResolve(long now, long pauseNs) {
        if (everResolved && now - resolvedAt < pauseNs) {
            retryAt(resolvedAt + pauseNs);
            return false;
        }
        return true;
    }

    void up(int id, long now) {
        if (state == State.DOWN) {
            resolving(now);
        }
        go(State.RESOLVING, State.UP);
        circuit = id;
        eager = false;
        passingCause = 0;
        outage = false;
    }

    void failed(long now) {
        go(State.RESOLVING, State.DOWN);
        eager = false;
        beginOutage(now);
    }

    void lost(long now) {
        go(State.UP, State.CLOSING);
        retry = false;
        beginOutage(now);
    }

    private void beginOutage(long now) {
        if (!outage) {
            outage = true;
            outageSince = now;
        }
    }

    /**
     * Whether there has been no circuit for so long that a fault of the outage's beginning has waited its whole deadline. From
     * then on one attempt now and again must do for everybody: were each fault to wait for a deadline of its own, a program
     * that reads a long range in one go would wait for as many deadlines as the range has pages.
     */
    boolean outageLasts(long now, long deadlineNs) {
        return outage && now - outageSince >= deadlineNs;
    }

    void closed() {
        go(State.CLOSING, State.DOWN);
    }

    void retryAt(long time) {
        if (!retry || time - retryAt < 0) {
            retry = true;
            retryAt = time;
        }
    }

    /** Whether the next attempt is a matter of time only. */
    boolean retryPending() {
        return retry;
    }

    /** True once, when the time to try again has come. */
    boolean retryDue(long now) {
        if (retry && now - retryAt >= 0) {
            retry = false;
            return true;
        }
        return false;
    }

    /** Whether the cause may pass by itself within a fault's deadline. */
    static boolean passes(int cause) {
        return cause == Cause.OWNER_LOST
                || cause == Cause.NO_OWNER
                || cause == Cause.DIRECTORY_UNREACHABLE
                || cause == Cause.FENCED
                || cause == Cause.DEADLINE;
    }

    private void go(State from, State to) {
        if (state != from) {
            throw new IllegalStateException("a circuit that is " + state + " must not become " + to);
        }
        state = to;
    }
}
