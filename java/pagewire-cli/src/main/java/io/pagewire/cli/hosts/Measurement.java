package io.pagewire.cli.hosts;

import static io.pagewire.cli.hosts.Tasks.pages;
import static io.pagewire.cli.hosts.Tasks.region;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;

/**
 * Measures faults between two private hosts, in rounds that alternate with the raw floor, because what the machine does at
 * best changes within minutes.
 *
 * <p>Pages are touched in random order and never next to each other, so that read-ahead cannot bring one before it is asked
 * for. Read faults go to an exported file that nobody writes; write faults go to a created region of the owner's, every page
 * of which the reader has just read.
 *
 * <p>Not thread safe: one thread measures.
 */
public final class Measurement {
    private static final int ROUND = 250;
    private static final String WRITTEN = "measure-written";

    private final Actor owner;
    private final Actor reader;
    private final Actor second;
    private final Floor floor;
    private final Path file;
    private final int filePages;
    private final PageOrder order = new PageOrder();

    private int exports;
    private String region;
    private int[] fresh = new int[0];
    private int used;
    private boolean written;

    /**
     * Measures with a program on the owning host and two on the other one.
     *
     * @param file to export; larger than 2 MiB
     * @param bytes of the file
     */
    public Measurement(Actor owner, Actor reader, Actor second, Floor floor, Path file, long bytes) {
        this.owner = owner;
        this.reader = reader;
        this.second = second;
        this.floor = floor;
        this.file = file;
        filePages = (int) Math.min(bytes / 4096, 1 << 20);
    }

    /** Read faults of pages that the other host has, and of pages that another process of this host has brought already. */
    public void readFaults(int pages, Samples remote, Samples local, Samples rawPage, Samples rawSmall) {
        for (int left = pages; left > 0; left -= ROUND) {
            int count = Math.min(ROUND, left);
            int[] round = freshPages(count);
            rawPage.add(floor.page(count));
            remote.add(reader.ask("touch", pages(region, round)).path("samples"));
            rawSmall.add(floor.small(count));
            local.add(second.ask("touch", pages(region, round)).path("samples"));
        }
    }

    /** Write faults of the owner on pages of which the other host has a copy; that host reads them again after each round. */
    public void writeFaults(int pages, Samples write, Samples rawSmall) {
        if (!written) {
            owner.ask("create", region(WRITTEN).put("size", 2L * ROUND * 4096));
            written = true;
        }
        for (int left = pages; left > 0; left -= ROUND) {
            int[] round = order.apart(ROUND, Math.min(ROUND, left));
            reader.ask("touch", pages(WRITTEN, round));
            rawSmall.add(floor.small(round.length));
            write.add(owner.ask("store", pages(WRITTEN, order.shuffle(round))).path("samples"));
        }
    }

    /** Reads so many bytes of the file in order on the other host, then as many from the floor: {bytes, ns, raw bytes, raw ns}. */
    public long[] scan(long bytes) {
        return scan(reader, bytes);
    }

    /** The same by a program on any host. */
    public long[] scan(Actor program, long bytes) {
        long length = Math.min(bytes, filePages * 4096L) >> 20 << 20;
        export();
        program.ask("map", region(region));
        JsonNode ours = program.ask("scan", region(region).put("offset", 0).put("length", length));
        program.ask("unmap", region(region));
        long[] raw = floor.stream((int) (length >> 20));
        return new long[] {length, ours.path("ns").asLong(), raw[0], raw[1]};
    }

    private int[] freshPages(int count) {
        if (used + count > fresh.length) {
            export();
            fresh = order.apart(filePages / 2, filePages / 2);
            used = 0;
        }
        int[] pages = new int[count];
        System.arraycopy(fresh, used, pages, 0, count);
        used += count;
        return pages;
    }

    /** A region of the file of which no other host has a page yet, in the place of the one before: a file is exported once. */
    private void export() {
        if (region != null) {
            reader.ask("unmap", region(region));
            second.ask("unmap", region(region));
            owner.ask("delete", region(region));
        }
        region = "measure-" + ++exports;
        used = fresh.length;
        owner.ask("export", region(region).put("file", file.toString()));
    }
}
