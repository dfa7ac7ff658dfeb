package io.pagewire.daemon.region;

import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.sys.MappedMemory;
import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who holds which pages of an exported region, in a mapped file: it outlives a {@code dsmd} that is killed, so that the next one
 * takes back what other hosts have written (ARCHITECTURE.md, rule 19). Every entry is one aligned word, so it is there or not.
 *
 * <pre>
 *        0   header: magic, region, pages, page size, directory, boot of the machine (2), device, inode; 8 bytes each
 *     4096   255 hosts of 512 bytes: session, circuit, flags (1 = here, 2 = doubtful), bytes of the name; 8 bytes each; the name
 *   135168   a word a page: slot + 1 of its holder in the upper half, grant number in the lower; 0 = home
 * </pre>
 *
 * <p>Belongs to the region's event loop; {@link #open} and {@link #retain} may block.
 */
final class HolderBook implements AutoCloseable {
    /** What a restarted home is told. */
    interface Reader {
        void host(int slot, long session, int circuit, String host, boolean doubtful);

        /** A page that the host of this slot holds; all hosts have been told before. */
        void page(int slot, long page, int grantNumber);
    }

    private static final Logger LOG = LoggerFactory.getLogger(HolderBook.class);
    private static final long MAGIC = 0x31304B4F4F425750L; // PWBOOK01
    private static final int HOSTS_AT = 4096;
    private static final int HOSTS = 255;
    private static final int HOST_BYTES = 512;
    private static final int CIRCUIT = 8;
    private static final int FLAGS = 16;
    private static final int NAME_LENGTH = 24;
    private static final int NAME = 32;
    private static final int PAGES_AT = 135168;
    private static final int HERE = 1;
    private static final int DOUBTFUL = 2;

    private final Path path;
    private final long pages;
    /** Null when it is closed. */
    private MappedMemory memory;

    private HolderBook(Path path, long pages, MappedMemory memory) {
        this.path = path;
        this.pages = pages;
        this.memory = memory;
    }

    private static Path folder(Path data) {
        return data.resolve("holders");
    }

    /**
     * The book of a region; an empty one when it is new, and when there is none that says anything about the file as it is now.
     *
     * @param data directory of this daemon, which has it locked
     * @param directory incarnation of the directory
     * @param restarted false when the region has just been made
     */
    static HolderBook open(Path data, RegionRecord record, long directory, boolean restarted) throws IOException {
        Path path = Files.createDirectories(folder(data)).resolve(Integer.toHexString(record.id()));
        long pages = record.span() / record.pageSize();
        long[] header = header(record, pages, directory);
        long length = PAGES_AT + (pages * 8 + 4095 & -4096);
        if (restarted && Files.exists(path) && Files.size(path) == length) {
            MappedMemory memory = map(path, length);
            if (matches(memory, header)) {
                return new HolderBook(path, pages, memory);
            }
            memory.close();
        }
        if (restarted) {
            LOG.warn(
                    "region {}: who held its pages is not known; what other hosts have written and not brought home is lost",
                    record.name());
        }
        Files.deleteIfExists(path);
        Files.createFile(path);
        MappedMemory memory = map(path, length);
        for (int i = header.length - 1; i >= 0; i--) {
            memory.word(i * 8L, header[i]);
        }
        return new HolderBook(path, pages, memory);
    }

    private static MappedMemory map(Path path, long length) throws IOException {
        int descriptor = Sys.openFile(path.toString(), true);
        try (var channel = Sys.channel(descriptor, true)) {
            if (channel.size() < length) {
                // A store into a page without a block could not be refused: the end of this daemon, on a full disk.
                if (Sys.reserve(descriptor, 0, length)) {
                    channel.write(ByteBuffer.allocate(1), length - 1);
                } else {
                    writeZeros(channel, length);
                }
            }
            return MappedMemory.of(descriptor, length);
        } finally {
            Sys.close(descriptor);
        }
    }

    private static void writeZeros(FileChannel channel, long length) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(64 << 10);
        for (long at = channel.size(); at < length; ) {
            zeros.position(0).limit((int) Math.min(zeros.capacity(), length - at));
            at += channel.write(zeros, at);
        }
    }

    private static long[] header(RegionRecord record, long pages, long directory) throws IOException {
        UUID boot = UUID.fromString(
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim());
        Path file = Path.of(record.file());
        return new long[] {
            MAGIC,
            record.id(),
            pages,
            record.pageSize(),
            directory,
            boot.getMostSignificantBits(),
            boot.getLeastSignificantBits(),
            ((Number) Files.getAttribute(file, "unix:dev")).longValue(),
            ((Number) Files.getAttribute(file, "unix:ino")).longValue()
        };
    }

    private static boolean matches(MappedMemory memory, long[] header) {
        for (int i = 0; i < header.length; i++) {
            if (memory.word(i * 8L) != header[i]) {
                return false;
            }
        }
        return true;
    }

    /** Forgets the books of all regions but these. */
    static void retain(Path data, Set<Integer> regions) throws IOException {
        if (!Files.isDirectory(folder(data))) {
            return;
        }
        Set<String> names = regions.stream().map(Integer::toHexString).collect(Collectors.toSet());
        try (DirectoryStream<Path> books = Files.newDirectoryStream(folder(data))) {
            for (Path book : books) {
                if (!names.contains(book.getFileName().toString())) {
                    Files.delete(book);
                }
            }
        }
    }

    /** Tells all that stands here. */
    void read(Reader reader) {
        boolean[] here = new boolean[HOSTS];
        for (int slot = 0; slot < HOSTS; slot++) {
            long at = at(slot);
            long flags = memory.word(at + FLAGS);
            int length = (int) memory.word(at + NAME_LENGTH);
            if ((flags & HERE) != 0 && length > 0 && length <= HOST_BYTES - NAME) {
                here[slot] = true;
                byte[] name = new byte[length];
                memory.view(at + NAME, length).get(name);
                reader.host(
                        slot,
                        memory.word(at),
                        (int) memory.word(at + CIRCUIT),
                        new String(name, StandardCharsets.UTF_8),
                        (flags & DOUBTFUL) != 0);
            }
        }
        for (long page = 0; page < pages; page++) {
            long word = memory.word(PAGES_AT + page * 8);
            int slot = (int) (word >>> 32) - 1;
            if (slot >= 0 && slot < HOSTS && here[slot]) {
                reader.page(slot, page, (int) word);
            } else if (word != 0) {
                memory.word(PAGES_AT + page * 8, 0);
            }
        }
    }

    private static long at(int slot) {
        return HOSTS_AT + (long) slot * HOST_BYTES;
    }

    private boolean has(int slot) {
        return memory != null && slot < HOSTS;
    }

    /** A host has joined, with nothing. */
    void joined(int slot, long session, int circuit, String host) {
        byte[] name = host.getBytes(StandardCharsets.UTF_8);
        if (!has(slot) || name.length > HOST_BYTES - NAME) {
            return;
        }
        long at = at(slot);
        memory.word(at + FLAGS, 0);
        memory.word(at, session);
        memory.word(at + CIRCUIT, circuit);
        memory.view(at + NAME, name.length).put(name);
        memory.word(at + NAME_LENGTH, name.length);
        memory.word(at + FLAGS, HERE);
    }

    /** The host is gone, and holds nothing any more. */
    void gone(int slot) {
        if (has(slot)) {
            memory.word(at(slot) + FLAGS, 0);
        }
    }

    /** Something that the host has, or had, was given away or could not be stored. */
    void doubt(int slot) {
        if (has(slot)) {
            long at = at(slot) + FLAGS;
            memory.word(at, memory.word(at) | DOUBTFUL);
        }
    }

    void holds(int slot, long first, int count, int grantNumber) {
        long word = (long) (slot + 1) << 32 | grantNumber & 0xFFFFFFFFL;
        for (long page = first; has(slot) && page < first + count; page++) {
            memory.word(PAGES_AT + page * 8, word);
        }
    }

    void home(long first, int count) {
        for (long page = first; memory != null && page < first + count; page++) {
            memory.word(PAGES_AT + page * 8, 0);
        }
    }

    /** The region is no more. */
    void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void close() throws IOException {
        if (memory != null) {
            MappedMemory mapped = memory;
            memory = null;
            mapped.close();
        }
    }
}
