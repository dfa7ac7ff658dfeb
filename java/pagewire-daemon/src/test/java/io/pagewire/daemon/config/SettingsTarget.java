package io.pagewire.daemon.config;

import io.pagewire.daemon.fuzz.FuzzTarget;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The configuration file: settings, or one reason for people.
 *
 * <p>For use by one thread.
 */
public final class SettingsTarget implements FuzzTarget {
    private static final HostEnvironment HERE = new HostEnvironment(Map.of("HOME", "/home/u"), "here", 1000);

    private final Path file;

    public SettingsTarget() throws IOException {
        Path memory = Path.of("/dev/shm");
        file = Files.isWritable(memory)
                ? Files.createTempFile(memory, "pagewire-fuzz", ".toml")
                : Files.createTempFile("pagewire-fuzz", ".toml");
    }

    @Override
    public String name() {
        return "config";
    }

    @Override
    public List<byte[]> corpus() throws IOException {
        List<byte[]> corpus = new ArrayList<>();
        // The example that users get, whole, and as it is once they have taken the signs of comments away.
        try (InputStream example = Files.newInputStream(Path.of("src/main/dist/dsmd.toml"))) {
            byte[] whole = example.readAllBytes();
            corpus.add(whole);
            corpus.add(new String(whole, StandardCharsets.UTF_8)
                    .replaceAll("(?m)^# ?(?=[a-z-]+ = )", "")
                    .getBytes(StandardCharsets.UTF_8));
        }
        for (String text : List.of(
                "name = \"a\"\nlisten = \"0.0.0.0:7711\"\nadvertise = \"10.0.0.1:7711\"\n",
                "directory = \"10.0.0.1:7712,10.0.0.2:7712\"\nloops = 4\nread-ahead-bytes = 0\n",
                "[deadlines]\nfault-ms = 5000\nhome-ms = 2500\n[circuits]\nallow-users = [1000, 1001]\nmax-peers = 9\n",
                "deadlines.revoke-ms = 0x3e8\nsocket = '''/run/a'''\ndata = \"\\u0041\"\nloops = 1_0\n",
                "deadlines = { fault-ms = 6000 }\nlog-level = \"debug\" # more\n")) {
            corpus.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return corpus;
    }

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        try {
            new DaemonSettingsBuilder().config(file).build(HERE);
        } catch (SettingsException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("a refusal without a reason", e);
            }
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
