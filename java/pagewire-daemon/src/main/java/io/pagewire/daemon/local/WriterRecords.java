package io.pagewire.daemon.local;

import io.pagewire.daemon.sys.ProcessMaps;
import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which processes of this host were given an exported file to write, kept where a later run of the daemon finds it: one empty file
 * for each, whose name says everything. A run that was killed leaves those behind whose processes had the region mapped; what they
 * have in memory may be hidden from the next run, when they are another user's or hide themselves.
 *
 * <p>A process is known by its number and the time of its start; where the kernel hides that, by the number alone. Records of
 * another boot mean nothing.
 *
 * <p>Safe for use by any thread; blocks.
 */
public final class WriterRecords {
    private static final Logger LOG = LoggerFactory.getLogger(WriterRecords.class);

    /** Boot, region, process, its start. */
    private static final Pattern RECORD =
            Pattern.compile("([-0-9a-f]+)\\.([01]?\\d{1,9})\\.(\\d{1,9})\\.(\\d+|hidden)");

    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    /** {@link Writer#started()} when it could not be seen. */
    public static final String HIDDEN = "hidden";

    /**
     * A process that an earlier run gave a region to.
     *
     * @param started when it began, in the kernel's own words
     */
    public record Writer(int regionId, int pid, String started) {
        /** Whether a process with the number lives that may be this one. */
        public boolean mayLive() {
            String now = WriterRecords.started(pid);
            return now == null ? ProcessMaps.lives(pid) : started.equals(HIDDEN) || now.equals(started);
        }

        /** Whether the process that has the number now is certainly this one. */
        public boolean isCertain() {
            return !started.equals(HIDDEN) && started.equals(WriterRecords.started(pid));
        }
    }

    private final Path folder;
    private final String boot;
    private final Map<String, Integer> mappings = new HashMap<>();
    private final List<Writer> earlier = new ArrayList<>();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    /** Reads what earlier runs have left. */
    public WriterRecords(Path data) throws IOException {
        folder = data.resolve("writers");
        boot = Files.readString(BOOT).strip();
        Files.createDirectories(folder);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Matcher record = RECORD.matcher(file.getFileName().toString());
                if (!record.matches() || Files.isDirectory(file)) {
                    LOG.warn("{} is none of dsmd's and means nothing to it; remove it", file);
                } else if (record.group(1).equals(boot)) {
                    earlier.add(new Writer(
                            Integer.parseInt(record.group(2)), Integer.parseInt(record.group(3)), record.group(4)));
                } else {
                    Files.delete(file);
                }
            }
        }
    }

    /** The process is about to be given the region to write. */
    public void add(int regionId, LocalProcess process) throws IOException {
        String name = name(regionId, process.pid(), startedOr(process.pid()));
        synchronized (this) {
            if (mappings.merge(name, 1, Integer::sum) == 1) {
                try {
                    Files.createFile(folder.resolve(name));
                } catch (java.nio.file.FileAlreadyExistsException e) {
                    // Of an earlier run: the process maps the region again.
                }
            }
        }
    }

    /** One of its mappings is gone: in order, or with the process. The caller still holds the process. */
    public void remove(int regionId, LocalProcess process) throws IOException {
        String started = started(process.pid());
        synchronized (this) {
            String name = name(regionId, process.pid(), started == null ? HIDDEN : started);
            if (!mappings.containsKey(name)) {
                name = added(boot + "." + regionId + "." + process.pid() + ".");
            }
            if (name != null && mappings.merge(name, -1, Integer::sum) == 0) {
                mappings.remove(name);
                delete(name);
            }
        }
    }

    /** Of a process that has ended nobody says when it was started; while it is held no other has its number. */
    private String added(String prefix) {
        return mappings.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .findFirst()
                .orElse(null);
    }

    /** What the run before has left of a region and has not been dropped. */
    public synchronized List<Writer> earlier(int regionId) {
        return earlier.stream().filter(writer -> writer.regionId() == regionId).toList();
    }

    /** The writer can store no more. */
    public synchronized void drop(Writer writer) throws IOException {
        earlier.remove(writer);
        String name = name(writer.regionId(), writer.pid(), writer.started());
        if (!mappings.containsKey(name)) {
            delete(name);
        }
    }

    /** The process asks for the region: whatever it had of it from an earlier run it has given up. */
    public void asks(int regionId, LocalProcess process) {
        if (earlier(regionId).stream().anyMatch(writer -> writer.pid() == process.pid())) {
            asked.add(regionId + "." + process.pid() + "." + startedOr(process.pid()));
        }
    }

    /** Whether this writer has asked for its region. */
    public boolean hasAsked(Writer writer) {
        return asked.contains(writer.regionId() + "." + writer.pid() + "." + writer.started());
    }

    private String name(int regionId, int pid, String started) {
        return boot + "." + regionId + "." + pid + "." + started;
    }

    private void delete(String name) throws IOException {
        try {
            Files.delete(folder.resolve(name));
        } catch (NoSuchFileException e) {
            // Somebody has tidied up; that is all it is for.
        }
    }

    private static String startedOr(int pid) {
        String started = started(pid);
        return started == null ? HIDDEN : started;
    }

    /** Null when the process has ended or is hidden. */
    private static String started(int pid) {
        try {
            String stat = Sys.readProc("/proc/" + pid + "/stat");
            String[] words = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
            return words.length > 19 ? words[19] : null;
        } catch (IOException e) {
            return null;
        }
    }
}
