package io.pagewire;

import io.pagewire.internal.EmbeddedDaemon;
import io.pagewire.internal.JnaGuard;
import io.pagewire.internal.Link;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A connection to the {@code dsmd} of this host, through which regions are made and mapped, and streams of frames published and
 * subscribed to.
 *
 * <pre>{@code
 * try (Pagewire pagewire = Pagewire.connect();
 *         Region prices = pagewire.map("prices")) {
 *     double first = prices.getDouble(0);
 * }
 *
 * try (Pagewire pagewire = Pagewire.connect();
 *         FrameReader video = pagewire.subscribeFrames("video")) {
 *     while (video.next().isPresent()) {
 *         show(video.window());
 *     }
 * }
 * }</pre>
 *
 * Every method that speaks to the daemon ends when dsmd has answered, which its own deadlines see to, at the latest when dsmd has
 * been silent for the deadline of {@link ConnectOptions}. It throws a subclass of {@link PagewireException}: besides those named at
 * the method, {@link DaemonUnreachableException} when dsmd has gone, {@link RequestTimeoutException} when it is silent,
 * {@link DirectoryUnreachableException} when it cannot reach
 * its directory. A closed connection throws {@link IllegalStateException}.
 *
 * <p>Safe for use by any thread.
 */
public final class Pagewire implements AutoCloseable {
    private final Link link;
    private final EmbeddedDaemon daemon;
    private final Set<Region> regions = ConcurrentHashMap.newKeySet();
    private final Set<FrameWriter> writers = ConcurrentHashMap.newKeySet();
    private final Set<FrameReader> readers = ConcurrentHashMap.newKeySet();

    /** daemon: null when it is not ours. */
    private Pagewire(Link link, EmbeddedDaemon daemon) {
        this.link = link;
        this.daemon = daemon;
    }

    /** Connects to the dsmd of this host at its default socket; see {@link #connect(ConnectOptions)}. */
    public static Pagewire connect() {
        return connect(ConnectOptions.defaults());
    }

    /** Connects to the dsmd at this socket; see {@link #connect(ConnectOptions)}. */
    public static Pagewire connect(Path socket) {
        return connect(ConnectOptions.defaults().withSocket(socket));
    }

    /**
     * Connects to a dsmd of this host (SPEC: V14).
     *
     * @throws DaemonUnreachableException when no daemon listens at the socket
     * @throws ProtocolMismatchException when something else listens there, or another version
     * @throws PagewireException when JNA's protected mode is on in this JVM, or the native library cannot be loaded
     */
    public static Pagewire connect(ConnectOptions options) {
        Objects.requireNonNull(options, "options");
        JnaGuard.check();
        return new Pagewire(Link.open(options), null);
    }

    /** {@link #embedded(EmbeddedOptions)} with the defaults: a host of its own, with temporary data. */
    public static Pagewire embedded() {
        return embedded(EmbeddedOptions.defaults());
    }

    /**
     * Starts a private dsmd as a child process and connects to it; {@link #close()} stops it. It ends with this process in
     * any case. The launcher {@code tools/dsmd} is looked for where the system property {@code pagewire.home} or the
     * environment variable {@code PAGEWIRE_HOME} says, else above the place of this class in a checkout.
     *
     * <p>It is a process, not a thread, because a Java thread that waits for a page cannot reach a safepoint: a daemon in the
     * same JVM would be stopped by the first garbage collection that the waiting thread holds up.
     *
     * @throws DaemonUnreachableException when the child ends or does not answer before its start deadline; the message has the
     *     end of its output
     * @throws PagewireException when the launcher cannot be found or started
     */
    public static Pagewire embedded(EmbeddedOptions options) {
        Objects.requireNonNull(options, "options");
        JnaGuard.check();
        EmbeddedDaemon daemon = EmbeddedDaemon.start(options);
        try {
            ConnectOptions connect = ConnectOptions.defaults().withSocket(daemon.socket());
            return daemon.awaitReady(options.startDeadline(), () -> new Pagewire(Link.open(connect), daemon));
        } catch (Throwable e) {
            daemon.close();
            throw e;
        }
    }

    /** {@link #create(String, long, RegionOptions)} with pages of 4 KiB that only this host writes. */
    public void create(String name, long size) {
        create(name, size, RegionOptions.defaults());
    }

    /** {@link #create(String, long, RegionOptions)} with pages of this size that only this host writes. */
    public void create(String name, long size, int pageSize) {
        create(name, size, RegionOptions.defaults().withPageSize(pageSize));
    }

    /**
     * Creates a region filled with zeros; this host becomes its owner (SPEC: V8, O2).
     *
     * @param name unique in the directory; 1 to 255 bytes of UTF-8
     * @param size bytes, more than 0; rounded up to whole pages in memory
     * @param options page size and writers
     * @throws RegionExistsException when the name is taken
     * @throws InvalidRequestException when name, size or page size is not acceptable, or the region is to be resident
     * @throws ResourceExhaustedException when there is no room for it
     */
    public void create(String name, long size, RegionOptions options) {
        link.create(name, size, options);
    }

    /** {@link #export(String, Path, RegionOptions)} with pages of 4 KiB that only this host writes, read on demand. */
    public void export(String name, Path file) {
        export(name, file, RegionOptions.defaults());
    }

    /** {@link #export(String, Path, RegionOptions)} with pages of this size that only this host writes, read on demand. */
    public void export(String name, Path file, int pageSize) {
        export(name, file, RegionOptions.defaults().withPageSize(pageSize));
    }

    /**
     * Makes an existing file a region of this host; its contents are the region's, in both directions. With
     * {@link RegionOptions#resident()} the call returns when all blocks have been read and locked in memory (SPEC: V9), and when
     * it fails before that the name is free again.
     *
     * @param file relative to the working directory of this process; must keep its length while it is exported
     * @param options page size, writers, whether the file is held in memory
     * @return a warning when dsmd may not lock the file in memory, with the limit and the command that raises it, or when the region
     *     can only be read because dsmd cannot open the file for writing, with the reason; else empty
     * @throws FileUnavailableException when there is no such file, it is no regular file, or a block cannot be read
     * @throws PermissionDeniedException when dsmd may not read it
     * @throws RegionExistsException when the name is taken
     * @throws InvalidRequestException when name or page size is not acceptable
     * @throws RequestTimeoutException when dsmd does not answer, or no block more is read, within the deadline
     */
    public Optional<String> export(String name, Path file, RegionOptions options) {
        return link.export(name, file.toAbsolutePath(), options);
    }

    /**
     * Forgets a region everywhere; accesses to mappings of it fail from then on. Exported files stay. A stream of this name whose
     * producer is on this host ends, with an error for its producer and its consumers.
     *
     * @throws RegionNotFoundException when there is none of this name
     * @throws PermissionDeniedException when another host owns it
     */
    public void delete(String name) {
        link.delete(name);
    }

    /** {@link #map(String, MapOptions)} with the defaults: on demand; the first fault sets the circuit to the owner up. */
    public Region map(String name) {
        return map(name, MapOptions.defaults());
    }

    /**
     * Maps a region at its address, which is the same in every process on every host (SPEC: V14, V15, O1, O3). A preloaded
     * mapping is filled and locked in memory before the call returns (SPEC: V10, V11); a call that fails leaves nothing mapped.
     *
     * @throws RegionNotFoundException when there is none of this name
     * @throws RegionBusyException when this process has it mapped already
     * @throws AddressInUseException when something else stands in its address range
     * @throws RegionRefusedException when eager or preloaded, and the owner refuses
     * @throws RegionLostException when eager or preloaded, and the owner cannot be reached
     * @throws InvalidRequestException when there is a period and the mapping is not preloaded
     * @throws ResourceExhaustedException when preloaded, and there is no memory for all pages
     * @throws RequestTimeoutException when dsmd does not answer, or nothing more of a preloaded mapping is filled, within the
     *     deadline
     */
    public Region map(String name, MapOptions options) {
        JnaGuard.check();
        return link.whileOpen(() -> {
            Region region = new Region(link.map(name, options), regions::remove);
            regions.add(region);
            return region;
        });
    }

    /**
     * Opens the one producer's end of a stream of frames (SPEC: V12). The stream is in the directory from then on, and until the
     * writer is closed or this process ends.
     *
     * @param name unique in the directory, also among regions; 1 to 255 bytes of UTF-8
     * @throws RegionExistsException when a region has that name
     * @throws RegionBusyException when the stream has a producer; the message says where
     * @throws AddressInUseException when something else stands in its address range
     * @throws InvalidRequestException when the name is not acceptable
     * @throws ResourceExhaustedException when there is no memory or address space for its frames
     */
    public FrameWriter publishFrames(String name, FrameOptions options) {
        Objects.requireNonNull(options, "options");
        JnaGuard.check();
        return link.whileOpen(() -> {
            FrameWriter writer = new FrameWriter(link.publishFrames(name, options), writers::remove);
            writers.add(writer);
            return writer;
        });
    }

    /** {@link #subscribeFrames(String, SubscribeOptions)} with the defaults: every frame, and 5 s for a producer to come. */
    public FrameReader subscribeFrames(String name) {
        return subscribeFrames(name, SubscribeOptions.defaults());
    }

    /**
     * Opens a consumer's end of a stream of frames (SPEC: V12). It sees the frames that are swapped from now on; the first consumer
     * of all also those that were kept for it.
     *
     * @throws RegionNotFoundException when there is no such stream within {@link SubscribeOptions#producerWait()}, or a region
     *     has that name
     * @throws RegionLostException when the producer's host cannot be reached
     * @throws RegionRefusedException when the producer's host refuses
     * @throws AddressInUseException when something else stands in its address range
     * @throws ResourceExhaustedException when there is no memory for its frames, or the stream has no place for another consumer
     */
    public FrameReader subscribeFrames(String name, SubscribeOptions options) {
        Objects.requireNonNull(options, "options");
        JnaGuard.check();
        return link.whileOpen(() -> {
            FrameReader reader = new FrameReader(link.subscribeFrames(name, options), readers::remove);
            readers.add(reader);
            return reader;
        });
    }

    /**
     * Asks the daemon for its state.
     *
     * <p>{@code regions} tells of the first 1000 by name. When there are more, the answer has a field {@code next}, and
     * {@code regions 1000 NEXT} tells of those after it.
     *
     * @param what {@code status}, {@code regions}, {@code region NAME}, {@code streams}, {@code circuits} or {@code pages NAME}
     * @return JSON text
     * @throws InvalidRequestException when the question is none of these
     * @throws RegionNotFoundException when there is no such region
     */
    public String query(String what) {
        return link.query(what);
    }

    /** The name of this host, as dsmd announced it. */
    public String host() {
        return link.host();
    }

    /** The socket of dsmd. */
    public Path socket() {
        return link.socket();
    }

    /**
     * Closes every region and both ends of every stream of this connection (see {@link Region#close()},
     * {@link FrameWriter#close()}, {@link FrameReader#close()}) and the connection, and stops the daemon if it is an embedded one;
     * returns when all has ended. Idempotent. An error of one does not keep the others from being closed: the first is thrown in
     * the end, the others are suppressed in it.
     */
    @Override
    public void close() {
        List<RuntimeException> errors = new ArrayList<>();
        link.refuse();
        try {
            link.close(() -> closeAll(errors));
        } finally {
            if (daemon != null) {
                daemon.close();
            }
        }
        if (!errors.isEmpty()) {
            RuntimeException first = errors.remove(0);
            errors.forEach(first::addSuppressed);
            throw first;
        }
    }

    private void closeAll(List<RuntimeException> errors) {
        writers.forEach(writer -> close(writer::close, errors));
        readers.forEach(reader -> close(reader::close, errors));
        regions.forEach(region -> close(region::close, errors));
    }

    private static void close(Runnable end, List<RuntimeException> errors) {
        try {
            end.run();
        } catch (RuntimeException e) {
            errors.add(e);
        }
    }

    @Override
    public String toString() {
        return "Pagewire[" + host() + " at " + socket() + "]";
    }
}
