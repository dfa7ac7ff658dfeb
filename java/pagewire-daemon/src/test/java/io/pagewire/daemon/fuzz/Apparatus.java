package io.pagewire.daemon.fuzz;

import io.pagewire.daemon.config.DaemonSettings;
import io.pagewire.daemon.config.DaemonSettingsBuilder;
import io.pagewire.daemon.config.SettingsException;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.region.RegionContext;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What a real pager needs around it: settings, a directory that never answers, slow threads that never run (nobody is
 * killed), one region.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Apparatus {
    public static final int PAGES = 16;
    public static final int PAGE = 4096;
    public static final long SESSION = 0x1234;
    public static final long EPOCH = 99;
    public static final long INCARNATION = StillDirectory.INCARNATION;

    private Apparatus() {}

    public static RegionContext context() throws SettingsException {
        return context(command -> {});
    }

    /** @param slow what becomes of work that may block */
    public static RegionContext context(Consumer<Runnable> slow) throws SettingsException {
        DaemonSettings settings = new DaemonSettingsBuilder()
                .name("a")
                .listen("127.0.0.1:0")
                .socket(Path.of("/tmp/never-opened.sock"))
                .data(Path.of("/tmp/never-opened"))
                .directory("127.0.0.1:1")
                .build();
        return new RegionContext(settings, SESSION, new StillDirectory(), threads(slow));
    }

    /** How often the context's pagers have asked for an owner, to call it. */
    public static int asked(RegionContext context) {
        return ((StillDirectory) context.directory()).asked();
    }

    /** @param anyWriter every host may write to it */
    public static RegionRecord region(String owner, boolean anyWriter) {
        long span = (long) PAGES * PAGE;
        return new RegionRecord(
                "prices", 7, 0x6600_0020_0000L, span, span, PAGE, Kind.CREATED, owner, null, SESSION, anyWriter, false);
    }

    /** A stream whose frames are as large as a page. */
    public static RegionRecord stream(String owner) {
        return new RegionRecord(
                "video", 7, 0x6600_0020_0000L, PAGE, PAGE, PAGE, Kind.STREAM, owner, null, SESSION, false, false);
    }

    public static OwnerRecord owner(String host) {
        return new OwnerRecord(7, host, "127.0.0.1", 1, SESSION, EPOCH, false);
    }

    /** Threads that may block, and in a fuzzer must not: some would wait for processes, or kill them. */
    private static ExecutorService threads(Consumer<Runnable> slow) {
        return new AbstractExecutorService() {
            @Override
            public void execute(Runnable command) {
                slow.accept(command);
            }

            @Override
            public void shutdown() {
                // There are no threads.
            }

            @Override
            public List<Runnable> shutdownNow() {
                return List.of();
            }

            @Override
            public boolean isShutdown() {
                return false;
            }

            @Override
            public boolean isTerminated() {
                return false;
            }

            @Override
            public boolean awaitTermination(long timeout, TimeUnit unit) {
                return true;
            }
        };
    }
}
