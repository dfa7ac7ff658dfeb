package io.pagewire.daemon.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryFramesTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 1000;

    private MemoryFrames frames;

    @BeforeEach
    void make() throws IOException {
        frames = MemoryFrames.create("frames", (long) PAGES * PAGE);
    }

    @AfterEach
    void close() {
        frames.close();
    }

    private void store(int page, int value) throws IOException {
        byte[] bytes = new byte[PAGE];
        java.util.Arrays.fill(bytes, (byte) value);
        frames.store(ByteBuffer.wrap(bytes), (long) page * PAGE);
    }

    private int first(int page) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(PAGE);
        frames.load(found, (long) page * PAGE);
        return found.get(0);
    }

    /** Kernel pages that take memory. */
    private long taken() throws IOException {
        return Long.parseLong(new String(new ProcessBuilder(
                                        "stat",
                                        "-L",
                                        "-c",
                                        "%b",
                                        "/proc/" + ProcessHandle.current().pid() + "/fd/" + frames.descriptor())
                                .start()
                                .getInputStream()
                                .readAllBytes())
                        .trim())
                * 512
                / PAGE;
    }

    @Test
    void shouldReadWhatWasWrittenAndZerosElsewhere() throws IOException {
        ByteBuf bytes = Unpooled.directBuffer().writeZero(2 * PAGE);
        bytes.setByte(PAGE, 7);
        assertThat(frames.write(bytes, 0, 2 * PAGE, 3 * PAGE)).isTrue();
        ByteBuf read = Unpooled.directBuffer(2 * PAGE);
        frames.read(read, 4 * PAGE, 2 * PAGE);
        assertThat(read.readableBytes()).isEqualTo(2 * PAGE);
        assertThat(read.getByte(0)).isEqualTo((byte) 7);
        assertThat(read.getByte(PAGE)).isZero();
        bytes.release();
        read.release();
    }

    @Test
    void shouldGiveTheMemoryOfDiscardedFramesBack() throws IOException {
        for (int page : new int[] {0, 5, 6, 500, 999}) {
            store(page, page + 1);
        }
        assertThat(taken()).isEqualTo(5);
        frames.discard(5L * PAGE, PAGE);
        assertThat(taken()).isEqualTo(4);
        assertThat(first(5)).isZero();
        assertThat(first(6)).isEqualTo(7);
        frames.discard(1L * PAGE, 998L * PAGE);
        assertThat(taken()).isEqualTo(2);
        assertThat(first(0)).isEqualTo(1);
        assertThat(first(999)).isEqualTo((byte) 1000);
        frames.discard(0, (long) PAGES * PAGE);
        frames.discard(0, (long) PAGES * PAGE);
        assertThat(taken()).isZero();
    }

    @Test
    void shouldLeaveNoDescriptorOpen() throws IOException {
        int descriptor = frames.descriptor();
        int readOnly = frames.readOnlyDescriptor();
        assertThat(Path.of("/proc/self/fd/" + descriptor)).exists();
        frames.close();
        for (int closed : new int[] {descriptor, readOnly}) {
            Path link = Path.of("/proc/self/fd/" + closed);
            assertThat(Files.exists(link) && link.toRealPath().toString().contains("memfd:frames"))
                    .isFalse();
        }
        make();
    }
}
