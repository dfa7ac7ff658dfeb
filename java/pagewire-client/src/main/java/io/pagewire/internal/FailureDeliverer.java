package io.pagewire.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings failures of raw buffer accesses to the threads that made them: looks which threads the library lists, and has each of
 * them told when its turn comes ({@link Recipient}), by threads of its own, because stopping a thread may take a while.
 *
 * <p>Runs on one daemon thread; {@link #start()} may be called by any thread.
 */
final class FailureDeliverer implements Runnable {
    /** One may wait for a thread to reach a safepoint, or for its interrupt flag; the others are for the other recipients. */
    private static final int MOST = 4;

    /** How often failures are looked for while some are on their way; less than an accessor's grace. */
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long IDLE_SECONDS = 5;
    private static final int FIRST_ROOM = 64;
    private static final Logger LOG = System.getLogger("io.pagewire");

    private static final class Holder {
        static final Thread THREAD = launch();
    }

    private final AtomicInteger numbers = new AtomicInteger();
    private final ThreadPoolExecutor tellers =
            new ThreadPoolExecutor(0, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), this::newThread);

    /** By slot. */
    private final Map<Long, Recipient> recipients = new HashMap<>();

    private long[] listed = new long[FIRST_ROOM * FailureRecord.FIELDS];

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

    private Thread newThread(Runnable work) {
        Thread thread = new Thread(null, work, "pagewire-failures-" + numbers.incrementAndGet(), 0, false);
        thread.setDaemon(true);
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
                await();
                take();
                tell();
            } catch (RuntimeException | Error e) {
                // Whatever went wrong must not end the thread that all later failures depend on.
                LOG.log(Level.ERROR, "could not look after failed page accesses", e);
            }
        }
    }

    private void await() {
        if (recipients.isEmpty()) {
            Native.untoldAwait(-1);
            return;
        }
        long now = System.nanoTime();
        long wait = Long.MAX_VALUE;
        boolean telling = false;
        for (Recipient recipient : recipients.values()) {
            boolean far = !recipient.isBusy() && recipient.due() - now > LOOK_NS;
            telling |= !far;
            wait = far ? Math.min(wait, recipient.due() - now) : wait;
        }
        if (telling) {
            LockSupport.parkNanos(LOOK_NS);
        } else {
            Native.untoldAwait((int) TimeUnit.NANOSECONDS.toMillis(wait));
        }
    }

    /** Takes over what the library lists, and forgets recipients that nothing is left to be done for. */
    private void take() {
        int count;
        while ((count = Native.untoldList(listed)) > listed.length / FailureRecord.FIELDS) {
            listed = new long[2 * count * FailureRecord.FIELDS];
        }
        Map<Long, FailureRecord> now = new HashMap<>();
        for (int i = 0; i < count; i++) {
            FailureRecord failure = FailureRecord.of(listed, i);
            now.put(failure.slot(), failure);
        }
        recipients.entrySet().removeIf(entry -> {
            Recipient recipient = entry.getValue();
            if (recipient.isBusy()) {
                now.remove(entry.getKey());
                return false;
            }
            FailureRecord failure = now.get(entry.getKey());
            if (failure == null) {
                recipient.offerNothing();
                return recipient.isDone();
            }
            if (!recipient.isThreadOf(failure)) {
                return true;
            }
            recipient.offer(failure);
            now.remove(entry.getKey());
            return false;
        });
        now.forEach((slot, failure) -> recipients.put(slot, new Recipient(failure)));
    }

    private void tell() {
        long now = System.nanoTime();
        for (Recipient recipient : recipients.values()) {
            if (!recipient.isBusy() && recipient.due() - now <= 0) {
                recipient.begin();
                try {
                    tellers.execute(recipient);
                } catch (RejectedExecutionException e) {
                    recipient.cancel(); // all of them are at work; its turn comes when one is back
                } catch (OutOfMemoryError e) {
                    recipient.run(); // no memory for a thread more: this one is left
                }
            }
        }
    }
}
