package io.pagewire.daemon.directory;

import java.nio.file.Path;

/**
 * How to reach the directory.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param embedded run the server in this process
 * @param servers HOST:PORT[,HOST:PORT...] to connect to; null when embedded
 * @param bindHost address the embedded server listens on
 * @param port port of the embedded server; 0 = any free one
 * @param data directory of this daemon; the embedded server keeps its files in {@code data/directory}
 * @param dataIdentity identity of the locked data directory, see {@code io.pagewire.daemon.sys.DataDirectory}: a registration
 *     that carries it was left behind by an earlier daemon, which must be dead
 * @param sessionTimeoutMs how long the session outlives the last sign of life, 1000 to 60000
 * @param operationTimeoutMs deadline of every operation
 */
public record DirectorySettings(
        boolean embedded,
        String servers,
        String bindHost,
        int port,
        Path data,
        long dataIdentity,
        int sessionTimeoutMs,
        int operationTimeoutMs) {
    public static final int DEFAULT_PORT = 7712;
    public static final int DEFAULT_SESSION_TIMEOUT_MS = 3000;
    public static final int DEFAULT_OPERATION_TIMEOUT_MS = 5000;

    public static DirectorySettings embedded(String bindHost, int port, Path data, long dataIdentity) {
        return new DirectorySettings(
                true,
                null,
                bindHost,
                port,
                data,
                dataIdentity,
                DEFAULT_SESSION_TIMEOUT_MS,
                DEFAULT_OPERATION_TIMEOUT_MS);
    }

    public static DirectorySettings servers(String servers, Path data, long dataIdentity) {
        return new DirectorySettings(
                false, servers, null, 0, data, dataIdentity, DEFAULT_SESSION_TIMEOUT_MS, DEFAULT_OPERATION_TIMEOUT_MS);
    }
}
