package io.pagewire.daemon;

import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.sys.LeaseMemory;
import io.pagewire.daemon.sys.Sys;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
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
 * name stands in {@code /proc/PID/maps}: programs of other directories, which use the same addresses, are left alone.
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
        Set<String> leases = new HashSet<>();
        Set<String> wanted = new HashSet<>();
        long end = files.stream().mapToLong(r -> r.base() + r.span()).max().orElse(0);
        try (BufferedReader maps = Files.newBufferedReader(PROC.resolve(pid + "/maps"), StandardCharsets.ISO_8859_1)) {
            for (String line = maps.readLine(); line != null; line = maps.readLine()) {
                long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                if (Long.compareUnsigned(start, end) >= 0 && wanted.isEmpty()) {
                    return false; // addresses ascend: no mapping of these regions can come any more
                }
                if (line.contains(LeaseMemory.NAME)) {
                    leases.add(line.substring(line.indexOf(LeaseMemory.NAME)).split(" ")[0]);
                } else if (isWritableFile(line)) {
                    for (RegionRecord region : files) {
                        if (start >= region.base() && start < region.base() + region.span()) {
                            wanted.add(LeaseMemory.name(directoryIncarnation, region.id()));
                        }
                    }
                }
            }
        } catch (IOException e) {
            // Ended meanwhile, or another user's; programs that may connect belong to this daemon's user.
            LOG.trace("the maps of process {} cannot be read: {}", pid, e.getMessage());
            return false;
        }
        wanted.retainAll(leases);
        return !wanted.isEmpty();
    }

    /** START-END rw-s … of a file, not of frames: what is stored into those (preloaded, another host's) is not in the file. */
    private static boolean isWritableFile(String line) {
        int rights = line.indexOf(' ') + 1;
        return line.charAt(rights + 1) == 'w' && line.charAt(rights + 3) == 's' && !line.contains(FRAMES);
    }
}
