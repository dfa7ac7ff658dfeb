package io.pagewire;

import io.pagewire.internal.Mapping;
import io.pagewire.internal.PrefetchThreads;
import io.pagewire.internal.Upcalls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A region mapped into this process: memory that stands at the same address in every process on every host (SPEC: V15, O1).
 * An access to a page that is not here fetches it by a page fault (SPEC: V4). Who may store was chosen when the region was made
 * (SPEC: O2, V7): with {@link Writers#OWNER} processes on the owning host, with {@link Writers#ANY} those of every host, one
 * host at a time for each page. What a host has stored and not forced ({@link #force}) is lost with that host: the pages go back
 * to what the owner has, and {@link RegionEvent.Kind#LOST} says which. Made by {@link Pagewire#map}.
 *
 * <p>A <em>preloaded</em> mapping ({@link MapOptions#preloaded()}) has all its pages from the start, and no access ever faults.
 * It sees changes of others after {@link #refresh()}, and others see its own after {@link #publish()} (SPEC: V10, V11).
 *
 * <p>A page fault in Java code holds up the garbage collector for as long as the page takes. Programs that mind call
 * {@link #prefetch} or use the bulk operations, which wait outside Java; virtual threads use {@link #prefetchAsync}. A fault
 * that cannot be served ends in a {@link PageFaultException}: at once from the methods of this class, later in a thread that
 * used {@link #buffer}.
 *
 * <p>A region that was never closed stays mapped until its {@link Pagewire} is closed; it is not closed by garbage collection.
 *
 * <p>Safe for use by any thread. {@link #close()} waits for calls into the library that run in other threads.
 */
public final class Region extends RegionAtomics implements AutoCloseable {
    /** Prefetching goes in steps, so that close need not wait for a whole region. */
    private static final long PREFETCH_STEP = 4L << 20;

    private final Consumer<Region> onClose;

    Region(Mapping mapping, Consumer<Region> onClose) {
        super(mapping);
        this.onClose = onClose;
    }

    /** The region's name, unique in its directory. */
    public String name() {
        return mapping.name();
    }

    /** The address of the first byte, the same in every process on every host (SPEC: V15). */
    public long address() {
        return mapping.address();
    }

    /** Bytes of content: what it was created with, or the exported file's length. */
    public long size() {
        return mapping.size();
    }

    /** Bytes in a page: the unit of transfer; a power of two from 4 KiB to 2 MiB. */
    public int pageSize() {
        return mapping.pageSize();
    }

    /** True when this host owns the region. IllegalStateException when closed. */
    public boolean isHome() {
        return mapping.isHome();
    }

    /** True when the region was mapped {@link MapOptions#preloaded() preloaded}. */
    public boolean isPreloaded() {
        return mapping.isPreloaded();
    }

    /**
     * What went less well when the region was mapped, in one line: that the memory of a preloaded mapping could not be locked
     * (SPEC: V10), with the limit and the command that raises it. Empty when all went well.
     */
    public Optional<String> warning() {
        return mapping.warning();
    }

    /** What catches faults of this mapping: {@code guard} or {@code mprotect}. IllegalStateException when closed. */
    public String engine() {
        return mapping.engine();
    }

    /**
     * A buffer over the region itself, in the byte order of the machine: no copy is made, its gets and puts are loads and
     * stores of the region. One that cannot be served reaches a platform thread as a {@link PageFaultException} a little later;
     * until then its loads have given zeros and its stores are lost, and a virtual thread gets none at all:
     * {@link PageFaultException} says exactly what happens. Use the methods of this class in virtual threads and wherever every
     * single access must be sure. Before a system call uses the buffer, {@link #pin} it. It must not be used after the region
     * was closed: every access then fails.
     *
     * @param offset first byte, 0 to {@code size()}
     * @param length bytes, at most 2 GiB - 1 and within the region
     * @throws IndexOutOfBoundsException when the range is not within the region
     * @throws IllegalStateException when the region is closed
     */
    public ByteBuffer buffer(long offset, int length) {
        checkRange(offset, length);
        return mapping.buffer(offset, length);
    }

    /**
     * Touches every page of the range from this thread, outside Java, so that later accesses need not wait (SPEC: V4).
     *
     * @param offset first byte
     * @param length bytes; may be 0
     * @param access what the pages are wanted for
     * @throws PageFaultException when a page could not be served; pages before it are here
     * @throws IndexOutOfBoundsException when the range is not within the region
     * @throws IllegalStateException when the region is closed, also while this runs
     */
    public void prefetch(long offset, long length, Access access) {
        Objects.requireNonNull(access, "access");
        checkRange(offset, length);
        for (long done = 0; done < length; ) {
            long from = offset + done;
            long part = Math.min(length - done, PREFETCH_STEP - (from & (PREFETCH_STEP - 1)));
            mapping.prefetch(from, part, access.right());
            done += part;
        }
    }

    /**
     * {@link #prefetch} on a platform thread of the library, for virtual threads, whose carrier a fault would block. The
     * future ends with what prefetch throws.
     */
    public CompletableFuture<Void> prefetchAsync(long offset, long length, Access access) {
        Objects.requireNonNull(access, "access");
        checkRange(offset, length);
        return CompletableFuture.runAsync(() -> prefetch(offset, length, access), PrefetchThreads.executor());
    }

    /** {@link #pin(long, long, Access, Duration)} for half the daemon's revoke deadline, the longest there is. */
    public Pin pin(long offset, long length, Access access) {
        return pin(offset, length, access, Duration.ZERO);
    }

    /**
     * Fetches the range like {@link #prefetch} and keeps its pages here, so that system calls, pthread locks and futexes may
     * use them. Other hosts that want the pages wait meanwhile, so keep it short.
     *
     * @param hold the longest the pages are kept, in ms; zero = half the revoke deadline, which is also the most
     * @throws PageFaultException when a page could not be served
     * @throws ResourceExhaustedException when 64 pins of this mapping are held
     * @throws IndexOutOfBoundsException when the range is not within the region
     * @throws IllegalStateException when the region is closed
     */
    public Pin pin(long offset, long length, Access access, Duration hold) {
        Objects.requireNonNull(access, "access");
        checkRange(offset, length);
        if (hold.isNegative() || hold.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("hold " + hold + " is not between 0 and " + Integer.MAX_VALUE + " ms");
        }
        // Rounded up: a hold below one millisecond must not turn into the zero that means the longest.
        int holdMs = (int) Math.min(Integer.MAX_VALUE, hold.plusNanos(999_999).toMillis());
        return new Pin(mapping, mapping.pin(offset, length, access.right(), holdMs));
    }

    /** {@link #force(long, long)} of the whole region. */
    public void force() {
        force(0, size());
    }

    /**
     * Returns when the owner has what processes of this host, whichever host it is, stored in the range before the call; for an
     * exported file, when it is on the owner's disk (SPEC: V7). Other hosts may be given the pages meanwhile. Takes
     * as long as bytes get on, however many there are.
     *
     * @throws PagewireException when that could not be done
     * @throws RequestTimeoutException when nothing has got on for the stall limit ({@code deadlines.stall-ms} of dsmd, 10 s), or
     *     dsmd does not answer
     * @throws IndexOutOfBoundsException when the range is not within the region
     * @throws IllegalStateException when the region is closed
     */
    public void force(long offset, long length) {
        checkRange(offset, length);
        if (length > 0) {
            mapping.force(offset, length);
        }
    }

    /**
     * Sends what programs of this host have stored in a preloaded mapping since the last exchange to the owner, page by page in
     * the order of their addresses (SPEC: V10, V11). Only bytes that differ travel, so two hosts that change different bytes of a
     * page do not undo each other. A reader elsewhere sees all of a page's changes or none.
     * Takes as long as bytes get on.
     *
     * @return pages sent
     * @throws PermissionDeniedException when the region's writers are {@link Writers#OWNER}
     * @throws RequestTimeoutException when nothing has got on for the stall limit ({@code deadlines.stall-ms} of dsmd, 10 s), or
     *     dsmd does not answer
     * @throws RegionLostException when the owner cannot be reached; what was not sent is sent by the next call
     * @throws IllegalStateException when the region is not mapped preloaded, or is closed
     */
    public long publish() {
        requirePreloaded();
        return mapping.publish();
    }

    /**
     * Takes over into a preloaded mapping what others have stored or published since the last exchange (SPEC: V10, V11). Bytes
     * that were changed here and not published keep their value.
     * Takes as long as bytes get on.
     *
     * @return pages taken over
     * @throws RequestTimeoutException when nothing has got on for the stall limit ({@code deadlines.stall-ms} of dsmd, 10 s), or
     *     dsmd does not answer
     * @throws RegionLostException when the owner cannot be reached
     * @throws IllegalStateException when the region is not mapped preloaded, or is closed
     */
    public long refresh() {
        requirePreloaded();
        return mapping.refresh();
    }

    private void requirePreloaded() {
        if (!isPreloaded()) {
            throw new IllegalStateException(
                    "region '" + name() + "' is not mapped preloaded: its changes travel by themselves, page by page");
        }
    }

    /** Counts since the region was mapped. IllegalStateException when closed. */
    public RegionStats stats() {
        return RegionStats.of(mapping.stats(RegionStats.FIELDS));
    }

    /**
     * Calls the listener with every event of this mapping from now on, until the subscription or the region is closed.
     *
     * @throws IllegalStateException when the region is closed
     */
    public Subscription addListener(RegionListener listener) {
        Objects.requireNonNull(listener, "listener");
        return mapping.withHandle(handle -> Upcalls.add(handle, listener));
    }

    /**
     * Takes the mapping away. The addresses stay reserved: a buffer or pointer that was kept fails and never reads memory that
     * something else was given. Waits for calls of other threads into the library to end; their waits have deadlines.
     *
     * <p>When this was the last mapping of the region on this host, and its programs have written pages that are not home yet,
     * then waits until they are; of a preloaded mapping, until what it changed is published. That takes as long as bytes get
     * there. The region is closed whatever this throws. Idempotent: a second call does nothing, and does not wait.
     *
     * @throws NotHomeException when pages are not home, and nothing has got there for the stall limit of this host's dsmd, or
     *     home has not taken them; it names them
     * @throws DaemonUnreachableException when dsmd has ended, and with it what was written here and was not home
     * @throws RequestTimeoutException when dsmd does not answer
     * @throws IllegalStateException when called from a callback of a call into this region, which it would wait for
     */
    @Override
    public void close() {
        close(Duration.ZERO, null);
    }

    /** {@link #close()}, but waits no longer than this for written pages to be home; zero = as long as bytes get there. */
    public void close(Duration limit) {
        close(limit, null);
    }

    /**
     * {@link #close()} with a limit, and told how far it has come.
     *
     * @param limit the longest it waits for written pages to be home, up to {@code Integer.MAX_VALUE} ms; zero = as long as bytes
     *     get there. When it is over, {@link NotHomeException} names those that are not, and dsmd goes on with them
     * @param progress called about ten times a second with the bytes that are home of those that were not; what it throws ends
     *     the wait, and this throws it. May be null
     */
    public void close(Duration limit, Progress progress) {
        if (limit.isNegative() || limit.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("limit " + limit + " is not between 0 and " + Integer.MAX_VALUE + " ms");
        }
        refuseAccess();
        long leave = mapping.close();
        if (leave == 0) {
            return;
        }
        try {
            // Rounded up: a limit below one millisecond must not turn into the zero that means none.
            int limitMs =
                    (int) Math.min(Integer.MAX_VALUE, limit.plusNanos(999_999).toMillis());
            Mapping.awaitHome(leave, limitMs, progress);
        } finally {
            onClose.accept(this);
        }
    }

    @Override
    public String toString() {
        return "Region[" + name() + ", " + size() + " bytes at 0x" + Long.toHexString(address()) + "]";
    }
}
