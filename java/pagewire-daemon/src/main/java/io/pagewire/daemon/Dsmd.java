package io.pagewire.daemon;

import io.netty.util.ResourceLeakDetector;
import io.pagewire.daemon.config.DaemonSettings;
import io.pagewire.daemon.config.DsmdCommand;
import io.pagewire.daemon.config.Launcher;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * The program {@code dsmd}: runs a daemon until it is told to stop (SIGTERM, SIGINT, or the end of standard input when it is
 * the child of a program).
 *
 * <p>Used by the main thread.
 */
public final class Dsmd implements Launcher {
    private Dsmd() {}

    public static void main(String[] args) {
        if (System.getProperty("io.netty.leakDetection.level") == null) {
            // The detector follows every hundredth buffer with stack traces, which would be the only allocation of a
            // fault.
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
        System.exit(DsmdCommand.run(new Dsmd(), args));
    }

    @Override
    public void start(DaemonSettings settings) throws Exception {
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    stop.countDown();
                    try {
                        stopped.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "dsmd-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try (Daemon daemon = Daemon.start(settings)) {
            System.out.println(daemon.describe());
            System.out.flush();
            if (settings.exitWithStdin()) {
                stopAtEndOfInput(stop);
            }
            stop.await();
        } finally {
            stopped.countDown();
        }
    }

    private static void stopAtEndOfInput(CountDownLatch stop) {
        Thread watcher = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // whatever is written to us means nothing; only the end does
                        }
                    } catch (IOException e) {
                        System.err.println("dsmd: standard input: " + e.getMessage());
                    }
                    stop.countDown();
                },
                "dsmd-stdin");
        watcher.setDaemon(true);
        watcher.start();
    }
}
