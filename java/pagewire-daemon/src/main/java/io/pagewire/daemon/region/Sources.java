package io.pagewire.daemon.region;

import io.netty.channel.EventLoop;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the home of a region with the bytes its kind asks for. Blocks.
 *
 * <p>Stateless; safe for use by any thread that may block.
 */
public final class Sources {
    private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

    private Sources() {}

    /**
     * The home of a region; throws when its frames or its file cannot be had.
     *
     * @param writable whether the file of an exported region may be opened for writing
     */
    public static HomeRuntime home(
            RegionContext context,
            RegionRecord record,
            EventLoop loop,
            OwnerRecord claim,
            boolean restarted,
            boolean writable)
            throws IOException {
        PageSource source = record.kind() == Kind.CREATED
                ? MemorySource.create("pagewire:" + record.id(), record.span())
                : FileSource.open(record.file(), writable, record.size());
        try {
            if (record.resident()) {
                ((FileSource) source).makeResident(context.slow());
            }
            HolderBook book =
                    record.kind() == Kind.EXPORTED && record.anyWriter() ? book(context, record, restarted) : null;
            return new HomeRuntime(context, record, loop, source, claim, restarted, book);
        } catch (IOException | RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    /** Null when it cannot be had: then a restart of dsmd loses what other hosts hold at that moment. */
    private static HolderBook book(RegionContext context, RegionRecord record, boolean restarted) {
        try {
            return HolderBook.open(
                    context.settings().data(), record, context.directory().incarnation(), restarted);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn(
                    "region {}: who holds its pages cannot be written down, so what other hosts have not brought home is lost"
                            + " when this dsmd is killed: {}",
                    record.name(),
                    Reasons.of(e));
            return null;
        }
    }

    /** Forgets what was written down about regions that are no more. */
    public static void forgetAllBut(RegionContext context, Set<Integer> regions) throws IOException {
        HolderBook.retain(context.settings().data(), regions);
    }

    /** Null when an exported file still fits its region, otherwise what has happened to it. */
    public static String changed(RegionRecord record) throws IOException {
        Path path = Path.of(record.file());
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            return "the exported file " + path + " is not there any more or may not be read";
        }
        long size = Files.size(path);
        return size >= record.size()
                ? null
                : "the exported file " + path + " has " + size + " bytes now and had " + record.size()
                        + " when it was exported; delete the region and export it again";
    }
}
