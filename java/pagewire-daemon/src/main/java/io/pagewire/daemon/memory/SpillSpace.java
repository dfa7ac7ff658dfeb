package io.pagewire.daemon.memory;

import io.pagewire.daemon.config.FrameSettings;
import io.pagewire.daemon.sys.PrivateDirectory;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk space that the spill files of all regions of this daemon may take, and the directory they stand in.
 *
 * <p>Safe for use by any thread.
 */
public final class SpillSpace {
    private static final Logger LOG = LoggerFactory.getLogger(SpillSpace.class);

    private final FrameSettings settings;
    private final AtomicLong fileBytes = new AtomicLong();
    private final AtomicLong spilledBytes = new AtomicLong();
    private final AtomicBoolean announced = new AtomicBoolean();
    private final AtomicBoolean failing = new AtomicBoolean();

    public SpillSpace(FrameSettings settings) {
        this.settings = settings;
    }

    /** Bytes of pages that stand in spill files. */
    public long spilled() {
        return spilledBytes.get();
    }

    /** Bytes of the spill files, with what is free inside them. */
    public long fileBytes() {
        return fileBytes.get();
    }

    /** Called when the daemon starts: makes the directory, and removes what a daemon that was killed may have left there. */
    public void prepare() throws IOException {
        if (!settings.spillsOwn()) {
            return;
        }
        Path directory = settings.spillDir();
        try {
            if (!Files.exists(directory)) {
                PrivateDirectory.ensure(directory);
            }
            try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory, Sys.UNNAMED_PREFIX + "*")) {
                for (Path leftover : leftovers) {
                    LOG.info("removing {}, left behind by a dsmd that was killed", leftover);
                    Files.deleteIfExists(leftover);
                }
            }
            Sys.close(Sys.unnamedFile(directory));
        } catch (IOException e) {
            throw new IOException(
                    "pages cannot be spilled to " + directory + ": " + Reasons.of(e, directory)
                            + "; choose another directory with --spill-dir, or spill nothing with --spill-max 0",
                    e);
        }
    }

    /** A new spill file without a name; blocks. */
    int open() throws IOException {
        int descriptor = Sys.unnamedFile(settings.spillDir());
        if (announced.compareAndSet(false, true)) {
            LOG.info(
                    "pages are spilled to a file without a name in {}, {}; nothing of it outlives this daemon",
                    settings.spillDir(),
                    settings.spillsCopies()
                            ? "at most " + settings.spillMaxBytes() + " bytes"
                            : "as far as the disk has room (setting --spill-max)");
        }
        return descriptor;
    }

    /** Space for so many bytes more of spill files; false when --spill-max is reached. */
    boolean grow(long bytes) {
        if (!settings.spillsCopies()) {
            fileBytes.addAndGet(bytes);
            return true;
        }
        long before = fileBytes.get();
        while (before + bytes <= settings.spillMaxBytes()) {
            if (fileBytes.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = fileBytes.get();
        }
        return false;
    }

    void shrink(long bytes) {
        fileBytes.addAndGet(-bytes);
    }

    /** So many bytes of pages more, or less, stand in spill files. */
    void spilled(long bytes) {
        spilledBytes.addAndGet(bytes);
    }

    /** A page was written: the next failure is news. */
    void works() {
        if (failing.get()) {
            failing.set(false);
            LOG.info("pages can be spilled to {} again", settings.spillDir());
        }
    }

    /** A page could not be written; says so once, until it works again. */
    void fails(String why) {
        if (failing.compareAndSet(false, true)) {
            LOG.warn("{}", why);
        }
    }

    /** Why there is no room within the bounds that were set, and what can be done. */
    String noRoom() {
        return settings.spillMaxBytes() == 0
                ? "all memory for frames is in use (--frames-max, " + settings.maxBytes()
                        + " bytes) and nothing may be spilled; raise --frames-max, or allow it with --spill-max"
                : "all memory for frames is in use (--frames-max, " + settings.maxBytes()
                        + " bytes) and the spill files in " + settings.spillDir() + " have reached --spill-max ("
                        + settings.spillMaxBytes() + " bytes); raise one of them";
    }

    /** Why a page could not be written to disk, and what can be done. */
    String cannotWrite(IOException e) {
        return "pages cannot be spilled to " + settings.spillDir() + ": " + Reasons.of(e, settings.spillDir())
                + "; free space there, raise --frames-max, or choose another directory with --spill-dir";
    }

    String cannotRead(String what) {
        return "a page that was spilled to " + settings.spillDir() + " is lost: " + what;
    }
}
