package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.daemon.sys.FreeMemory;
import io.pagewire.daemon.sys.MappedMemory;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;

/**
 * The frames of a preloaded region: a memfd that programs map, and where they may write a second one beside it, the twin: the
 * contents as of the last exchange with home. A byte that differs between the two was changed here and not published yet.
 *
 * <p>Programs store into the frames at any time. So both are mapped here, and exchanged in aligned words of eight bytes that are
 * read whole and replaced only while they are what they were: no store of a program is lost, and no aligned word torn.
 *
 * <p>{@link #hold()} and {@link #close()} by any thread; whoever holds the frames uses them, for one purpose at a time.
 */
final class PreloadedFrames implements AutoCloseable {
    private static final long ALLOCATED_AT_ONCE = 64L << 20;

    private final long span;
    private final int pageSize;
    private final int descriptor;
    private final int readOnly;
    private final int twinDescriptor;
    private final MappedMemory frames;
    private final MappedMemory twin;
    private int holders = 1;

    private PreloadedFrames(String name, long span, int pageSize, boolean writable) throws IOException {
        this.span = span;
        this.pageSize = pageSize;
        int made = -1;
        int reopened = -1;
        int second = -1;
        MappedMemory mapped = null;
        MappedMemory mappedTwin = null;
        try {
            made = Sys.memfd(name, span);
            reopened = Sys.reopenReadOnly(made);
            mapped = MappedMemory.of(made, span);
            if (writable) {
                second = Sys.memfd(name + ":twin", span);
                mappedTwin = MappedMemory.of(second, span);
            }
        } catch (IOException e) {
            closeAll(made, reopened, second, mapped, mappedTwin);
            throw e;
        }
        descriptor = made;
        readOnly = reopened;
        twinDescriptor = second;
        frames = mapped;
        twin = mappedTwin;
    }

    /** Makes frames without memory; {@link #allocate} gives it to them. */
    static PreloadedFrames create(String region, long span, int pageSize, boolean writable) throws IOException {
        String name = "pagewire-preloaded:" + region;
        return new PreloadedFrames(name.length() > 200 ? name.substring(0, 200) : name, span, pageSize, writable);
    }

    /** What programs map that only read. */
    int readOnlyDescriptor() {
        return readOnly;
    }

    /** What programs map that write. */
    int descriptor() {
        return descriptor;
    }

    boolean writable() {
        return twin != null;
    }

    /** One more user; false when the frames are closed already. */
    synchronized boolean hold() {
        if (holders == 0) {
            return false;
        }
        holders++;
        return true;
    }

    /** A user is done; the last one takes the frames away. */
    @Override
    public synchronized void close() {
        if (--holders == 0) {
            closeAll(descriptor, readOnly, twinDescriptor, frames, twin);
        }
    }

    private static void closeAll(int first, int second, int third, MappedMemory one, MappedMemory other) {
        for (MappedMemory memory : new MappedMemory[] {one, other}) {
            if (memory != null) {
                Descriptors.close(memory);
            }
        }
        for (int descriptor : new int[] {first, second, third}) {
            if (descriptor >= 0) {
                Descriptors.close(descriptor);
            }
        }
    }

    /** Bytes of memory that {@link #allocate} takes. */
    static long needed(long span, boolean writable) {
        return writable ? 2 * span : span;
    }

    /** Null when there is memory for all frames, otherwise why they cannot be had. Takes none of it. May block. */
    static String checkMemory(long span, boolean writable) throws IOException {
        long needed = needed(span, writable);
        long free = FreeMemory.bytes();
        return needed <= free
                ? null
                : "the preloaded frames" + (writable ? " and their twin" : "") + " need " + (needed >> 10)
                        + " KiB of memory, but this host has only " + (free >> 10)
                        + " KiB; map the region on demand, or free some memory";
    }

    /** Takes the memory of all frames, so that no touch of them needs any later; false when it cannot be had. Blocks. */
    boolean allocate() {
        for (long at = 0; at < span; at += ALLOCATED_AT_ONCE) {
            long length = Math.min(ALLOCATED_AT_ONCE, span - at);
            if (!Sys.allocate(descriptor, at, length) || writable() && !Sys.allocate(twinDescriptor, at, length)) {
                return false;
            }
        }
        return true;
    }

    // ---- from home -----------------------------------------------------------------------------------------------

    /** Writes a page of home's into frames that no program uses yet. */
    void fill(long page, ByteBuf from, int at) {
        frames.view(page * pageSize, pageSize).put(from.internalNioBuffer(at, pageSize));
        if (writable()) {
            twin.view(page * pageSize, pageSize).put(from.internalNioBuffer(at, pageSize));
        }
    }

    /** Takes a page of home's over, except for bytes changed here since the last exchange; true when it was news. */
    boolean merge(long page, ByteBuf from, int at) {
        boolean changed = false;
        long offset = page * pageSize;
        for (int i = 0; i < pageSize; i += 8) {
            long home = from.getLongLE(at + i);
            if (!writable()) {
                if (frames.word(offset + i) != home) {
                    frames.word(offset + i, home);
                    changed = true;
                }
            } else if (twin.word(offset + i) != home) {
                mergeWord(offset + i, twin.word(offset + i), home);
                twin.word(offset + i, home);
                changed = true;
            }
        }
        return changed;
    }

    private void mergeWord(long offset, long before, long home) {
        long here;
        long ours;
        do {
            here = frames.word(offset);
            ours = PageChange.differing(here, before);
        } while (!frames.replaceWord(offset, here, here & ours | home & ~ours));
    }

    // ---- to home -------------------------------------------------------------------------------------------------

    /** What programs have changed in the first {@code content} bytes of a page since the last exchange; null = nothing. */
    PageChange change(long page, int content) {
        long offset = page * pageSize;
        if (frames.view(offset, content).mismatch(twin.view(offset, content)) < 0) {
            return null;
        }
        PageChange change = new PageChange(page, content, PeerLayout.MAX_PAYLOAD - PeerLayout.SYNC_LENGTH);
        for (int i = 0; i < content; i += 8) {
            change.compare(i, frames.word(offset + i), twin.word(offset + i));
        }
        return change.isEmpty() ? null : change.done();
    }

    /** Home has the change: the twin has it, too. Nothing else has touched the twin since the change was found. */
    void published(PageChange change) {
        change.applyTo(twin, change.page() * pageSize);
    }
}
