package io.pagewire.daemon;

import io.netty.util.ResourceLeakDetector;
import io.pagewire.daemon.config.DaemonSettings;
import io.pagewire.daemon.config.DsmdCommand;
import io.pagewire.daemon.config.Launcher;
import io.pagewire.daemon.sys.EndSignals;
import io.pagewire.wire.Reasons;
import io.pagewire.wire.StandardOutput;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * The program {@code dsmd}: runs a daemon until it is told to stop (SIGTERM, SIGINT, or the end of standard input when it is
 * the child of a program). A stop takes as long as written pages get home; a second signal ends it at once.
 *
 * <p>Used by the main thread; signals come on threads of their own.
 */
public final class Dsmd implements Launcher {
    private final StandardOutput output;

    private Dsmd(StandardOutput output) {
        this.output = output;
    }

    public static void main(String[] args) {
        if (System.getProperty("io.netty.leakDetection.level") == null) {
            // The detector follows every hundredth buffer with stack traces, which would be the only allocation of a
            // fault.
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
        StandardOutput output = StandardOutput.install();
        System.exit(output.judge("dsmd", DsmdCommand.run(new Dsmd(output), args)));
    }

    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Daemon running;
    private volatile boolean hurried;

    @Override
    public void start(DaemonSettings settings) throws Exception {
        EndSignals.handle(this::signalled);
        Runtime.getRuntime().addShutdownHook(new Thread(this::awaitStopped, "dsmd-stop"));
        try {
            Daemon daemon = Daemon.start(settings);
            try (daemon) {
                running = daemon;
                if (hurried) {
                    daemon.hurry();
                }
                System.out.println(daemon.describe());
                output.gotOut("dsmd"); // programs are served whoever reads that line
                if (settings.exitWithStdin()) {
                    stopAtEndOfInput(stop);
                }
                stop.await();
            }
            if (!daemon.stoppedInOrder()) {
                throw new IOException("stopped, but not all that was written is home; the log names the pages");
            }
        } finally {
            stopped.countDown();
        }
    }

    private void signalled() {
        if (stop.getCount() > 0) {
            stop.countDown();
            return;
        }
        hurried = true;
        Daemon daemon = running;
        if (daemon != null) {
            daemon.hurry();
        }
    }

    /** The JVM ends for another reason than that the daemon has stopped. */
    private void awaitStopped() {
        stop.countDown();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
                        System.err.println("dsmd: standard input: " + Reasons.of(e));
                    }
                    stop.countDown();
                },
                "dsmd-stdin");
        watcher.setDaemon(true);
        watcher.start();
    }
}
