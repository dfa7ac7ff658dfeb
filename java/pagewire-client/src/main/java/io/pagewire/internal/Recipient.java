package io.pagewire.internal;

import io.pagewire.PageFaultException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that has failed on a page and must be told. Waits a short grace, in which the accessor that met the failure throws it
 * itself; what nobody has claimed by then came from a raw access, and the thread gets a {@link PageFaultException} by JVMTI. A
 * thread that cannot be given one (it is virtual, not Java's, or has ended) is named in the log once for each region; listeners
 * hear of the failure in any case.
 *
 * <p>One raw operation may fail on many pages before it reaches a safepoint, and one exception covers them all. For that the
 * thread is suspended while the exception is put in place: all it has met until then is ready for a new attempt before it goes
 * on. A thread that waits in a page fault is waited for, and meets no further one until it is told. A thread in native code is not held up by that and may go on failing, so it is left alone as long as it does. Before JDK
 * 20 a thread goes on for a while although its exception is in place; it is stopped again and again until it has noticed, and
 * what it met meanwhile is settled each time. The thread never sees the interrupt flag that the JVM sets to wake it.
 *
 * <p>The deliverer calls everything but {@link #run}, which one thread at a time runs between {@link #begin} and the end of
 * {@link #isBusy}.
 */
final class Recipient implements Runnable {
    /** The time for accessors, and the pause between attempts. */
    static final long GRACE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** An accessor that was held up (by a collection, or for want of a processor) gets more time, up to this. */
    private static final long LONGEST_GRACE_NS = TimeUnit.SECONDS.toNanos(1);

    /** After that a thread that is in a page fault is looked at again. */
    private static final long AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Looks in a row at a thread that has not noticed its exception; after that they grow apart. */
    private static final int LOOKS = 8;

    private static final long FIRST_LOOK_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LAST_LOOK_NS = TimeUnit.SECONDS.toNanos(1);

    /** Flags of {@link Native#failureDeliver}: leave the thread alone when it is in our API, or in native code. */
    private static final int SPARE_LIBRARY = 1;

    private static final int SPARE_NATIVE = 2;

    private static final Logger LOG = System.getLogger("io.pagewire");

    /** Regions of which the log has said that a thread could not be told. */
    private static final Set<String> NAMED = ConcurrentHashMap.newKeySet();

    /** What became of an attempt. Its order is that of the enum in failures.c. */
    enum Outcome {
        /** The thread throws it at once. */
        DELIVERED,
        /** The thread throws it when it wakes from the wait it is in, for which it needs its interrupt flag. */
        WAKING,
        /** An accessor has thrown it. */
        CLAIMED,
        /** The thread is in this library, which may still throw it or would be broken by it. */
        LIBRARY,
        /** The thread is in native code and may fail on more. */
        NATIVE_CODE,
        /** The thread has ended. */
        UNREACHABLE;

        private static final Outcome[] ALL = values();
    }

    private final long slot;
    private final int kernelThread;
    private volatile boolean busy;

    /** Null when there is nothing left to tell. */
    private FailureRecord failure;

    private long arrived;
    private long seen;
    private long due;
    /** The thread while it has an exception in place that it was not seen to notice. */
    private Thread unnoticed;

    private long lookNs;

    /** listed: the first failure of the thread that it is not told of. */
    Recipient(FailureRecord listed) {
        slot = listed.slot();
        kernelThread = listed.kernelThread();
        offer(listed);
    }

    /** True for the thread of this failure, false for one that had its slot before. */
    boolean isThreadOf(FailureRecord listed) {
        return listed.kernelThread() == kernelThread;
    }

    /** What the library lists for this thread now. */
    void offer(FailureRecord listed) {
        if (failure == null || failure.ticket() != listed.ticket()) {
            arrived = System.nanoTime() - listed.ageNs();
            due = unnoticed == null ? arrived + GRACE_NS : Math.min(due, arrived + GRACE_NS);
            seen = 0;
        }
        failure = listed;
    }

    /** The library lists nothing for this thread. */
    void offerNothing() {
        failure = null;
    }

    /** When the next attempt is due, like nanoTime. */
    long due() {
        return due;
    }

    /** True when there is nothing to do for this thread. */
    boolean isDone() {
        return failure == null && unnoticed == null;
    }

    boolean isBusy() {
        return busy;
    }

    /** Somebody is about to run this. */
    void begin() {
        busy = true;
    }

    /** Nobody has taken it on after all. */
    void cancel() {
        busy = false;
    }

    @Override
    public void run() {
        try {
            if (unnoticed != null) {
                look();
            } else if (failure != null) {
                attempt();
            }
        } catch (RuntimeException | Error e) {
            // Whatever went wrong with one failure must not hide the next one of the same thread.
            LOG.log(Level.ERROR, "could not deliver a failed page access", e);
            unnoticed = null;
            giveUp();
        } finally {
            busy = false;
        }
    }

    private void attempt() {
        boolean patient = System.nanoTime() - arrived < LONGEST_GRACE_NS;
        Thread thread = Native.findThread(failure.ident(), kernelThread);
        due = System.nanoTime() + GRACE_NS;
        if (thread == null) {
            // An accessor on a virtual thread may still claim it and throw precisely; nobody else can.
            if (!patient && giveUp()) {
                name();
            }
            return;
        }
        if (!Native.untoldWant(slot, failure.ticket())) {
            due = System.nanoTime() + AGAIN_NS; // to stop it now would keep all others waiting for its page
            return;
        }
        int flags = (patient ? SPARE_LIBRARY : 0) | (failure.count() != seen ? SPARE_NATIVE : 0);
        seen = failure.count();
        switch (Outcome.ALL[deliver(thread, flags)]) {
            case UNREACHABLE -> name();
            case WAKING -> {
                settleInterrupt(thread);
                follow(thread);
            }
            case DELIVERED -> follow(thread);
            case CLAIMED, LIBRARY, NATIVE_CODE -> {} // listed again if it is still to be told
        }
    }

    private int deliver(Thread thread, int flags) {
        return Native.failureDeliver(
                thread, exception(thread), slot, failure.ticket(), kernelThread, Mappings.handles(), flags);
    }

    private PageFaultException exception(Thread thread) {
        PageFaultException exception = mapping().exception(failure.page(), failure.cause());
        StackTraceElement[] stack = Native.stack(thread);
        exception.setStackTrace(stack == null ? new StackTraceElement[0] : stack);
        return exception;
    }

    private Mapping mapping() {
        return Mappings.get(failure.region());
    }

    /** Claims it, and with it all else of its thread, without telling the thread; false when it was claimed. */
    private boolean giveUp() {
        if (failure == null || !Native.untoldClaim(slot, failure.ticket())) {
            return false;
        }
        Mappings.settle(kernelThread);
        return true;
    }

    /** Clears the flag of a thread whose sleep was over by itself before it could see and clear it. */
    private static void settleInterrupt(Thread thread) {
        long end = System.nanoTime() + LONGEST_GRACE_NS;
        while (Native.isInterrupted(thread)) {
            if (System.nanoTime() - end >= 0) {
                Native.clearInterrupt(thread);
                return;
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private void follow(Thread thread) {
        if (Native.knowsUnnoticed()) {
            unnoticed = thread;
            lookNs = FIRST_LOOK_NS;
            look();
        }
    }

    /** A thread that was stopped polls when it goes on, so looking also makes it notice. */
    private void look() {
        for (int i = 0; i < LOOKS; i++) {
            if (!Native.failureUnnoticed(unnoticed, slot, kernelThread, Mappings.handles())) {
                unnoticed = null;
                return;
            }
        }
        due = System.nanoTime() + lookNs;
        lookNs = Math.min(2 * lookNs, LAST_LOOK_NS);
    }

    private void name() {
        if (NAMED.add(mapping().name())) {
            LOG.log(
                    Level.WARNING,
                    "kernel thread " + kernelThread + " cannot be given an exception for its failed access ("
                            + mapping()
                                    .exception(failure.page(), failure.cause())
                                    .getMessage()
                            + "); it has read zeros. Further ones on this region are not logged.");
        }
    }
}
