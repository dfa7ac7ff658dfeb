package io.pagewire.daemon.directory;

import io.pagewire.daemon.sys.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Function;

/**
 * One operation on the directory: waits for the session, tries again after failures that pass, and ends by its deadline
 * whatever happens. Steps must be safe to repeat, because a request whose answer was lost may have been done.
 *
 * <p>Made and run on the directory's thread.
 */
final class Operation<T> {
    private static final int RETRY_MS = 20;

    private final DirectorySession session;
    private final ScheduledExecutorService thread;
    private final String what;
    private final boolean needsRegistration;
    private final Function<Zk, CompletableFuture<T>> step;
    private final CompletableFuture<T> result;
    private int deadlineMs;

    /**
     * @param what is being done, for error texts
     * @param needsRegistration whether this host must be registered first
     * @param step one attempt
     */
    Operation(
            DirectorySession session,
            ScheduledExecutorService thread,
            String what,
            boolean needsRegistration,
            Function<Zk, CompletableFuture<T>> step,
            CompletableFuture<T> result) {
        this.session = session;
        this.thread = thread;
        this.what = what;
        this.needsRegistration = needsRegistration;
        this.step = step;
        this.result = result;
    }

    void start(int mostMs) {
        deadlineMs = mostMs;
        ScheduledFuture<?> deadline = Timers.after(
                thread,
                deadlineMs,
                "the deadline of " + what,
                () -> result.completeExceptionally(session.late(what, deadlineMs)));
        result.whenComplete((value, e) -> deadline.cancel(false));
        attempt();
    }

    private void attempt() {
        if (result.isDone()) {
            return;
        }
        if (session.closed()) {
            result.completeExceptionally(session.late(what, deadlineMs));
            return;
        }
        Zk client = needsRegistration ? session.registered() : session.connection();
        if (client == null) {
            session.whenReady(this::attempt);
            return;
        }
        step.apply(client).whenComplete((value, e) -> {
            if (e == null) {
                result.complete(value);
            } else if (Failures.isTransient(e) && !session.closed()) {
                Timers.after(thread, RETRY_MS, what, this::attempt);
            } else {
                result.completeExceptionally(
                        session.closed() ? session.late(what, deadlineMs) : Failures.asDirectoryException(e, what));
            }
        });
    }
}
