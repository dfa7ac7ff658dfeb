package io.pagewire.system.jvm;

import io.pagewire.PageFaultException;
import io.pagewire.Region;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Faults all the time on pages that the owner keeps changing, until the owner is lost under it in the middle of a fault. Then it
 * must end with a PageFaultException, soon.
 *
 * <p>A thread of its own.
 */
final class LastReader extends Thread {
    private static final long SOON_MS = 120_000;

    private final Region live;
    private final ByteBuffer raw;
    private volatile PageFaultException failure;
    private volatile Throwable wrong;

    /** raw: through a buffer. */
    LastReader(Region live, boolean raw) {
        super(raw ? "last raw reader" : "last reader");
        this.live = live;
        this.raw = raw ? live.buffer(0, (int) live.size()) : null;
        setDaemon(true);
    }

    @Override
    public void run() {
        int pages = (int) (live.size() / live.pageSize());
        long[] seen = new long[pages];
        try {
            while (true) {
                int page = ThreadLocalRandom.current().nextInt(pages);
                int offset = page * live.pageSize();
                long now = raw == null ? live.getLong(offset) : raw.getLong(offset);
                if (raw != null && now == 0) {
                    continue; // a failed load: the exception follows
                }
                if (now < seen[page]) {
                    throw new AssertionError("page " + page + " went back from " + seen[page] + " to " + now);
                }
                seen[page] = now;
            }
        } catch (PageFaultException e) {
            failure = e;
        } catch (Throwable e) {
            wrong = e;
        }
    }

    /** Waits for its failure. */
    void mustFail() throws InterruptedException {
        join(SOON_MS);
        if (failure == null) {
            throw new AssertionError(getName() + " alive: " + isAlive(), wrong);
        }
    }
}
