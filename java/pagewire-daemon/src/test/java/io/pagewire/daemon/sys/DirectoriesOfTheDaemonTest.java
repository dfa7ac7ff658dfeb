package io.pagewire.daemon.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoriesOfTheDaemonTest {
    @TempDir
    Path temp;

    @Test
    void shouldMakeAPrivateDirectoryAndAcceptItAgain() throws IOException {
        Path directory = temp.resolve("a/b");
        PrivateDirectory.ensure(directory);
        PrivateDirectory.ensure(directory);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
    }

    @Test
    void shouldRefuseADirectoryThatLetsOthersIn() throws IOException {
        Path directory = Files.createDirectory(temp.resolve("open"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
        assertThatIOException()
                .isThrownBy(() -> PrivateDirectory.ensure(directory))
                .withMessageContaining("mode 0750")
                .withMessageContaining("chmod 700 " + directory);
    }

    @Test
    void shouldRefuseASymbolicLinkAndAFile() throws IOException {
        Path target = temp.resolve("target");
        PrivateDirectory.ensure(target);
        Path link = Files.createSymbolicLink(temp.resolve("link"), target);
        Path file = Files.createFile(temp.resolve("file"));
        assertThatIOException()
                .isThrownBy(() -> PrivateDirectory.ensure(link))
                .withMessageContaining("is not a directory");
        assertThatIOException()
                .isThrownBy(() -> PrivateDirectory.ensure(file))
                .withMessageContaining("is not a directory");
    }

    @Test
    void shouldRefuseADirectoryOfAnotherUser() throws IOException {
        assumeThat(Sys.userId()).isZero();
        Path directory = temp.resolve("theirs");
        PrivateDirectory.ensure(directory);
        Files.setAttribute(directory, "unix:uid", 12345);
        assertThatIOException()
                .isThrownBy(() -> PrivateDirectory.ensure(directory))
                .withMessageContaining("belongs to user 12345");
    }

    @Test
    void shouldKeepItsIdentityOverRestarts() throws IOException {
        Path path = temp.resolve("data");
        long identity;
        try (DataDirectory data = DataDirectory.lock(path)) {
            identity = data.identity();
        }
        try (DataDirectory data = DataDirectory.lock(path);
                DataDirectory other = DataDirectory.lock(temp.resolve("other"))) {
            assertThat(data.identity()).isEqualTo(identity).isNotZero();
            assertThat(other.identity()).isNotEqualTo(identity);
        }
    }

    @Test
    void shouldGetANewIdentityWhenTheFileIsGarbage() throws IOException {
        Path path = Files.createDirectory(temp.resolve("data"));
        Files.writeString(path.resolve("lock"), "certainly not hexadecimal");
        long identity;
        try (DataDirectory data = DataDirectory.lock(path)) {
            identity = data.identity();
        }
        try (DataDirectory data = DataDirectory.lock(path)) {
            assertThat(data.identity()).isEqualTo(identity).isNotZero();
        }
    }

    @Test
    void shouldRefuseASecondLockAndKeepTheFirst() throws Exception {
        Path path = temp.resolve("data");
        try (DataDirectory data = DataDirectory.lock(path)) {
            assertThatIOException()
                    .isThrownBy(() -> DataDirectory.lock(path))
                    .withMessageContaining(path + " is in use by another dsmd");
            assertThat(lockInAnotherProcess(path)).contains("is in use by another dsmd");
            assertThat(data.identity()).isNotZero();
        }
        assertThat(lockInAnotherProcess(path)).contains("locked");
    }

    private String lockInAnotherProcess(Path path) throws IOException, InterruptedException {
        Path output = Files.createTempFile(temp, "output", "");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Locker.class.getName(),
                        path.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
            return Files.readString(output);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs in a process of its own. */
    static final class Locker {
        public static void main(String[] args) {
            try (DataDirectory data = DataDirectory.lock(Path.of(args[0]))) {
                System.out.println("locked " + data.path());
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
