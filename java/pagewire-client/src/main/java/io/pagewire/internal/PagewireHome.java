package io.pagewire.internal;

import io.pagewire.PagewireException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;

/**
 * Finds the directory that holds {@code tools/dsmd}: the system property {@code pagewire.home}, the environment variable
 * {@code PAGEWIRE_HOME}, or a directory above the jar or classes this class comes from.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class PagewireHome {
    private PagewireHome() {}

    static Path find() {
        String given = System.getProperty("pagewire.home", System.getenv("PAGEWIRE_HOME"));
        if (given != null) {
            Path home = Path.of(given).toAbsolutePath();
            if (!hasLauncher(home)) {
                throw new PagewireException("there is no tools/dsmd in " + home
                        + ", which the property pagewire.home or the variable PAGEWIRE_HOME names");
            }
            return home;
        }
        for (Path candidate = own(); candidate != null; candidate = candidate.getParent()) {
            if (hasLauncher(candidate)) {
                return candidate;
            }
        }
        throw new PagewireException(
                "cannot find tools/dsmd to start an embedded daemon: set the system property pagewire.home"
                        + " or the environment variable PAGEWIRE_HOME to the top of Pagewire's checkout");
    }

    private static boolean hasLauncher(Path home) {
        return Files.isExecutable(home.resolve("tools").resolve("dsmd"));
    }

    /** The jar or directory of this class; null when it comes from neither. */
    private static Path own() {
        CodeSource source = PagewireHome.class.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return null;
        }
        try {
            URI location = source.getLocation().toURI();
            return "file".equals(location.getScheme()) ? Path.of(location) : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
