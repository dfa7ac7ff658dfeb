package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Cause;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.BitSet;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An exported file (SPEC: V9). Opened once; the descriptor is what programs of this host map. Bytes that are in the page
 * cache are read at once, others are first brought in on a thread that may block; so are all of a file whose file system does not
 * say which are there. The part of the last page behind the end of
 * the file reads as zeros; a file that somebody made shorter is an error for the pages that are missing.
 *
 * <p>{@link #read}, {@link #write} and {@link #reserve} belong to the region's event loop, {@link #warm} and {@link #force} may be called by any thread.
 */
final class FileSource implements PageSource {
    private static final Logger LOG = LoggerFactory.getLogger(FileSource.class);
    private static final int BLOCK = 4096;

    private final String path;
    private final int descriptor;
    private final int readOnly;
    private final boolean writable;
    private final long size;
    private final FileChannel channel;
    private ResidentFile resident; // set before anybody else sees this object
    private final boolean hasHoles;
    private final BitSet reserved = new BitSet();

    /** Blocks that have been brought in and are to be read next: without another look whether they are there. */
    private final BitSet brought = new BitSet();

    private volatile boolean hasBrought;
    private boolean looks = true;

    private FileSource(
            String path,
            int descriptor,
            int readOnly,
            boolean writable,
            long size,
            FileChannel channel,
            boolean hasHoles) {
        this.path = path;
        this.descriptor = descriptor;
        this.readOnly = readOnly;
        this.hasHoles = hasHoles;
        this.writable = writable;
        this.size = size;
        this.channel = channel;
    }

    /** Opens the file, for writing too when its permissions allow that. {@code size}: what the region was made with. */
    static FileSource open(String path, boolean writable, long size) throws IOException {
        int descriptor = Sys.openFile(path, writable);
        int readOnly = -1;
        try {
            readOnly = Sys.reopenReadOnly(descriptor);
            boolean hasHoles = writable && Sys.nextHole(descriptor, 0) < size;
            FileChannel channel = Sys.channel(descriptor, writable);
            return new FileSource(path, descriptor, readOnly, writable, size, channel, hasHoles);
        } catch (IOException e) {
            Descriptors.close(descriptor);
            if (readOnly >= 0) {
                Descriptors.close(readOnly);
            }
            throw e;
        }
    }

    /** Reads the file and locks it in memory from now on, as far as that is allowed. */
    void makeResident(Executor slow) throws IOException {
        resident = ResidentFile.fill(path, descriptor, size, channel, slow);
    }

    @Override
    public Filling filling() {
        return resident;
    }

    @Override
    public int read(ByteBuf to, long offset, int length) {
        int inFile = (int) Math.max(0, Math.min(length, size - offset));
        ByteBuffer view = to.internalNioBuffer(to.writerIndex(), inFile);
        long at = offset;
        try {
            while (view.hasRemaining()) {
                int read = looks ? Sys.readNoWait(descriptor, view, at) : Sys.CANNOT_TELL;
                looks &= read != Sys.CANNOT_TELL;
                if (read <= 0) {
                    // They may have left again, but to bring them in once more could go on for ever.
                    if (!isBrought(offset, inFile)) {
                        return COLD;
                    }
                    read = Sys.read(descriptor, view, at);
                }
                if (read == 0) {
                    return Cause.FILE_ERROR;
                }
                at += read;
            }
            if (hasBrought) {
                forgetBrought(offset, inFile);
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be read at {}: {}", path, at, Reasons.of(e));
            return Cause.FILE_ERROR;
        }
        to.writerIndex(to.writerIndex() + inFile);
        if (inFile < length) {
            to.writeZero(length - inFile);
        }
        return READ;
    }

    /** A file that somebody made shorter is not made longer again: its missing pages are an error. */
    @Override
    public int write(ByteBuf from, int at, int length, long offset) {
        int inFile = (int) Math.max(0, Math.min(length, size - offset));
        ByteBuffer view = from.internalNioBuffer(at, inFile);
        try {
            if (!writable || channel.size() < offset + inFile) {
                LOG.warn(
                        "{} is shorter than the region or may not be written; {} bytes at {} have no place there",
                        path,
                        inFile,
                        offset);
                return Cause.FILE_ERROR;
            }
            long to = offset;
            while (view.hasRemaining()) {
                to += channel.write(view, to);
            }
            return 0;
        } catch (IOException e) {
            LOG.warn("{} cannot be written at {}: {}", path, offset, Reasons.of(e));
            return Cause.FILE_ERROR;
        }
    }

    /**
     * A file that was made shorter has no place for these pages. Has the file system give blocks to the holes of a sparse
     * file, so that a full disk is an error of the fault and not a lost store.
     */
    @Override
    public void reserve(long offset, long length) throws IOException {
        long inFile = Math.min(size, offset + length);
        if (channel.size() < inFile) {
            throw new IOException(
                    path + " has " + channel.size() + " bytes now, so there is no place for those up to " + inFile);
        }
        int first = (int) (offset / BLOCK);
        int end = (int) ((inFile + BLOCK - 1) / BLOCK);
        if (!hasHoles || reserved.nextClearBit(first) >= end) {
            return;
        }
        try {
            Sys.reserve(descriptor, offset, inFile - offset);
        } catch (IOException e) {
            throw new IOException(
                    "no room on the file system of " + path + " for " + length + " bytes at " + offset + ": "
                            + Reasons.of(e),
                    e);
        }
        reserved.set(first, end);
    }

    private boolean isBrought(long offset, int length) {
        synchronized (brought) {
            return brought.nextClearBit((int) (offset / BLOCK)) * (long) BLOCK >= offset + length;
        }
    }

    private void forgetBrought(long offset, int length) {
        synchronized (brought) {
            brought.clear((int) (offset / BLOCK), (int) ((offset + length + BLOCK - 1) / BLOCK));
            hasBrought = !brought.isEmpty();
        }
    }

    @Override
    public int warm(long offset, int length) {
        int cause = bringIn(offset, length);
        synchronized (brought) {
            brought.set((int) (offset / BLOCK), (int) ((offset + length + BLOCK - 1) / BLOCK));
            hasBrought = true;
        }
        return cause;
    }

    private int bringIn(long offset, int length) {
        ByteBuffer scratch = ByteBuffer.allocateDirect(64 << 10);
        long end = Math.min(size, offset + length);
        try {
            for (long at = offset; at < end; ) {
                scratch.clear().limit((int) Math.min(scratch.capacity(), end - at));
                int read = channel.read(scratch, at);
                if (read <= 0) {
                    return at == offset ? Cause.FILE_ERROR : 0;
                }
                at += read;
            }
            return 0;
        } catch (IOException e) {
            LOG.warn("{} cannot be read at {}: {}", path, offset, Reasons.of(e));
            return Cause.FILE_ERROR;
        }
    }

    @Override
    public void force() throws IOException {
        if (writable) {
            channel.force(false);
        }
    }

    @Override
    public WrittenBack watchForce() throws IOException {
        return writable ? new WrittenBack(descriptor, size) : null;
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public int readOnlyDescriptor() {
        return readOnly;
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public void close() {
        if (resident != null) {
            resident.close();
        }
        Descriptors.close(channel);
        Descriptors.close(descriptor);
        Descriptors.close(readOnly);
    }
}
