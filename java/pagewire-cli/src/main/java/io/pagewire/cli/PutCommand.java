package io.pagewire.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.MapOptions;
import io.pagewire.PageFaultException;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.wire.FaultCause;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl put}: standard input into a region, written by page faults, or into memory of its own and published.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "put",
        description = {
            "Writes standard input into a region that this host owns, or that any host may write.",
            "Other hosts lose their copies of the pages and see the new bytes at their next access. When the command "
                    + "ends with 0 the owner has them. Input that does not fit is an error; the part that fits is "
                    + "written. With --preloaded the bytes that differ are sent at the end, page by page (publish)."
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

    @Mixin
    private Filling filling;

    @Override
    public Integer call() throws IOException {
        ObjectNode answer = Json.object().put("region", name).put("offset", offset);
        try (Pagewire pagewire = connect();
                Region region = filling.map(this, pagewire, name, MapOptions.defaults());
                InputStream in = new FileInputStream(FileDescriptor.in)) {
            try {
                write(in, region, answer);
            } catch (PageFaultException e) {
                throw e.faultCause() == FaultCause.READ_ONLY ? notOurs(pagewire, e) : e;
            }
        }
        if (json()) {
            printJson(answer);
        } else {
            out().println("wrote " + answer.path("bytes").asLong() + " bytes to " + name + " at offset " + offset);
        }
        return 0;
    }

    private void write(InputStream in, Region region, ObjectNode answer) throws IOException {
        long room = Range.length(name, region.size(), offset, null);
        long written = copy(in, region, room);
        if (region.isPreloaded()) {
            answer.put("pagesPublished", region.publish());
        } else if (!region.isHome()) {
            region.force(offset, written);
        }
        answer.put("bytes", written);
        if (written == room && in.read() >= 0) {
            throw new CommandFailed("standard input is longer than region '" + name + "': the " + written
                    + " bytes that fit were written at offset " + offset + ", the rest was not");
        }
    }

    /** As many bytes as there are and fit. */
    private long copy(InputStream in, Region region, long room) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long done = 0;
        try (ProgressBar progress = new ProgressBar("put")) {
            while (done < room) {
                int part = in.readNBytes(chunk, 0, (int) Math.min(chunk.length, room - done));
                if (part == 0) {
                    break;
                }
                region.put(offset + done, chunk, 0, part);
                done += part;
                progress.at(done);
            }
        }
        return done;
    }

    /** What to say of a store that only the owner's programs may do. */
    private CommandFailed notOurs(Pagewire pagewire, PageFaultException cause) {
        String owner = RegionsCommand.find(pagewire, name).path("owner").asText("");
        return new CommandFailed(
                "region '" + name + "' is written on its owning host" + (owner.isEmpty() ? "" : " " + owner)
                        + " only: put it there, or make the region with --writers any",
                cause);
    }
}
