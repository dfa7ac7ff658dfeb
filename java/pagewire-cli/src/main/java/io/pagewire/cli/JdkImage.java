package io.pagewire.cli;

import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The JDK's own {@code lib/modules}: a real file of over 100 MB that every machine with Java has.
 *
 * <p>Immutable; safe for use by any thread.
 */
record JdkImage(Path path, long size) {
    static JdkImage find() {
        Path path = Path.of(System.getProperty("java.home"), "lib", "modules");
        try {
            Path real = path.toRealPath();
            return new JdkImage(real, Files.size(real));
        } catch (IOException e) {
            throw new CommandFailed(
                    "this Java has no " + path + " to share; use a JDK that does (" + Reasons.of(e) + ")", e);
        }
    }
}
