package io.pagewire.daemon.config;

import java.nio.file.Path;
import java.util.Set;

/**
 * Everything a daemon is told when it starts; made and checked by {@link DaemonSettingsBuilder}.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param name of this host
 * @param listenHost address circuits come in on
 * @param listenPort TCP port; 0 = any free one
 * @param advertiseHost address other hosts call this one at; null = that of listenHost
 * @param advertisePort its port; 0 = the one that circuits come in on
 * @param socket path of the Unix socket for applications
 * @param data directory of this daemon
 * @param directoryEmbedded run the directory's server in this process
 * @param directoryPort port of the embedded server; 0 = any free one
 * @param directoryServers HOST:PORT[,HOST:PORT...]; null when embedded
 * @param loops event loops
 * @param spinUs how long a region's loop looks for more work before it sleeps, microseconds; 0 = not at all
 * @param readAheadBytes most bytes fetched ahead of a sequential reader; 0 = none
 * @param allowUsers user ids (on the client host) whose call setups are accepted; empty = all
 * @param maxPeers most hosts that may have circuits to this one at a time
 * @param frames how much memory frames may take, and where pages go that do not fit
 * @param writeback when pages written here go home by themselves, and how many may be away
 * @param logLevel error, warn, info, debug or trace
 * @param exitWithStdin stop when standard input ends: the daemon is a child of the program that started it
 */
public record DaemonSettings(
        String name,
        String listenHost,
        int listenPort,
        String advertiseHost,
        int advertisePort,
        Path socket,
        Path data,
        boolean directoryEmbedded,
        int directoryPort,
        String directoryServers,
        int loops,
        int spinUs,
        Deadlines deadlines,
        long readAheadBytes,
        Set<Integer> allowUsers,
        int maxPeers,
        FrameSettings frames,
        WritebackBounds writeback,
        String logLevel,
        boolean exitWithStdin) {}
