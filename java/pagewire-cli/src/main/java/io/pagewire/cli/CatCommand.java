package io.pagewire.cli;

import io.pagewire.MapOptions;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.wire.Reasons;
import io.pagewire.wire.StandardOutput;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code dsmctl cat}: the bytes of a region on standard output, read by page faults or brought in advance.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "cat",
        description = {
            "Writes the bytes of a region to standard output.",
            "Pages that are not on this host are fetched by page faults."
        },
        footer = {"", "Example:  dsmctl cat prices --offset 4K --length 64 | xxd"})
final class CatCommand extends BaseCommand {
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

    @Option(
            names = "--length",
            paramLabel = "SIZE",
            converter = Sizes.class,
            description = "Number of bytes. Default: to the end of the region.")
    private Long length;

    @Mixin
    private Filling filling;

    @Override
    public Integer call() throws IOException {
        MapOptions readOnly = MapOptions.defaults().withReadOnly(true);
        try (Pagewire pagewire = connect();
                Region region = filling.map(this, pagewire, name, readOnly)) {
            long left = Range.length(name, region.size(), offset, length);
            copy(region, left);
        }
        return 0;
    }

    private void copy(Region region, long total) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, total)];
        // Not closed: standard output belongs to the process.
        @SuppressWarnings("resource")
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        try (ProgressBar progress = new ProgressBar("cat", total)) {
            for (long done = 0; done < total; ) {
                int part = (int) Math.min(chunk.length, total - done);
                region.get(offset + done, chunk, 0, part);
                try {
                    out.write(chunk, 0, part);
                } catch (IOException e) {
                    if (StandardOutput.isBrokenPipe(e)) {
                        return; // the reader has seen enough, as with `head`
                    }
                    throw new CommandFailed("cannot write to standard output: " + Reasons.of(e), e);
                }
                done += part;
                progress.at(done);
            }
        }
    }
}
