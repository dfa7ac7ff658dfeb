package io.pagewire.system;

import java.nio.file.Path;

/**
 * The hosts of the JVM matrix: a reader, which also holds the directory, and an owner behind a relay, which can be killed and
 * cut off.
 *
 * <p>For use by one thread.
 */
public final class JvmHosts implements AutoCloseable {
    private final Cluster cluster;
    private final TcpCut way;
    private final Host reader;
    private final Host owner;

    /** folder: an empty one whose path is short. */
    public JvmHosts(Path folder) {
        cluster = new Cluster(folder);
        String config =
                cluster.file("dsmd.toml", "[deadlines]\nfault-ms = 4000\n").toString();
        reader = cluster.host("reader", "--config", config);
        way = cluster.relayToFreePort();
        owner = cluster.hostBehind(way, "owner", "--config", config);
    }

    /** The socket of the host whose programs only read what the owner has. */
    public Path readerSocket() {
        return reader.socket();
    }

    public Path ownerSocket() {
        return owner.socket();
    }

    /** SIGKILL for the owner's daemon. */
    public void killOwner() {
        owner.kill();
    }

    /** Holds all that goes between the hosts, both ways. */
    public void cut() {
        way.cut();
    }

    /** Ends all connections to the owner and lets no new one through: attempts fail at once instead of after a while. */
    public void refuse() {
        way.refuse();
    }

    /** Starts the owner again if it is dead, and opens the way. */
    public void repair() {
        way.heal();
        owner.ensureRunning();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
