package io.pagewire.daemon.region;

import io.netty.channel.EventLoop;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the home of a region with the bytes its kind asks for. Blocks.
 *
 * <p>Stateless; safe for use by any thread that may block.
 */
public final class Sources {
    private Sources() {}

    /** The home of a region; throws when its frames or its file cannot be had. */
    public static HomeRuntime home(
            RegionContext context, RegionRecord record, EventLoop loop, OwnerRecord claim, boolean restarted)
            throws IOException {
        PageSource source = record.kind() == Kind.CREATED
                ? MemorySource.create("pagewire:" + record.id(), record.span())
                : FileSource.open(record.file(), Files.isWritable(Path.of(record.file())), record.size());
        try {
            if (record.resident()) {
                ((FileSource) source).makeResident(context.slow());
            }
            return new HomeRuntime(context, record, loop, source, claim, restarted);
        } catch (IOException | RuntimeException | Error e) {
            source.close();
            throw e;
        }
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
