package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pagewire.core.Cause;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that come home to an exported file. */
class FileSourceTest {
    private static final int PAGE = 4096;

    @TempDir
    Path folder;

    private FileSource source;

    @AfterEach
    void close() {
        if (source != null) {
            source.close();
        }
    }

    private Path file(int length) throws IOException {
        Path file = Files.write(folder.resolve("data"), new byte[length]);
        source = FileSource.open(file.toString(), true, length);
        return file;
    }

    private int write(int value, int length, long offset) {
        ByteBuf bytes = Unpooled.directBuffer(length + 7).writeZero(7);
        for (int i = 0; i < length; i++) {
            bytes.writeByte(value);
        }
        int cause = source.write(bytes, 7, length, offset);
        bytes.release();
        return cause;
    }

    @Test
    void shouldStoreInTheFileButNothingBehindItsEnd() throws IOException {
        Path file = file(2 * PAGE + 100);
        assertThat(write(1, PAGE, 0)).isZero();
        assertThat(write(2, 2 * PAGE, PAGE)).isZero();
        byte[] content = Files.readAllBytes(file);
        assertThat(content).hasSize(2 * PAGE + 100);
        assertThat(content[0]).isEqualTo((byte) 1);
        assertThat(content[PAGE]).isEqualTo((byte) 2);
        assertThat(content[2 * PAGE + 99]).isEqualTo((byte) 2);
    }

    @Test
    void shouldNotMakeAFileLongerThatSomebodyMadeShorter() throws IOException {
        Path file = file(3 * PAGE);
        try (FileChannel shorter = FileChannel.open(file, StandardOpenOption.WRITE)) {
            shorter.truncate(PAGE);
        }
        assertThat(write(1, PAGE, PAGE)).isEqualTo(Cause.FILE_ERROR);
        assertThat(write(1, PAGE, 0)).isZero();
        assertThat(Files.size(file)).isEqualTo(PAGE);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> source.reserve(PAGE, PAGE))
                .withMessageContaining(file + " has 4096 bytes now");
        source.reserve(0, PAGE);
    }

    @Test
    void shouldRefuseToWriteToAFileThatItMayOnlyRead() throws IOException {
        Path file = Files.write(folder.resolve("data"), new byte[PAGE]);
        source = FileSource.open(file.toString(), false, PAGE);
        assertThat(source.writable()).isFalse();
        assertThat(write(1, PAGE, 0)).isEqualTo(Cause.FILE_ERROR);
        assertThat(Files.readAllBytes(file)).containsOnly(0);
    }

    @Test
    void shouldGiveBlocksToTheHolesOfASparseFileBeforeTheyAreWritten() throws Exception {
        Path file = folder.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1 << 20);
        }
        long before = blocks(file);
        source = FileSource.open(file.toString(), true, 1 << 20);
        source.reserve(16 * PAGE, 4 * PAGE);
        assertThat(blocks(file) - before).isGreaterThanOrEqualTo(4 * PAGE / 512);
        assertThat(Files.size(file)).isEqualTo(1 << 20);
        assertThat(Files.readAllBytes(file)).containsOnly(0);
    }

    private static long blocks(Path file) throws Exception {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Long.parseLong(new String(stat.getInputStream().readAllBytes()).trim());
    }
}
