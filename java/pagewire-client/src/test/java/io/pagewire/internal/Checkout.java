package io.pagewire.internal;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the sources of the project are, for tests that compare Java with C.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Checkout {
    private Checkout() {}

    static Path root() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("native/include"))) {
                return at;
            }
        }
        throw new AssertionError("this test runs in a checkout of Pagewire only");
    }
}
