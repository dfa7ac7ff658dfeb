package io.pagewire.daemon.sys;

import java.io.File;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What stands in the memory of a process, as {@code /proc} shows it. All threads of a process share one memory, but only a
 * thread that has not ended shows it: the maps of a process whose first thread has ended are empty, while the others store on.
 *
 * <p>Pid numbers pass on: whoever acts on what is seen here holds a pidfd, and asks it afterwards whether the process lives.
 *
 * <p>Stateless; safe for use by any thread. Blocks for as long as the process changes its mappings.
 */
public final class ProcessMaps {
    private static final String PROC = "/proc/";
    private static final String MEMFD = "/memfd:";

    private ProcessMaps() {}

    /**
     * The lines of the process's maps; none when it has no memory (any more).
     *
     * @throws IOException when it cannot be seen, for example because the process is another user's: it may have anything
     */
    public static List<String> of(int pid) throws IOException {
        String maps = Sys.readProc(PROC + pid + "/maps");
        Set<String> looked = new HashSet<>();
        boolean more = true;
        while (maps.isEmpty() && more) { // one may start another and end, so until there is none that was not looked at
            more = false;
            String[] threads = new File(PROC + pid + "/task").list();
            for (String thread : threads == null ? new String[0] : threads) {
                if (maps.isEmpty() && looked.add(thread)) {
                    maps = Sys.readProc(PROC + pid + "/task/" + thread + "/maps");
                    more = true;
                }
            }
        }
        if (maps.isEmpty() && !new File(PROC + pid).exists() && lives(pid)) {
            throw new IOException("process " + pid + " is hidden (/proc is mounted with hidepid)");
        }
        return maps.lines().toList();
    }

    /** Whether a process with this number lives, whoever's it is and whether {@code /proc} shows it or not. */
    public static boolean lives(int pid) {
        try {
            int pidfd = Sys.pidfdOpen(pid);
            try {
                return !Sys.pidfdWait(pidfd, 0);
            } finally {
                Sys.close(pidfd);
            }
        } catch (IOException e) {
            return false;
        }
    }

    /** The files in memory among them whose names, as given to {@link Sys#memfd}, begin so. */
    public static Set<String> memfds(List<String> maps, String prefix) {
        Set<String> found = new HashSet<>();
        for (String line : maps) {
            int at = line.indexOf(MEMFD + prefix);
            if (at >= 0) {
                found.add(line.substring(at + MEMFD.length()).split(" ")[0]);
            }
        }
        return found;
    }
}
