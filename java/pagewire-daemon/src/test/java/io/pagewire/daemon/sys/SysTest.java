package io.pagewire.daemon.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SysTest {
    private final List<Integer> fds = new ArrayList<>();

    @TempDir
    Path temp;

    @AfterEach
    void closeDescriptors() throws IOException {
        for (int fd : fds) {
            Sys.close(fd);
        }
    }

    @Test
    void shouldKeepWhatIsWrittenToAMemfd() throws IOException {
        int fd = memfd(8192);
        try (FileChannel channel = Sys.channel(fd, true);
                FileChannel reader = Sys.channel(fd, false)) {
            assertThat(channel.size()).isEqualTo(8192);
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 5000);
            ByteBuffer read = ByteBuffer.allocate(4);
            assertThat(reader.read(read, 4999)).isEqualTo(4);
            assertThat(read.array()).containsExactly(0, 1, 2, 3);
        }
    }

    @Test
    void shouldSealTheSizeAndTheSealsOfAMemfd() throws IOException {
        int fd = memfd(8192);
        try (FileChannel channel = Sys.channel(fd, true)) {
            assertThatIOException().isThrownBy(() -> channel.truncate(4096));
            assertThatIOException().isThrownBy(() -> channel.write(ByteBuffer.allocate(1), 8192));
        }
        // F_GET_SEALS: SEAL | SHRINK | GROW
        assertThat(LibC.load().fcntl(fd, 1034, 0)).isEqualTo(7);
        assertThat(LibC.load().fcntl(fd, 1033, 8)).isEqualTo(-1);
    }

    @Test
    void shouldMakeMemfdsThatOnlyTheirOwnerMayReopen() throws IOException {
        int fd = memfd(4096);
        Path path = Path.of("/proc/self/fd/" + fd);
        assertThat((Integer) Files.getAttribute(path, "unix:mode") & 0777).isEqualTo(0400);
        Sys.channel(fd, true).close();
        assertThat((Integer) Files.getAttribute(path, "unix:mode") & 0777).isEqualTo(0400);
    }

    @Test
    void shouldWriteToItsOwnMemfdWithoutRootsRights() throws Exception {
        assumeThat(Path.of("/usr/bin/setpriv")).exists();
        List<String> command = new ArrayList<>();
        if (Sys.userId() == 0) {
            command.addAll(
                    List.of("/usr/bin/setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OwnMemfd.class.getName()));
        Path output = temp.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
            assertThat(Files.readString(output)).contains("directly: refused", "by channel: written", "mode 400");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs in a process of its own. */
    static final class OwnMemfd {
        public static void main(String[] args) throws IOException {
            int fd = Sys.memfd("own", 4096);
            Path path = Path.of("/proc/self/fd/" + fd);
            try (FileChannel direct = FileChannel.open(path, java.nio.file.StandardOpenOption.WRITE)) {
                System.out.println("directly: opened " + direct);
            } catch (java.nio.file.AccessDeniedException e) {
                System.out.println("directly: refused");
            }
            try (FileChannel channel = Sys.channel(fd, true)) {
                System.out.println(
                        channel.write(ByteBuffer.allocate(8), 0) == 8 ? "by channel: written" : "by channel: short");
            }
            System.out.printf("mode %o%n", (Integer) Files.getAttribute(path, "unix:mode") & 0777);
        }
    }

    @Test
    void shouldNotWriteThroughADescriptorReopenedReadOnly() throws IOException {
        int fd = memfd(4096);
        int readOnly = Sys.reopenReadOnly(fd);
        fds.add(readOnly);
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        assertThat(Sys.readNoWait(readOnly, one, 0)).isEqualTo(1);
        assertThat(Files.readString(Path.of("/proc/self/fdinfo/" + readOnly))).contains("flags:\t02100000");
        try (FileChannel channel = Sys.channel(readOnly, false)) {
            assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1), 0))
                    .isInstanceOf(NonWritableChannelException.class);
        }
    }

    @Test
    void shouldGiveMemoryBackWhenPunchingAHole() throws IOException {
        int fd = memfd(4 * 4096);
        try (FileChannel channel = Sys.channel(fd, true)) {
            byte[] ones = new byte[4 * 4096];
            java.util.Arrays.fill(ones, (byte) 1);
            channel.write(ByteBuffer.wrap(ones), 0);
            Sys.punch(fd, 4096, 4096);
            byte[] read = new byte[4 * 4096];
            channel.read(ByteBuffer.wrap(read), 0);
            for (int i = 0; i < read.length; i++) {
                assertThat(read[i]).isEqualTo((byte) (i / 4096 == 1 ? 0 : 1));
            }
            assertThat(channel.size()).isEqualTo(4 * 4096);
        }
    }

    @Test
    void shouldNameCallAndErrnoInFailures() {
        assertThatIOException()
                .isThrownBy(() -> Sys.punch(-1, 0, 4096))
                .withMessage("fallocate: punching 4096 bytes at 0 out of descriptor -1: EBADF (Bad file descriptor)");
        assertThatIOException().isThrownBy(() -> Sys.close(-1)).withMessageContaining("EBADF");
        assertThatIOException()
                .isThrownBy(() -> Sys.memfd("huge", -1))
                .withMessage("memfd_create \"huge\" of -1 bytes, ftruncate: EINVAL (Invalid argument)");
        assertThatIOException().isThrownBy(() -> Sys.reopenReadOnly(-1)).withMessageContaining("ENOENT");
    }

    @Test
    void shouldLeaveNoDescriptorBehindWhenAMemfdFails() {
        long before = openDescriptors();
        for (int i = 0; i < 50; i++) {
            assertThatIOException().isThrownBy(() -> Sys.memfd("huge", -1));
        }
        assertThat(openDescriptors()).isLessThan(before + 25);
    }

    @Test
    void shouldReadWhatIsInMemoryWithoutWaiting() throws IOException {
        Path file = temp.resolve("file");
        Files.write(file, new byte[] {1, 2, 3, 4, 5});
        try (FileChannel channel = FileChannel.open(file)) {
            int fd = LibC.load().open(file.toString(), 0, 0);
            fds.add(fd);
            ByteBuffer buffer = ByteBuffer.allocateDirect(10).position(2);
            // Just written, so in memory; a file system that cannot tell answers WOULD_BLOCK, never an error.
            int count = Sys.readNoWait(fd, buffer, 1);
            assertThat(count).isIn(4, Sys.WOULD_BLOCK);
            if (count == 4) {
                assertThat(buffer.position()).isEqualTo(6);
                assertThat(buffer.get(2)).isEqualTo((byte) 2);
                assertThat(buffer.get(5)).isEqualTo((byte) 5);
                assertThat(Sys.readNoWait(fd, buffer, 5)).isZero();
            }
            assertThat(channel.size()).isEqualTo(5);
        }
    }

    @Test
    void shouldReadFromAMemfdWithoutWaiting() throws IOException {
        int fd = memfd(8192);
        try (FileChannel channel = Sys.channel(fd, true)) {
            channel.write(ByteBuffer.wrap(new byte[] {9, 8}), 4095);
        }
        ByteBuffer slice = ByteBuffer.allocateDirect(100).position(50).slice();
        assertThat(Sys.readNoWait(fd, slice, 4095)).isEqualTo(50);
        assertThat(slice.get(0)).isEqualTo((byte) 9);
        assertThat(slice.get(1)).isEqualTo((byte) 8);
    }

    @Test
    void shouldRefuseToReadIntoBuffersItCannotAddress() throws IOException {
        int fd = memfd(4096);
        assertThatThrownBy(() -> Sys.readNoWait(fd, ByteBuffer.allocate(8), 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sys.readNoWait(fd, ByteBuffer.allocateDirect(8).asReadOnlyBuffer(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldTellBootTimeThatGoesForwardWithTheMonotonicClock() {
        long boot = Sys.bootTimeNs();
        long nano = System.nanoTime();
        while (System.nanoTime() - nano < 20_000_000L) {
            Thread.onSpinWait();
        }
        assertThat(Sys.bootTimeNs() - boot).isBetween(20_000_000L, 20_000_000_000L);
    }

    @Test
    void shouldAllocateNothingForClockAndReads() throws IOException {
        int fd = memfd(4096);
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            once(fd, buffer);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            once(fd, buffer);
        }
        // The measurement itself allocates a little.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }

    private static void once(int fd, ByteBuffer buffer) throws IOException {
        Sys.bootTimeNs();
        Sys.readNoWait(fd, buffer.clear(), 0);
    }

    @Test
    void shouldKillAndAwaitAProcessByItsDescriptor() throws Exception {
        Process process = new ProcessBuilder("sleep", "1000").start();
        try {
            int pidfd = Sys.pidfdOpen((int) process.pid());
            fds.add(pidfd);
            assertThat(Sys.pidfdWait(pidfd, 0)).isFalse();
            long start = System.nanoTime();
            assertThat(Sys.pidfdWait(pidfd, 50)).isFalse();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000L);
            Sys.pidfdKill(pidfd);
            assertThat(Sys.pidfdWait(pidfd, 10_000)).isTrue();
            assertThat(process.waitFor()).isEqualTo(128 + 9);
            Sys.pidfdKill(pidfd);
            assertThatIOException()
                    .isThrownBy(() -> Sys.pidfdOpen((int) process.pid()))
                    .withMessageContaining("ESRCH");
        } finally {
            process.destroyForcibly();
        }
    }

    private int memfd(long size) throws IOException {
        int fd = Sys.memfd("test", size);
        fds.add(fd);
        return fd;
    }

    private static long openDescriptors() {
        String[] names = Path.of("/proc/self/fd").toFile().list();
        return names == null ? 0 : names.length;
    }
}
