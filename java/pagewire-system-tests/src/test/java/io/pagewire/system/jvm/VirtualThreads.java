package io.pagewire.system.jvm;

/**
 * Virtual threads for tests that are compiled for a Java that has none.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class VirtualThreads {
    private static final long PATIENCE_MS = 30_000;

    private VirtualThreads() {}

    /** Runs the action in a virtual thread and waits for it; only JDKs that have them come here. */
    static void run(Runnable action) throws Exception {
        Throwable[] thrown = new Throwable[1];
        Runnable caught = () -> {
            try {
                action.run();
            } catch (Throwable e) {
                thrown[0] = e;
            }
        };
        Thread thread = (Thread)
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, caught);
        thread.join(PATIENCE_MS);
        if (thread.isAlive() || thrown[0] != null) {
            throw new AssertionError("in a virtual thread", thrown[0]);
        }
    }
}
