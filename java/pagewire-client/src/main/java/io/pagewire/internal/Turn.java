package io.pagewire.internal;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets threads through one at a time, in the order in which they came. Unlike with a lock of the JDK, a thread that an exception
 * has taken out of here holds nobody up for ever: those who wait look after a while whether it is still there.
 *
 * <p>Safe for use by any thread; not reentrant.
 */
final class Turn {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Its head has the turn. */
    private final ArrayDeque<Thread> queue = new ArrayDeque<>();

    /** Waits for the caller's turn; {@link #give()} ends it. */
    void take() {
        Thread self = Thread.currentThread();
        boolean interrupted = false;
        synchronized (queue) {
            queue.remove(self); // left from a time when an exception took it out of here
            queue.add(self);
        }
        long look = System.nanoTime() + Whereabouts.PATIENCE_NS;
        for (Thread head; (head = head()) != self; ) {
            LockSupport.parkNanos(POLL_NS);
            interrupted |= Thread.interrupted(); // or it would not park any more
            if (System.nanoTime() - look >= 0) {
                if (!Whereabouts.mayBeInLibrary(head)) {
                    remove(head);
                }
                look = System.nanoTime() + Whereabouts.PATIENCE_NS;
            }
        }
        if (interrupted) {
            self.interrupt();
        }
    }

    void give() {
        remove(Thread.currentThread());
    }

    private Thread head() {
        synchronized (queue) {
            return queue.peek();
        }
    }

    private void remove(Thread thread) {
        synchronized (queue) {
            queue.remove(thread);
            LockSupport.unpark(queue.peek());
        }
    }
}
