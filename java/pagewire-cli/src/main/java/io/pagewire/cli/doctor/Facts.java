package io.pagewire.cli.doctor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads what the kernel says about itself, below a root that tests replace.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param root where proc, sys and dev are: "/" on a real machine
 */
record Facts(Path root) {
    /** The trimmed text of a file; empty when it does not exist or may not be read. */
    Optional<String> text(String path) {
        // One large read after the other: a number below /proc/sys is given as a whole or not at all, and such files
        // say that
        // their size is 0, which makes the library's own helpers start with a single byte.
        byte[] buffer = new byte[1 << 16];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (InputStream in = Files.newInputStream(root.resolve(path))) {
            for (int part = in.read(buffer); part >= 0; part = in.read(buffer)) {
                all.write(buffer, 0, part);
            }
            return Optional.of(all.toString(StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The number in a file; empty when there is none. */
    Optional<Long> number(String path) {
        return text(path).filter(text -> text.matches("-?[0-9]{1,18}")).map(Long::valueOf);
    }

    /** The lines of a file; none when it does not exist or may not be read. */
    List<String> lines(String path) {
        return text(path).map(text -> text.lines().toList()).orElse(List.of());
    }

    boolean usable(String path) {
        Path file = root.resolve(path);
        return Files.isReadable(file) && Files.isWritable(file);
    }

    /** The soft limit of that name in /proc/self/limits; Long.MAX_VALUE = unlimited. */
    Optional<Long> limit(String name) {
        for (String line : lines("proc/self/limits")) {
            if (line.startsWith(name)) {
                String soft = line.substring(name.length()).strip().split("\\s+")[0];
                return Optional.of(soft.equals("unlimited") ? Long.MAX_VALUE : Long.valueOf(soft));
            }
        }
        return Optional.empty();
    }

    /** True when this kernel is that version or a later one. */
    boolean kernelAtLeast(int major, int minor) {
        String[] parts = text("proc/sys/kernel/osrelease").orElse("0.0").split("[^0-9]+");
        int haveMajor = parts.length > 0 && !parts[0].isEmpty() ? Integer.parseInt(parts[0]) : 0;
        int haveMinor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
        return haveMajor > major || haveMajor == major && haveMinor >= minor;
    }
}
