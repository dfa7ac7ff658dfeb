package io.pagewire.internal;

import io.pagewire.PagewireException;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Loads the C library: the one named by the system property {@code pagewire.library}, else the one packed beside this class.
 * The packed one goes to a private temporary file that is removed as soon as it is loaded, so that nothing stays behind
 * whatever becomes of the JVM.
 *
 * <p>Called once, from the class initialiser of {@link Native}.
 */
final class NativeLibrary {
    private NativeLibrary() {}

    static void load() {
        String given = System.getProperty("pagewire.library");
        if (given != null) {
            System.load(Path.of(given).toAbsolutePath().toString());
            return;
        }
        String resource = "/META-INF/native/" + platform() + "/libpagewire.so";
        try (InputStream packed = NativeLibrary.class.getResourceAsStream(resource)) {
            if (packed == null) {
                throw new PagewireException(
                        "no " + resource + " in the jar of Pagewire: build it for this platform, or name"
                                + " a library with -Dpagewire.library=PATH");
            }
            loadCopy(packed);
        } catch (IOException e) {
            throw new PagewireException(
                    "cannot unpack libpagewire.so to " + System.getProperty("java.io.tmpdir") + " (" + Reasons.of(e)
                            + "): make room there, or choose another place with -Djava.io.tmpdir=DIR",
                    e);
        }
    }

    private static void loadCopy(InputStream packed) throws IOException {
        Path copy = Files.createTempFile("libpagewire", ".so");
        try {
            Files.copy(packed, copy, StandardCopyOption.REPLACE_EXISTING);
            System.load(copy.toString());
        } catch (UnsatisfiedLinkError e) {
            throw new PagewireException(
                    "cannot load libpagewire.so from " + copy.getParent() + " (" + Reasons.of(e)
                            + "): if that directory is" + " mounted noexec, choose another with -Djava.io.tmpdir=DIR",
                    e);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private static String platform() {
        String arch = System.getProperty("os.arch");
        return "linux-"
                + switch (arch) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "aarch_64";
                    default -> arch;
                };
    }
}
