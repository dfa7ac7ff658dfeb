package io.pagewire.daemon.region;

import io.pagewire.core.link.Path;
import io.pagewire.daemon.config.DaemonSettings;
import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.local.WriterRecords;
import io.pagewire.daemon.memory.PageMemory;
import io.pagewire.daemon.memory.TableBytes;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all regions of a daemon share: who we are, the directory, the thread pool for slow work (files, names, ends of
 * processes), and the table that finds a mapping by its token.
 *
 * <p>Safe for use by any thread.
 */
public final class RegionContext {
    private static final Logger LOG = LoggerFactory.getLogger(RegionContext.class);

    private final DaemonSettings settings;
    private final long session;
    private final Directory directory;
    private final ExecutorService slow;
    private final PeerNumbers peerNumbers = new PeerNumbers();
    private final Peers peers;
    private final Ways ways = new Ways();
    private final PageMemory.Shared memory;
    private final TableBytes tables = TableBytes.ofHeap();
    private final Losses losses = new Losses();
    private final Leavings leavings = new Leavings();
    private final WriterRecords writers;
    private final ConcurrentHashMap<Long, Mapping> tokens = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    private final AtomicInteger incarnations = new AtomicInteger();

    /** Without records of writers. */
    public RegionContext(DaemonSettings settings, long session, Directory directory, ExecutorService slow) {
        this(settings, session, directory, slow, null);
    }

    /** @param writers null: nobody will ask who was given a file to write */
    public RegionContext(
            DaemonSettings settings, long session, Directory directory, ExecutorService slow, WriterRecords writers) {
        this.writers = writers;
        this.settings = settings;
        this.session = session;
        this.directory = directory;
        this.slow = slow;
        this.peers = new Peers(settings.maxPeers());
        this.memory = PageMemory.Shared.of(settings.frames(), slow);
    }

    public DaemonSettings settings() {
        return settings;
    }

    /** Identity of this run of the daemon. */
    public long session() {
        return session;
    }

    public String host() {
        return settings.name();
    }

    public Directory directory() {
        return directory;
    }

    /** Runs work that may block. */
    public ExecutorService slow() {
        return slow;
    }

    /** The bound on all page tables. */
    public TableBytes tables() {
        return tables;
    }

    /** The bound on all frames, and the disk space for what does not fit. */
    public PageMemory.Shared memory() {
        return memory;
    }

    /** Later than that of every circuit this daemon has called for, so that home can tell an overtaken call. */
    public int nextIncarnation() {
        return incarnations.incrementAndGet();
    }

    /** A new circuit id for a region of that host, or 0 when all are used up. */
    public int nextCircuitId(String peerHost) {
        return peerNumbers.next(peerHost);
    }

    /** The other daemons that have circuits to this one. */
    public Peers peers() {
        return peers;
    }

    /** The way to a host, which all circuits with it share. */
    Path wayTo(String otherHost) {
        return ways.to(otherHost);
    }

    /** The newest losses of all regions. */
    public Losses losses() {
        return losses;
    }

    /** What programs can ask about regions that they have let go of. */
    public Leavings leavings() {
        return leavings;
    }

    /** The processes that have an exported file to write, for a later run of this daemon. */
    public WriterRecords writers() {
        return writers;
    }

    /** One of its mappings to write is gone. The process is held for this, and released when it is done. */
    public void forgetWriter(int regionId, LocalProcess process) {
        slow.execute(() -> {
            try {
                if (writers != null) {
                    writers.remove(regionId, process);
                }
            } catch (IOException e) {
                LOG.warn("the record that {} writes to region {} stays: {}", process, regionId, Reasons.of(e));
            } finally {
                process.release();
            }
        });
    }

    public Mapping mapping(long token) {
        return tokens.get(token);
    }

    public Iterable<Mapping> mappings() {
        return tokens.values();
    }

    /** The newest mapping of this region that the same process has asked for since, in whatever way it maps it; else null. */
    Mapping youngerThan(Mapping old, int regionId) {
        Mapping newest = null;
        for (Mapping other : tokens.values()) {
            if (other.process().pid() == old.process().pid()
                    && other.number() > (newest == null ? old : newest).number()
                    && ((RegionRuntime) other.side()).record().id() == regionId) {
                newest = other;
            }
        }
        return newest;
    }

    /** A token that no other mapping or end of a stream has and nobody can guess. */
    public long newToken() {
        long token;
        do {
            token = random.nextLong();
        } while (token == 0 || tokens.containsKey(token));
        return token;
    }

    void register(Mapping mapping) {
        tokens.put(mapping.token(), mapping);
    }

    void forget(Mapping mapping) {
        tokens.remove(mapping.token());
    }
}
