package io.pagewire.daemon;

import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.WriterRecords;
import io.pagewire.daemon.sys.LeaseMemory;
import io.pagewire.daemon.sys.ProcessMaps;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs that an earlier run of this daemon left behind and that may still store into an exported file. Their agents take
 * the right away as soon as they see that run's socket close, but the agent of a stopped program sees nothing until the
 * program goes on. So an owner serves such a region again only when no process has a writable mapping of it; one that keeps
 * it beyond the revoke deadline is killed, like any that does not answer a revoke.
 *
 * <p>What a process has in memory may be hidden from us: it is another user's (root may use any daemon), or hides itself. So the
 * runs of a daemon keep records of whom they gave a file to ({@link WriterRecords}); a process of these that cannot be looked at
 * may store on until it has ended, or asks for the region anew, which the library does when it has given up all rights.
 *
 * <p>A mapping is known by its place, the region's own range, and its process by the lease page of this very region, whose
 * name stands in {@link ProcessMaps}: programs of other directories, which use the same addresses, are left alone.
 *
 * <p>Blocks; {@link #end} is used by one thread, {@link #endHidden} by any.
 */
final class OrphanedWriters {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedWriters.class);
    private static final Path PROC = Path.of("/proc");
    private static final int POLL_MS = 10;

    /** The library looks for a new daemon once a second at least. */
    private static final int COME_BACK_MS = 3000;

    /** How the names of all frames begin, as {@code /proc/PID/maps} shows them. */
    private static final String FRAMES = "/memfd:pagewire";

    private final long directoryIncarnation;
    private static final long TELL_NS = 5_000_000_000L;

    private final WriterRecords records;
    private final IntPredicate hidden;

    /** Those that may not be killed; said once. */
    private final Set<Integer> denied = ConcurrentHashMap.newKeySet();

    private final int revokeMs;

    OrphanedWriters(long directoryIncarnation, WriterRecords records, int revokeMs) {
        this(directoryIncarnation, records, OrphanedWriters::cannotBeSeen, revokeMs);
    }

    /** @param hidden whether the memory of the process with this number cannot be looked at */
    OrphanedWriters(long directoryIncarnation, WriterRecords records, IntPredicate hidden, int revokeMs) {
        this.directoryIncarnation = directoryIncarnation;
        this.records = records;
        this.hidden = hidden;
        this.revokeMs = revokeMs;
    }

    /** Returns when no process that can be looked at has a writable mapping of any of these regions. */
    void end(List<RegionRecord> regions) throws IOException, InterruptedException {
        List<RegionRecord> files =
                regions.stream().filter(r -> r.kind() == Kind.EXPORTED).toList();
        if (files.isEmpty()) {
            return;
        }
        long deadline = System.nanoTime() + revokeMs * 1_000_000L;
        for (List<Integer> left = find(files); !left.isEmpty(); left = find(files)) {
            if (System.nanoTime() - deadline < 0) {
                Thread.sleep(POLL_MS);
                continue;
            }
            for (int pid : left) {
                kill(pid, () -> mayWrite(pid, files));
            }
            Thread.sleep(POLL_MS);
        }
    }

    /** Whether processes that cannot be looked at may still store into this region's file. */
    boolean hasHidden(RegionRecord region) throws IOException {
        boolean any = false;
        for (WriterRecords.Writer writer : records.earlier(region.id())) {
            if (!records.hasAsked(writer) && writer.mayLive() && hidden.test(writer.pid())) {
                any = true;
            } else {
                records.drop(writer);
            }
        }
        return any;
    }

    private static boolean cannotBeSeen(int pid) {
        try {
            ProcessMaps.of(pid);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Returns when there are none any more. Those that are certainly the ones of then are killed when they have had time to come back, and
     * the revoke deadline. */
    void endHidden(RegionRecord region) throws IOException, InterruptedException {
        long since = System.nanoTime();
        long told = since;
        while (hasHidden(region)) {
            long now = System.nanoTime();
            for (WriterRecords.Writer writer : records.earlier(region.id())) {
                if (now - since >= (revokeMs + COME_BACK_MS) * 1_000_000L && writer.isCertain()) {
                    kill(writer.pid(), writer::isCertain);
                }
                if (now - told >= TELL_NS) {
                    LOG.warn(
                            "region {} is not served before process {} has ended or mapped it again: an earlier run of dsmd gave"
                                    + " it the file to write, and its memory cannot be looked at",
                            region.name(),
                            writer.pid());
                }
            }
            told = now - told >= TELL_NS ? now : told;
            Thread.sleep(POLL_MS);
        }
    }

    /** {@code still}: asked again when the number cannot pass to another process. */
    private void kill(int pid, BooleanSupplier still) throws IOException {
        int pidfd;
        try {
            pidfd = Sys.pidfdOpen(pid);
        } catch (IOException e) {
            LOG.debug("process {} has ended meanwhile: {}", pid, Reasons.of(e));
            return;
        }
        try {
            if (still.getAsBoolean() && denied.add(pid)) {
                Sys.pidfdKill(pidfd);
                LOG.warn(
                        "process {} of an earlier run of dsmd may still write to a region after {} ms; killed",
                        pid,
                        revokeMs);
                Sys.pidfdWait(pidfd, revokeMs);
                denied.remove(pid);
            }
        } catch (IOException e) {
            LOG.error(
                    "process {} may still write to a region, but dsmd may not kill it ({}); end it: sudo kill -9 {}",
                    pid,
                    Reasons.of(e),
                    pid);
        } finally {
            Sys.close(pidfd);
        }
    }

    private List<Integer> find(List<RegionRecord> files) throws IOException {
        List<Integer> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                int pid = Integer.parseInt(process.getFileName().toString());
                if (mayWrite(pid, files)) {
                    found.add(pid);
                }
            }
        }
        return found;
    }

    private boolean mayWrite(int pid, List<RegionRecord> files) {
        try {
            List<String> maps = ProcessMaps.of(pid);
            Set<String> leases = ProcessMaps.memfds(maps, LeaseMemory.NAME);
            for (RegionRecord region : leases.isEmpty() ? List.<RegionRecord>of() : files) {
                if (leases.contains(LeaseMemory.name(directoryIncarnation, region.id())) && isWritable(maps, region)) {
                    return true;
                }
            }
        } catch (IOException e) {
            // Another user's, or hides itself: those that an earlier run knew are waited for one by one.
            LOG.trace("the maps of process {} cannot be read: {}", pid, Reasons.of(e));
        }
        return false;
    }

    private static boolean isWritable(List<String> maps, RegionRecord region) {
        for (String line : maps) {
            long start = Long.parseUnsignedLong(line, 0, line.indexOf('-'), 16);
            if (start >= region.base() && start < region.base() + region.span() && isWritableFile(line)) {
                return true;
            }
        }
        return false;
    }

    /** START-END rw-s … of a file, not of frames: what is stored into those (preloaded, another host's) is not in the file. */
    private static boolean isWritableFile(String line) {
        int rights = line.indexOf(' ') + 1;
        return line.charAt(rights + 1) == 'w' && line.charAt(rights + 3) == 's' && !line.contains(FRAMES);
    }
}
