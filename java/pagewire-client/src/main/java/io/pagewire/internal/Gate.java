package io.pagewire.internal;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets calls into C through while a native handle is open; closing waits until the last of them has returned, so that none
 * meets a handle that has been freed.
 *
 * <p>Safe for use by any thread. A thread must not close a gate it is inside of.
 */
final class Gate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    /** True when the caller may go on, and must call {@link #leave()} when done; false when the gate is closed. */
    boolean enter() {
        lock.readLock().lock();
        if (closed) {
            lock.readLock().unlock();
            return false;
        }
        return true;
    }

    void leave() {
        lock.readLock().unlock();
    }

    /** True for the call that closed it; runs {@code release} once nobody is inside. */
    boolean close(Runnable release) {
        lock.writeLock().lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            release.run();
            return true;
        } finally {
            lock.writeLock().unlock();
        }
    }
}
