package io.pagewire.internal;

import io.pagewire.PageFaultException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings failures of raw buffer accesses to the threads that made them. Every failure waits a short grace here, in which the
 * accessor that met it throws it itself; what nobody has claimed by then came from a raw access, and its thread gets a
 * {@link PageFaultException} by JVMTI. A thread that cannot be given one (it is virtual, not Java's, or has ended) is named in
 * the log once for each region; listeners hear of the failure in any case.
 *
 * <p>One raw operation may fail on many pages before it reaches a safepoint, and one exception covers them all. For that the
 * thread is suspended while the exception is put in place: what it has met until then is known for certain, and all those
 * pages are ready for a new attempt before it goes on. A thread in native code is not held up by that and may go on failing,
 * so it is left alone as long as it does. The thread never sees the interrupt flag that the JVM sets to wake it.
 *
 * <p>Runs on one daemon thread; {@link #start()} may be called by any thread.
 */
final class FailureDeliverer implements Runnable {
    /** How long a failed page shows zeros at most. An instruction that needs several pages needs them all within this time. */
    private static final long REARM_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long GRACE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** An accessor that was held up (by a collection, or for want of a processor) gets more time, up to this. */
    private static final long LONGEST_GRACE_NS = TimeUnit.SECONDS.toNanos(1);

    /**
     * Before JDK 20 an exception that is in place is noticed only when something else makes the thread poll, and not at every
     * kind of poll; until then the thread goes on. Looking at its stack makes it poll.
     */
    private static final boolean MUST_HASTEN = Runtime.version().feature() < 20;

    private static final int POLLS = 8;
    private static final long HASTEN_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long HASTEN_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Flags of {@link Native#failureDeliver}: leave the thread alone when it is in an accessor, or in native code. */
    private static final int SPARE_ACCESSOR = 1;

    private static final int SPARE_NATIVE = 2;

    private static final Logger LOG = System.getLogger("io.pagewire");

    private static final class Holder {
        static final Thread THREAD = launch();
    }

    /** A failure whose turn comes when due; newest: the last one of its thread when it was looked at last. */
    private record Waiting(FailureRecord failure, long arrived, long due, long newest) {
        Waiting later(long seen) {
            return new Waiting(failure, arrived, System.nanoTime() + GRACE_NS, seen);
        }
    }

    /** What became of a failure. Its order is that of the enum in failures.c. */
    enum Outcome {
        /** The thread throws it at once. */
        DELIVERED,
        /** The thread throws it when it wakes from the wait it is in, for which it needs its interrupt flag. */
        WAKING,
        /** An accessor has thrown it. */
        CLAIMED,
        /** The thread is in an accessor, which may still throw it. */
        ACCESSOR,
        /** The thread is in native code and may fail on more. */
        NATIVE_CODE,
        /** The thread has ended. */
        UNREACHABLE;

        private static final Outcome[] ALL = values();
    }

    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    /** Threads that may not have noticed their exception yet, and until when they are looked after. */
    private final Map<Thread, Long> hastened = new IdentityHashMap<>();

    private final Set<String> named = new HashSet<>();
    private boolean covered;
    private long hastenedAt;

    private FailureDeliverer() {}

    /** Makes sure that the thread runs. */
    static void start() {
        if (!Holder.THREAD.isAlive()) {
            throw new IllegalStateException("the thread " + Holder.THREAD.getName() + " has ended");
        }
    }

    private static Thread launch() {
        Thread thread = new Thread(null, new FailureDeliverer(), "pagewire-failures", 0, false);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void run() {
        if (!Native.calibrate(Thread.currentThread())) {
            LOG.log(
                    Level.WARNING,
                    "this JVM does not let Pagewire find threads: a failed access through a raw buffer reads zeros and is"
                            + " told to listeners only; the methods of Region throw as always");
        }
        while (true) {
            try {
                take(waitMs());
                rearm();
                deliverDue();
                hastenAll();
            } catch (RuntimeException | Error e) {
                // Whatever went wrong with one failure must not end the thread that all later ones depend on.
                LOG.log(Level.ERROR, "could not deliver a failed page access", e);
            }
        }
    }

    private int waitMs() {
        long wait = Long.MAX_VALUE;
        if (!queue.isEmpty()) {
            wait = Math.max(0, queue.peek().due - System.nanoTime());
        }
        if (covered || !queue.isEmpty()) {
            wait = Math.min(wait, REARM_NS);
        }
        if (!hastened.isEmpty()) {
            wait = Math.min(wait, HASTEN_EVERY_NS);
        }
        return wait == Long.MAX_VALUE ? -1 : (int) TimeUnit.NANOSECONDS.toMillis(wait + 999_999);
    }

    /** Takes everything that C has; waits for the first at most timeoutMs. */
    private void take(int timeoutMs) {
        long[] record = new long[FailureRecord.FIELDS];
        int wait = timeoutMs;
        while (Native.failureNext(record, wait)) {
            long now = System.nanoTime();
            queue.add(new Waiting(new FailureRecord(record.clone()), now, now + GRACE_NS, 0));
            covered = true;
            wait = 0;
        }
    }

    private void rearm() {
        if (covered || !queue.isEmpty() || !hastened.isEmpty()) {
            int left = 0;
            for (long handle : Mappings.handles()) {
                left += Native.failureExpire(handle, REARM_NS);
            }
            covered = left > 0;
        }
    }

    private void deliverDue() {
        Waiting first;
        while ((first = queue.peek()) != null && first.due - System.nanoTime() <= 0) {
            queue.remove();
            // Most are an accessor's and cost no more than this; there may be many thousands of them a second.
            if (!Native.failureClaimed(first.failure.region(), first.failure.id())) {
                try {
                    deliver(first);
                } catch (RuntimeException | Error e) {
                    giveUp(first.failure); // or no later failure of this thread would be told
                    throw e;
                }
                take(0);
                rearm();
            }
        }
    }

    private void deliver(Waiting waiting) {
        FailureRecord failure = waiting.failure;
        boolean patient = System.nanoTime() - waiting.arrived < LONGEST_GRACE_NS;
        Thread thread = Native.findThread(failure.ident(), failure.kernelThread());
        if (thread == null) {
            // An accessor on a virtual thread may still claim it and throw precisely; nobody else can.
            if (patient) {
                queue.add(waiting.later(0));
            } else if (giveUp(failure)) {
                name(failure);
            }
            return;
        }
        long newest = Native.failureNewest(failure.region(), failure.kernelThread());
        int flags = (patient ? SPARE_ACCESSOR : 0) | (newest != waiting.newest ? SPARE_NATIVE : 0);
        PageFaultException exception = Mappings.get(failure.region()).exception(failure.page(), failure.cause());
        exception.setStackTrace(thread.getStackTrace());
        switch (Outcome.ALL[Native.failureDeliver(thread, exception, failure.fields(), Mappings.handles(), flags)]) {
            case ACCESSOR, NATIVE_CODE -> queue.add(waiting.later(newest));
            case UNREACHABLE -> name(failure);
            case WAKING -> settleInterrupt(thread);
            case DELIVERED -> hasten(thread);
            case CLAIMED -> {}
        }
    }

    /** Claims it, and with it all else of its thread, without telling the thread; false when it was claimed. */
    private static boolean giveUp(FailureRecord failure) {
        boolean first = Native.failureClaim(failure.region(), failure.id());
        if (first) {
            Mappings.settle(failure.kernelThread());
        }
        return first;
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

    private void hasten(Thread thread) {
        if (MUST_HASTEN) {
            for (int i = 0; i < POLLS; i++) {
                thread.getStackTrace();
            }
            hastened.put(thread, System.nanoTime() + HASTEN_NS);
        }
    }

    /** Goes on for a while, for threads that were in native code. */
    private void hastenAll() {
        long now = System.nanoTime();
        if (!hastened.isEmpty() && now - hastenedAt >= HASTEN_EVERY_NS) {
            hastenedAt = now;
            hastened.keySet().forEach(Thread::getStackTrace);
            hastened.values().removeIf(end -> end - now <= 0);
        }
    }

    private void name(FailureRecord failure) {
        Mapping mapping = Mappings.get(failure.region());
        if (named.add(mapping.name())) {
            LOG.log(
                    Level.WARNING,
                    "kernel thread " + failure.kernelThread() + " cannot be given an exception for its failed access ("
                            + mapping.exception(failure.page(), failure.cause()).getMessage()
                            + "); it has read zeros. Further ones on this region are not logged.");
        }
    }
}
