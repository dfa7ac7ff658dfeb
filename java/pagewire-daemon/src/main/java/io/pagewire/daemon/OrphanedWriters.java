package io.pagewire.daemon;

import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.sys.LeaseMemory;
import io.pagewire.daemon.sys.ProcessMaps;
import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs that an earlier run of this daemon left behind and that may still store into an exported file. Their agents take
 * the right away as soon as they see that run's socket close, but the agent of a stopped program sees nothing until the
 * program goes on. So an owner serves such a region again only when no process has a writable mapping of it; one that keeps
 * it beyond the revoke deadline is killed, like any that does not answer a revoke.
 *
 * <p>A mapping is known by its place, the region's own range, and its process by the lease page of this very region, whose
 * name stands in {@link ProcessMaps}: programs of other directories, which use the same addresses, are left alone.
 *
 * <p>Blocks; used by one thread.
 */
final class OrphanedWriters {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedWriters.class);
    private static final Path PROC = Path.of("/proc");
    private static final int POLL_MS = 10;

    /** How the names of all frames begin, as {@code /proc/PID/maps} shows them. */
    private static final String FRAMES = "/memfd:pagewire";

    private final long directoryIncarnation;
    private final int revokeMs;

    OrphanedWriters(long directoryIncarnation, int revokeMs) {
        this.directoryIncarnation = directoryIncarnation;
        this.revokeMs = revokeMs;
    }

    /** Returns when no process has a writable mapping of any of these regions. */
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
                kill(pid, files);
            }
        }
    }

    private void kill(int pid, List<RegionRecord> files) throws IOException {
        int pidfd;
        try {
            pidfd = Sys.pidfdOpen(pid);
        } catch (IOException e) {
            LOG.debug("process {} has ended meanwhile: {}", pid, e.getMessage());
            return;
        }
        try {
            if (mayWrite(pid, files)) { // looked at again, now that the number cannot pass to another process
                LOG.warn(
                        "process {} of an earlier run of dsmd may still write to a region after {} ms; killed",
                        pid,
                        revokeMs);
                Sys.pidfdKill(pidfd);
                Sys.pidfdWait(pidfd, revokeMs);
            }
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
            // Ended meanwhile, or another user's; programs that may connect belong to this daemon's user.
            LOG.trace("the maps of process {} cannot be read: {}", pid, e.getMessage());
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
