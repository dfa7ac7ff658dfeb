package io.pagewire.internal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets calls into C through while a native handle is open; closing waits until the last of them has returned, so that none
 * meets a handle that has been freed.
 *
 * <p>An exception for a failed raw access may hit a thread anywhere, so also between {@link #enter()} and the block that ends in
 * {@link #leave()}. Nobody would ever leave for it. So the gate knows who is inside, and closing looks after a while whether
 * that is true ({@link Whereabouts}); it waits as long as it is, which the deadlines of all calls bound.
 *
 * <p>Safe for use by any thread.
 */
final class Gate {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Whoever is inside, and how deep. */
    private final Map<Thread, Integer> inside = new ConcurrentHashMap<>();

    private final AtomicReference<Thread> closer = new AtomicReference<>();
    private volatile boolean releasing;
    private volatile boolean closed;

    /** True when the caller may go on, and must call {@link #leave()} when done; false when the gate is closed. */
    boolean enter() {
        inside.merge(Thread.currentThread(), 1, Integer::sum);
        if (closer.get() == null) {
            return true;
        }
        leave();
        return false;
    }

    void leave() {
        inside.computeIfPresent(Thread.currentThread(), (thread, depth) -> depth > 1 ? depth - 1 : null);
        Thread waiting = closer.get();
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    /**
     * True for the call that closed it; runs {@code release} once nobody is inside.
     *
     * @throws IllegalStateException when the caller is inside, which it would wait for
     */
    boolean close(Runnable release) {
        Thread self = Thread.currentThread();
        if (inside.containsKey(self)) {
            if (Whereabouts.amInCall()) {
                throw new IllegalStateException(
                        "cannot be closed by something that was called from a call that would have"
                                + " to end first: close it when that call has returned");
            }
            inside.remove(self); // an exception took it out of here
        }
        while (!closer.compareAndSet(null, self)) {
            if (closed) {
                return false;
            }
            Thread other = closer.get();
            if (other != null && !releasing && !Whereabouts.mayBeInLibrary(other)) {
                closer.compareAndSet(other, null); // an exception took it out of here: its work is left to this thread
            }
            LockSupport.parkNanos(POLL_NS);
        }
        awaitEmpty();
        releasing = true;
        try {
            release.run();
        } finally {
            closed = true;
        }
        return true;
    }

    private void awaitEmpty() {
        long look = System.nanoTime() + Whereabouts.PATIENCE_NS;
        while (!inside.isEmpty()) {
            LockSupport.parkNanos(POLL_NS);
            if (System.nanoTime() - look >= 0) {
                inside.keySet().removeIf(thread -> !Whereabouts.mayBeInLibrary(thread));
                look = System.nanoTime() + Whereabouts.PATIENCE_NS;
            }
        }
    }
}
