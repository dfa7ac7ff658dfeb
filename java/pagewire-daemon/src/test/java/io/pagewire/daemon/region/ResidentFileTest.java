package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pagewire.core.Cause;
import io.pagewire.wire.LocalLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResidentFileTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path temp;

    private final Queue<Runnable> slow = new ArrayDeque<>();

    private Path file(long size) throws IOException {
        Path file = temp.resolve("file");
        Files.deleteIfExists(file);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate(MIB);
            while (out.position() < size) {
                bytes.clear().limit((int) Math.min(MIB, size - out.position()));
                out.write(bytes);
            }
        }
        return file;
    }

    private void run() {
        while (!slow.isEmpty()) {
            slow.remove().run();
        }
    }

    /** Bytes this process has locked. */
    private static long lockedHere() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmLck:")) {
                return Long.parseLong(line.split("\\s+")[1]) << 10;
            }
        }
        throw new AssertionError("no VmLck");
    }

    @Test
    void shouldReadAndLockTheWholeFileAndLetItGoOnClose() throws IOException {
        long before = lockedHere();
        FileSource source = FileSource.open(file(9 * MIB + 5).toString(), true, 9 * MIB + 5);
        assertThat(source.filling()).isNull();
        source.makeResident(slow::add);
        ResidentFile resident = (ResidentFile) source.filling();
        assertThat(resident)
                .returns(0L, ResidentFile::done)
                .returns(9L * MIB + 5, ResidentFile::total)
                .returns(LocalLayout.PROGRESS_RUNNING, ResidentFile::state);
        run();
        assertThat(resident)
                .returns(9L * MIB + 5, ResidentFile::done)
                .returns(LocalLayout.PROGRESS_DONE, ResidentFile::state);
        assumeThat(resident.text()).as("this process may lock 9 MiB").isEmpty();
        assertThat(resident.locked()).isEqualTo(9L * MIB + 5);
        assertThat(lockedHere() - before).isEqualTo(9L * MIB + 4096);
        source.close();
        run();
        assertThat(lockedHere()).isEqualTo(before);
    }

    @Test
    void shouldStopAndUnlockWhenTheRegionEndsMeanwhile() throws IOException {
        long before = lockedHere();
        FileSource source = FileSource.open(file(MIB).toString(), true, MIB);
        source.makeResident(slow::add);
        source.close();
        run();
        assertThat(lockedHere()).isEqualTo(before);
        assertThat(source.filling().text()).isEmpty();
    }

    @Test
    void shouldPassOverWhatIsMissingAndSayFromWhereOn() throws IOException {
        Path file = file(6 * MIB);
        FileSource source = FileSource.open(file.toString(), true, 6 * MIB);
        cut(file, 5 * MIB + 100);
        source.makeResident(slow::add);
        run();
        assertThat(source.filling())
                .returns(6L * MIB, Filling::done)
                .returns(LocalLayout.PROGRESS_DONE, Filling::state);
        assertThat(source.filling().text()).startsWith(file + ": it has become shorter");
        source.close();
        run();
    }

    @Test
    void shouldFailOnlyForThePagesThatAFileHasLost() throws IOException {
        Path file = file(4 * 4096);
        for (boolean resident : new boolean[] {false, true}) {
            FileSource source = FileSource.open(file.toString(), true, 4 * 4096);
            if (resident) {
                source.makeResident(slow::add);
                run();
            }
            cut(file, 2 * 4096 + 100);
            assertThat(read(source, 0)).isZero();
            assertThat(read(source, 1)).isZero();
            assertThat(read(source, 2)).isEqualTo(Cause.FILE_ERROR);
            assertThat(read(source, 3)).isEqualTo(Cause.FILE_ERROR);
            try (FileChannel grow = FileChannel.open(file, StandardOpenOption.WRITE)) {
                grow.write(ByteBuffer.allocate(1), 5 * 4096);
            }
            for (int page = 0; page < 4; page++) {
                assertThat(read(source, page)).isZero();
            }
            source.close();
            run();
        }
    }

    /** As the region does: what is not in memory is brought there, then read again. */
    private static int read(FileSource source, int page) {
        ByteBuf bytes = Unpooled.directBuffer(4096);
        try {
            int result = source.read(bytes, page * 4096L, 4096);
            if (result == PageSource.COLD) {
                int cause = source.warm(page * 4096L, 4096);
                result = cause == 0 ? source.read(bytes, page * 4096L, 4096) : cause;
            }
            return result;
        } finally {
            bytes.release();
        }
    }

    private static void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    @Test
    void shouldGoOnWithoutLockingBeyondTheLimitAndSayHowToRaiseIt() throws Exception {
        assumeThat(Path.of("/usr/bin/setpriv")).exists();
        assumeThat(Path.of("/usr/bin/prlimit")).exists();
        List<String> command = new ArrayList<>(List.of("/usr/bin/prlimit", "--memlock=5242880:5242880"));
        if (io.pagewire.daemon.sys.Sys.userId() == 0) {
            command.addAll(List.of("/usr/bin/setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Limited.class.getName(),
                file(13 * MIB).toString()));
        Path output = temp.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
            assertThat(Files.readString(output))
                    .contains("done 13631488 locked 4194304 state 1")
                    .contains("only 4194304 of its 13631488 bytes are locked in memory")
                    .contains("mlock of 4194304 bytes: ENOMEM")
                    .contains("(RLIMIT_MEMLOCK) of dsmd is 5242880 bytes")
                    .contains("`prlimit --memlock=unlimited --pid " + process.pid() + "`")
                    .contains("`ulimit -l unlimited`")
                    .contains("LimitMEMLOCK=infinity");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs in a process of its own. */
    static final class Limited {
        public static void main(String[] args) throws IOException {
            Path file = Path.of(args[0]);
            FileSource source = FileSource.open(file.toString(), true, Files.size(file));
            source.makeResident(Runnable::run);
            ResidentFile resident = (ResidentFile) source.filling();
            System.out.printf(
                    "done %d locked %d state %d%n%s%n",
                    resident.done(), resident.locked(), resident.state(), resident.text());
        }
    }
}
