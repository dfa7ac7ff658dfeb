package io.pagewire.daemon.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagewire.daemon.sys.Sys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StreamMemoryTest {
    private static final int SLOTS = 20;

    @Test
    void shouldShowReceivedBytesInTheSlotOfTheSameNumber() throws IOException {
        try (StreamMemory memory = StreamMemory.of("s", 3_000_001, 2, SLOTS, true)) {
            memory.view(19, 2_999_998, 3).put(new byte[] {7, 8, 9});
            ByteBuffer seen = ByteBuffer.allocate(4);
            int read = memory.channel().read(seen, memory.offset(19) + 2_999_998);
            assertEquals(4, read);
            assertEquals(7, seen.get(0));
            assertEquals(9, seen.get(2));
            assertEquals(0, seen.get(3));
        }
    }

    @Test
    void shouldAlignSlotsToWholePageDirectories() throws IOException {
        try (StreamMemory memory = StreamMemory.of("s", (2 << 20) + 1, 2, SLOTS, false)) {
            assertEquals(4 << 20, memory.stride());
            assertEquals(3 * (4L << 20), memory.offset(3));
        }
    }

    @Test
    void shouldHaveMemoryForTheFramesAndOneMoreAndNoOther() throws Exception {
        try (StreamMemory memory = StreamMemory.of("s", 2 << 20, 3, SLOTS, false)) {
            String file = "/proc/" + ProcessHandle.current().pid() + "/fd/" + memory.descriptor();
            Process stat = new ProcessBuilder("stat", "-L", "-c", "%b", file).start();
            long blocks =
                    Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim());
            assertEquals(0, stat.waitFor());
            assertEquals(4 * (2L << 20), blocks * 512);
        }
    }

    @Test
    void shouldGiveUpAllMemoryOfARenewedSlotAndNothingElse() throws IOException {
        try (StreamMemory memory = StreamMemory.of("s", 2 << 20, 3, SLOTS, true)) {
            memory.view(0, (2 << 20) - 1, 1).put((byte) 5);
            memory.view(1, 0, 1).put((byte) 6);
            memory.view(2, 0, 1).put((byte) 7);
            memory.renew(1);
            assertEquals(memory.offset(2), Sys.nextData(memory.descriptor(), memory.offset(1)));
            assertEquals(5, memory.view(0, (2 << 20) - 1, 1).get());
            assertEquals(0, memory.view(1, 0, 1).get());
            assertEquals(7, memory.view(2, 0, 1).get());
        }
    }

    @Test
    void shouldRefuseWhatTheHostHasNoMemoryFor() throws IOException {
        assertNull(StreamMemory.checkMemory(4096, 2));
        String problem = StreamMemory.checkMemory(1L << 40, 16);
        assertNotNull(problem);
        assertTrue(problem.contains("only"), problem);
    }

    @Test
    void shouldTakeTheLongestNameThatAStreamCanHave() throws IOException {
        StreamMemory.of("\u20AC".repeat(85), 4096, 2, SLOTS, false).close();
    }
}
