package io.pagewire.daemon.local;

import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program on this host that is connected to the daemon. Held by a pidfd, so that a later process with the same number is
 * never taken for it, and so that its end can be proven before its rights count as gone.
 *
 * <p>Safe for use by any thread.
 */
public final class LocalProcess {
    private static final Logger LOG = LoggerFactory.getLogger(LocalProcess.class);
    private static final long POLL_MS = 1000;
    private static final long GRACE_MS = 200;

    private final int pid;
    private final int uid;
    private final String program;
    private final int pidfd;
    private int holders = 1;

    private LocalProcess(int pid, int uid, String program, int pidfd) {
        this.pid = pid;
        this.uid = uid;
        this.program = program;
        this.pidfd = pidfd;
    }

    static LocalProcess open(int pid, int uid, String program) throws IOException {
        return new LocalProcess(pid, uid, program, Sys.pidfdOpen(pid));
    }

    public int pid() {
        return pid;
    }

    public int uid() {
        return uid;
    }

    public String program() {
        return program;
    }

    /** Another one (a mapping, a connection, a wait) needs the pidfd; false when it is closed already. */
    public synchronized boolean hold() {
        if (holders == 0) {
            return false;
        }
        holders++;
        return true;
    }

    public synchronized void release() {
        if (--holders == 0) {
            try {
                Sys.close(pidfd);
            } catch (IOException e) {
                LOG.warn("closing the pidfd of {}: {}", this, e.getMessage());
            }
        }
    }

    /** Whether the kernel says that it has ended. The caller is one of its holders. Does not block. */
    public boolean hasEnded() {
        try {
            return Sys.pidfdWait(pidfd, 0);
        } catch (IOException e) {
            LOG.warn("asking for the end of {}: {}", this, e.getMessage());
            return false;
        }
    }

    /**
     * The process misbehaved (it missed a revoke): kills it and runs {@code proven} once the kernel reports its end. The wait
     * has no deadline on purpose: until the end is proven the process may still store into shared frames, and whoever needs
     * the page has a deadline of its own.
     */
    public void kill(String why, Executor slow, Runnable proven) {
        end(why, 0, slow, proven);
    }

    /**
     * The process is most likely ending by itself: gives it a moment, kills it if it lives on, and runs {@code proven} once
     * the kernel reports its end.
     */
    public void proveEnd(String why, Executor slow, Runnable proven) {
        end(why, GRACE_MS, slow, proven);
    }

    private void end(String why, long graceMs, Executor slow, Runnable proven) {
        if (!hold()) {
            proven.run();
            return;
        }
        slow.execute(() -> {
            try {
                if (!Sys.pidfdWait(pidfd, graceMs)) {
                    LOG.warn("{} is killed: {}", this, why);
                    Sys.pidfdKill(pidfd);
                    while (!Sys.pidfdWait(pidfd, POLL_MS)) {
                        LOG.warn(
                                "{} was killed and has not ended yet (is it in an uninterruptible system call?)", this);
                    }
                }
                proven.run();
            } catch (IOException e) {
                LOG.error("{} cannot be killed; its rights stay unproven", this, e);
            } finally {
                release();
            }
        });
    }

    @Override
    public String toString() {
        return "process " + pid + " (" + program + ")";
    }
}
