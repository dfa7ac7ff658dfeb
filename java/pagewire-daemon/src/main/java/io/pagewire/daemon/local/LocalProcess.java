package io.pagewire.daemon.local;

import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
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
                LOG.warn("closing the pidfd of {}: {}", this, Reasons.of(e));
            }
        }
    }

    /** Whether the kernel says that it has ended. The caller is one of its holders. Does not block. */
    public boolean hasEnded() {
        try {
            return Sys.pidfdWait(pidfd, 0);
        } catch (IOException e) {
            LOG.warn("asking for the end of {}: {}", this, Reasons.of(e));
            return false;
        }
    }

    /**
     * Kills it and runs {@code proven} once the kernel reports its end. The wait has no deadline on purpose: until the end is
     * proven the process may still store into shared frames, and whoever needs the page has a deadline of its own. So is one
     * waited for that we may not kill.
     */
    public void kill(String why, Executor slow, Runnable proven) {
        if (!hold()) {
            proven.run();
            return;
        }
        slow.execute(() -> {
            try {
                if (!Sys.pidfdWait(pidfd, 0)) {
                    String problem = killed(why);
                    while (!Sys.pidfdWait(pidfd, POLL_MS)) {
                        LOG.warn("{} {}", this, problem);
                    }
                }
                proven.run();
            } catch (IOException e) {
                LOG.error("the end of {} cannot be waited for; its rights stay unproven", this, e);
            } finally {
                release();
            }
        });
    }

    /** Gives what to say while it lives on. */
    private String killed(String why) {
        try {
            Sys.pidfdKill(pidfd);
            LOG.warn("{} is killed: {}", this, why);
            return "was killed and has not ended yet (is it in an uninterruptible system call?)";
        } catch (IOException e) {
            LOG.error("{} must be ended, but dsmd may not kill it ({}): {}", this, Reasons.of(e), why);
            return "may still use pages that others wait for, and dsmd may not kill it; end it: sudo kill -9 " + pid;
        }
    }

    @Override
    public String toString() {
        return "process " + pid + " (" + program + ")";
    }
}
