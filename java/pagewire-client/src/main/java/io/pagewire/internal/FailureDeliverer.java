package io.pagewire.internal;

import io.pagewire.PageFaultException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings failures of raw buffer accesses to the threads that made them. Every failure waits a short grace here, in which the
 * accessor that met it throws it itself; what nobody has claimed by then came from a raw access, and its thread gets a
 * {@link PageFaultException} by JVMTI. A thread that cannot be given one (it is virtual, not Java's, or has ended) is named in
 * the log once for each region; listeners hear of the failure in any case.
 *
 * <p>The thread is suspended while the exception is put in place. So what it has met until then is known for certain: one raw
 * operation may fail on many pages before it reaches a safepoint, and one exception covers them all. All those pages are made
 * ready for a new attempt before the thread goes on, for if it catches the exception at once and tries again it must not read
 * the zeros of the attempt before. And it never sees the interrupt flag that the JVM sets to wake it. Nothing here may wait
 * for a lock of Java while a thread is suspended, since that thread may hold it.
 *
 * <p>Runs on one daemon thread; {@link #start()} may be called by any thread.
 */
final class FailureDeliverer implements Runnable {
    private static final long GRACE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** An accessor that was held up (by a collection, or for want of a processor) gets more time, up to this. */
    private static final long LONGEST_GRACE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final int POLLS = Runtime.version().feature() < 20 ? 8 : 0;

    private static final Logger LOG = System.getLogger("io.pagewire");

    private static final class Holder {
        static final Thread THREAD = launch();
    }

    private record Waiting(FailureRecord failure, long arrived, long due) {
        Waiting later() {
            return new Waiting(failure, arrived, due + GRACE_NS);
        }
    }

    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private final Set<String> named = new HashSet<>();

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
        Mappings.settle(0); // concerns nobody; loads what must be loaded before a thread is suspended
        while (true) {
            try {
                take(waitMs());
                deliverDue();
            } catch (RuntimeException | Error e) {
                // Whatever went wrong with one failure must not end the thread that all later ones depend on.
                LOG.log(Level.ERROR, "could not deliver a failed page access", e);
            }
        }
    }

    private int waitMs() {
        Waiting first = queue.peek();
        if (first == null) {
            return -1;
        }
        long left = first.due - System.nanoTime();
        return left <= 0 ? 0 : (int) TimeUnit.NANOSECONDS.toMillis(left) + 1;
    }

    /** Moves everything that C has to the queue; waits for the first at most timeoutMs. */
    private void take(int timeoutMs) {
        long[] record = new long[FailureRecord.FIELDS];
        int wait = timeoutMs;
        while (Native.failureNext(record, wait)) {
            long now = System.nanoTime();
            queue.add(new Waiting(new FailureRecord(record.clone()), now, now + GRACE_NS));
            wait = 0;
        }
    }

    private void deliverDue() {
        Waiting first;
        while ((first = queue.peek()) != null && first.due - System.nanoTime() <= 0) {
            queue.remove();
            deliver(first);
        }
    }

    private void deliver(Waiting waiting) {
        FailureRecord failure = waiting.failure;
        boolean patient = System.nanoTime() - waiting.arrived < LONGEST_GRACE_NS;
        Thread thread = Native.findThread(failure.ident(), failure.kernelThread());
        if (thread == null) {
            // An accessor on a virtual thread may still claim it and throw precisely; nobody else can.
            Native.failureRearm(failure.region(), failure.id());
            if (patient) {
                queue.add(waiting.later());
            } else if (Native.failureClaim(failure.region(), failure.id())) {
                cover(failure);
                name(failure);
            }
            return;
        }
        // All that may load a class or take a lock comes before the suspension.
        PageFaultException exception = Mappings.get(failure.region()).exception(failure.page(), failure.cause());
        exception.setStackTrace(thread.getStackTrace());
        switch (stop(thread, exception, failure, patient)) {
            case ACCESSOR -> queue.add(waiting.later());
            case UNREACHABLE -> name(failure);
            case WAKING -> settleInterrupt(thread);
            case DELIVERED -> hasten(thread);
            case CLAIMED -> {}
        }
    }

    private enum Outcome {
        /** The thread throws it at once. */
        DELIVERED,
        /** The thread throws it when it wakes from the wait it is in, for which it needs its interrupt flag. */
        WAKING,
        /** An accessor has thrown it. */
        CLAIMED,
        /** The thread is in an accessor, which may still throw it. */
        ACCESSOR,
        /** The thread has ended. */
        UNREACHABLE
    }

    private Outcome stop(Thread thread, PageFaultException exception, FailureRecord failure, boolean patient) {
        // Under a debugger, which alone may suspend threads, one operation may get an exception for each of several
        // pages.
        boolean suspended = Native.suspendThread(thread);
        try {
            StackTraceElement[] stack = thread.getStackTrace();
            if (patient && inAccessor(stack)) {
                return Outcome.ACCESSOR;
            }
            if (!Native.failureClaim(failure.region(), failure.id())) {
                return Outcome.CLAIMED;
            }
            cover(failure);
            boolean interrupted = Native.isInterrupted(thread);
            if (!Native.stopThread(thread, exception)) {
                return Outcome.UNREACHABLE;
            }
            if (interrupted) {
                return Outcome.DELIVERED;
            }
            if (isAsleep(stack)) {
                return Outcome.WAKING;
            }
            Native.clearInterrupt(thread);
            return Outcome.DELIVERED;
        } finally {
            if (suspended) {
                Native.resumeThread(thread);
            }
        }
    }

    /** Sleep and wait go on unless they find the flag set, and clear it when they do. Any other wait ends by being unparked. */
    private static boolean isAsleep(StackTraceElement[] stack) {
        if (stack.length == 0) {
            return false;
        }
        String type = stack[0].getClassName();
        String method = stack[0].getMethodName();
        return type.equals("java.lang.Thread") && method.startsWith("sleep")
                || type.equals("java.lang.Object") && method.startsWith("wait");
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

    /** True when the topmost frame that is not the JDK's belongs to an accessor, which throws its failures itself. */
    private static boolean inAccessor(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            String type = frame.getClassName();
            if (type.equals("io.pagewire.RegionMemory")
                    || type.equals("io.pagewire.RegionAtomics")
                    || type.equals("io.pagewire.internal.Mapping")) {
                return true;
            }
            if (!type.startsWith("java.") && !type.startsWith("jdk.")) {
                return false;
            }
        }
        return false;
    }

    /** One exception stands for everything its thread has met until now, here or not. */
    private void cover(FailureRecord delivered) {
        take(0);
        for (int left = queue.size(); left > 0; left--) {
            Waiting waiting = queue.remove();
            if (waiting.failure.kernelThread() != delivered.kernelThread()) {
                queue.add(waiting);
            }
        }
        Mappings.settle(delivered.kernelThread());
    }

    /**
     * Before JDK 20 an exception that is in place is noticed only when something else makes the thread poll, and not at every
     * kind of poll; until then the thread goes on and may fail on further pages. Looking at its stack makes it poll.
     */
    private static void hasten(Thread thread) {
        for (int i = 0; i < POLLS; i++) {
            thread.getStackTrace();
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
