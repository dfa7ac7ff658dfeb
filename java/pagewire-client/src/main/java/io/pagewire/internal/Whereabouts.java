package io.pagewire.internal;

import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Whether a thread is in this library, by its stack: for those who wait for a thread that an exception may have taken out of
 * here before it could say that it leaves.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Whereabouts {
    /** How long one waits for a thread before one asks. */
    static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);

    /** Who calls C by a handle that must be open, and who waits for that. */
    private static final Set<String> CALLERS = Set.of(
            Mapping.class.getName(),
            Link.class.getName(),
            StreamEnd.class.getName(),
            Gate.class.getName(),
            Turn.class.getName(),
            Native.class.getName());

    private Whereabouts() {}

    /** False only when the thread is certainly in none of our calls. */
    static boolean mayBeInLibrary(Thread thread) {
        if (!thread.isAlive()) {
            return false;
        }
        StackTraceElement[] stack = Native.stack(thread);
        if (stack == null) {
            return true; // a virtual thread, which no such exception can hit, or a JVM without JVMTI, which has none
        }
        for (StackTraceElement element : stack) {
            String name = element.getClassName();
            int lambda = name.indexOf('$');
            if (CALLERS.contains(lambda < 0 ? name : name.substring(0, lambda))) {
                return true;
            }
        }
        return false;
    }

    /** True when the current thread was called from C. */
    static boolean amInCall() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getClassName().equals(Native.class.getName())));
    }
}
