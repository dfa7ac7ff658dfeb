package io.pagewire.internal;

import io.pagewire.RegionEvent;
import io.pagewire.RegionListener;
import io.pagewire.Subscription;
import io.pagewire.wire.FaultCause;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Where the event threads of the C library enter Java. A mapping gets its thread with its first listener and keeps it until it
 * is unmapped.
 *
 * <p>Safe for use by any thread; the methods named {@code on…} are called by C only.
 */
public final class Upcalls {
    private static final RegionEvent.Kind[] KINDS = {
        RegionEvent.Kind.READ,
        RegionEvent.Kind.WRITE,
        RegionEvent.Kind.FAILED,
        RegionEvent.Kind.REVOKED,
        RegionEvent.Kind.LOST
    };
    private static final long END_SECONDS = 5;
    private static final ConcurrentHashMap<Long, Upcalls> BY_HANDLE = new ConcurrentHashMap<>();

    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Thread thread;

    private Upcalls() {}

    /** One subscription; an object of its own, so that a listener added twice is called twice and removed once. */
    private record Entry(Upcalls owner, RegionListener listener) implements Subscription {
        @Override
        public void close() {
            owner.entries.removeIf(entry -> entry == this);
        }
    }

    /** Adds a listener to the open mapping with this handle. */
    public static Subscription add(long handle, RegionListener listener) {
        Entry[] added = new Entry[1];
        BY_HANDLE.compute(handle, (key, present) -> {
            Upcalls upcalls = present == null ? new Upcalls() : present;
            added[0] = new Entry(upcalls, listener);
            upcalls.entries.add(added[0]);
            if (present == null) {
                Native.startEvents(key);
            }
            return upcalls;
        });
        return added[0];
    }

    /** Waits until no listener of an unmapped region runs any more; not when one of them is the caller. */
    static void awaitEnd(long handle) {
        Upcalls upcalls = BY_HANDLE.get(handle);
        if (upcalls == null || upcalls.thread == Thread.currentThread()) {
            return;
        }
        upcalls.entries.clear();
        try {
            // A listener may hang; that must not make close() hang.
            upcalls.ended.await(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("unused") // called by events.c
    private static void onEvent(
            long handle, int kind, int cause, long page, long pageCount, long durationNs, int kernelThread) {
        Upcalls upcalls = BY_HANDLE.get(handle);
        if (upcalls == null || kind < 1 || kind > KINDS.length) {
            return;
        }
        upcalls.thread = Thread.currentThread();
        if (upcalls.entries.isEmpty()) {
            return;
        }
        RegionEvent.Kind known = KINDS[kind - 1];
        Optional<FaultCause> failure =
                known == RegionEvent.Kind.FAILED ? Optional.of(FaultCause.of(cause)) : Optional.empty();
        RegionEvent event =
                new RegionEvent(known, page, pageCount, Duration.ofNanos(durationNs), failure, kernelThread);
        for (Entry entry : upcalls.entries) {
            try {
                entry.listener.onEvent(event);
            } catch (Throwable e) {
                Thread current = Thread.currentThread();
                current.getUncaughtExceptionHandler().uncaughtException(current, e);
            }
        }
    }

    @SuppressWarnings("unused") // called by events.c
    private static void onEnd(long handle) {
        Upcalls upcalls = BY_HANDLE.remove(handle);
        if (upcalls != null) {
            upcalls.ended.countDown();
        }
    }
}
