package io.pagewire.daemon;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.config.DaemonSettings;
import io.pagewire.daemon.directory.Directories;
import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.DirectorySettings;
import io.pagewire.daemon.local.LocalServer;
import io.pagewire.daemon.local.SocketPath;
import io.pagewire.daemon.local.WriterRecords;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.stream.StreamTable;
import io.pagewire.daemon.sys.Addresses;
import io.pagewire.daemon.sys.DataDirectory;
import io.pagewire.daemon.sys.KernelCalls;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running daemon: puts the parts together in the order they need each other and takes them apart in the opposite one.
 * The local socket comes last, so a program that can connect finds everything in place.
 *
 * <p>Started and closed by one thread; the rest of the world talks to it over its sockets.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    /** How long a program that has just let go of a region has to hear that all of it is home. */
    private static final int HEAR_MS = 500;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final DaemonSettings settings;
    private final RegionStop stop;
    private volatile RegionTable table;
    private volatile StreamTable streams;
    private RegionContext context;
    private DaemonInfo info;
    private Directory directory;
    private LocalServer local;

    private Daemon(DaemonSettings settings) {
        this.settings = settings;
        this.stop = new RegionStop(settings.deadlines());
    }

    /** Starts a daemon; on failure nothing of it is left. */
    public static Daemon start(DaemonSettings settings) throws Exception {
        Daemon daemon = new Daemon(settings);
        try {
            daemon.open();
            return daemon;
        } catch (FileSystemException e) {
            daemon.close();
            throw new IOException(
                    "a file of this dsmd cannot be used: " + Reasons.of(e)
                            + "; choose another place for them with --data",
                    e);
        } catch (Exception | Error e) {
            daemon.close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    private void open() throws Exception {
        KernelCalls.require();
        SocketPath.prepare(settings.socket());
        DataDirectory data = part(DataDirectory.lock(settings.data()));
        EventLoops loops = part(new EventLoops(settings.loops(), settings.spinUs()));
        ExecutorService slow = Executors.newCachedThreadPool(new DefaultThreadFactory("dsmd-slow", true));
        parts.push(() -> stop(slow));
        CircuitServer circuits = part(new CircuitServer(new LateExchange()));
        int port = circuits.bind(settings.listenHost(), settings.listenPort(), loops);
        info = new DaemonInfo(Addresses.of(settings.listenHost(), port));
        String calledHost = settings.advertiseHost() == null ? settings.listenHost() : settings.advertiseHost();
        int calledPort = settings.advertisePort() == 0 ? port : settings.advertisePort();
        long session = new SecureRandom().nextLong();
        SessionWatch watch = new SessionWatch(info, slow, () -> table, () -> streams);
        directory = part(
                Directories.open(directorySettings(data), settings.name(), calledHost, calledPort, session, watch));
        context = new RegionContext(settings, session, directory, slow, new WriterRecords(data.path()));
        context.memory().space().prepare();
        RegionTable regions = new RegionTable(context, loops);
        StreamTable frameStreams = new StreamTable(context, loops);
        streams = frameStreams;
        table = regions;
        parts.push(this::closeLocal); // programs may ask how far the end has come, until it is over
        parts.push(this::closeRegions);
        parts.push(this::closeStreams);
        StreamRequests streamRequests = new StreamRequests(context, frameStreams);
        RegionMaker maker = new RegionMaker(context, loops, regions, streamRequests, watch);
        watch.ready(directory);
        maker.takeOver();
        Reports reports = new Reports(context, regions, frameStreams, loops, info);
        ControlRequests requests = new ControlRequests(context, regions, maker, frameStreams, streamRequests, reports);
        local = LocalServer.bind(settings.socket(), loops, requests);
        parts.push(requests::stop);
    }

    private void closeLocal() throws IOException {
        if (local != null) {
            if (stop.isComplete() && !context.leavings().anyLost()) {
                local.goodbye();
            }
            local.close();
        }
    }

    private DirectorySettings directorySettings(DataDirectory data) {
        return new DirectorySettings(
                settings.directoryEmbedded(),
                settings.directoryServers(),
                settings.listenHost(),
                settings.directoryPort(),
                data.path(),
                data.identity(),
                settings.deadlines().directorySessionMs(),
                settings.deadlines().directoryOperationMs());
    }

    private static void stop(ExecutorService slow) throws InterruptedException {
        slow.shutdownNow();
        if (!slow.awaitTermination(2, TimeUnit.SECONDS)) {
            LOG.warn("slow work is still under way; leaving it");
        }
    }

    /** Frames that were swapped here go to whoever has still to get them. */
    private void closeStreams() throws InterruptedException {
        stop.begin();
        streams.stopping();
        stop.end(streams.all());
        streams.awaitDeleted();
    }

    /** Homes come last: what programs here have written may have to go to one of them. */
    private void closeRegions() throws InterruptedException {
        stop.end(table.callers());
        context.leavings().awaitHeard(HEAR_MS);
        stop.end(table.homes());
    }

    /** Any thread: a stop that is under way, or begins later, waits for no written bytes any more. */
    public void hurry() {
        stop.hurry();
    }

    /** After {@link #close}: whether everything that was written is at home. What is not stands in the log. */
    public boolean stoppedInOrder() {
        return stop.isComplete();
    }

    /** One line for the user: where the daemon can be reached. */
    public String describe() {
        return "dsmd ready: host " + settings.name() + ", socket " + settings.socket() + ", circuits on "
                + info.listen() + ", directory " + (directory.embedded() ? "embedded on " : "")
                + directory.connectString();
    }

    public Path socket() {
        return settings.socket();
    }

    /** Circuits may come in before the tables stand; they find no home then. */
    private final class LateExchange implements CircuitServer.Exchange {
        @Override
        public CircuitServer.Home home(int regionId) {
            RegionTable regions = table;
            CircuitServer.Home stream = regions == null ? null : streams.home(regionId);
            return stream != null ? stream : regions == null ? null : regions.home(regionId);
        }

        @Override
        public Reason whyNot(int regionId, String regionName) {
            RegionTable regions = table;
            return regions == null
                    ? new Reason(FaultCause.NO_OWNER, "the daemon of this host is still starting")
                    : regions.whyNot(regionId, regionName);
        }
    }

    @Override
    public void close() throws IOException {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("stopping: {}", Reasons.of(e));
            }
        }
    }
}
