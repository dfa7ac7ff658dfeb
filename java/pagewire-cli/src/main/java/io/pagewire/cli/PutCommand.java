package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl put}: standard input into a region, written by page faults.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "put",
        description = {
            "Writes standard input into a region that this host owns.",
            "Other hosts lose their copies of the pages and see the new bytes at their next access. "
                    + "Input that does not fit is an error; the part that fits is written."
        },
        footer = {"", "Example:  echo hello | dsmctl put prices --offset 4K"})
final class PutCommand extends DaemonCommand {
    private static final int CHUNK = 1 << 20;

    @Parameters(paramLabel = "NAME", description = "Name of the region.")
    private String name;

    @Option(
            names = "--offset",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = Sizes.class,
            description = "First byte. Default: 0.")
    private long offset;

    @Override
    public Integer call() throws IOException {
        long written;
        try (Pagewire pagewire = connect();
                Region region = pagewire.map(name);
                InputStream in = new FileInputStream(FileDescriptor.in)) {
            written = copy(in, region, Range.length(name, region.size(), offset, null));
        }
        if (json()) {
            ObjectNode answer = Json.object();
            printJson(answer.put("region", name).put("offset", offset).put("bytes", written));
        } else {
            out().println("wrote " + written + " bytes to " + name + " at offset " + offset);
        }
        return 0;
    }

    private long copy(InputStream in, Region region, long room) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long done = 0;
        try (Progress progress = new Progress("put", 0)) {
            while (true) {
                int part = in.readNBytes(chunk, 0, chunk.length);
                if (part == 0) {
                    return done;
                }
                int fits = (int) Math.min(part, room - done);
                if (fits > 0) {
                    region.put(offset + done, chunk, 0, fits);
                    done += fits;
                }
                if (fits < part) {
                    throw new CommandFailed("standard input is longer than region '" + name + "': the " + done
                            + " bytes that fit were written at offset " + offset + ", the rest was not");
                }
                progress.at(done);
            }
        }
    }
}
