package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.core.Cause;
import io.pagewire.core.HomePort;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of an exported file, whole and cut short by somebody. */
class PageSenderTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 40;

    @TempDir
    Path folder;

    private final Circuit circuit = new Circuit(Unanswered.INSTANCE);
    private final EmbeddedChannel channel = new EmbeddedChannel(circuit);
    private Path file;
    private FileSource source;
    private PageSender sender;

    @BeforeEach
    void open() throws IOException {
        file = folder.resolve("data");
        byte[] bytes = new byte[PAGES * PAGE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i / PAGE + 1);
        }
        Files.write(file, bytes);
        source = FileSource.open(file.toString(), false, bytes.length - 100);
        sender = new PageSender(source, PAGE);
        assertThat(source.warm(0, bytes.length)).isZero();
    }

    @AfterEach
    void close() {
        source.close();
        channel.finishAndReleaseAll();
    }

    private List<String> sent() {
        List<String> messages = new ArrayList<>();
        for (ByteBuf m = channel.readOutbound(); m != null; m = channel.readOutbound()) {
            int at = PeerLayout.HEADER_LENGTH;
            int type = m.getByte(PeerLayout.TYPE);
            String text = (type == PeerLayout.PAGES ? "pages " : "decline ") + m.getLongLE(at + PeerLayout.RUN_FIRST)
                    + "+" + m.getIntLE(at + PeerLayout.RUN_COUNT);
            if (type == PeerLayout.PAGES) {
                text += " of " + m.getByte(at + PeerLayout.PAGES_DATA)
                        + (m.getIntLE(at + PeerLayout.PAGES_FLAGS) == PeerLayout.PAGES_LAST ? " last" : "");
            }
            messages.add(text);
            m.release();
        }
        return messages;
    }

    private void truncateTo(long size) throws IOException {
        try (FileChannel shorter = FileChannel.open(file, StandardOpenOption.WRITE)) {
            shorter.truncate(size);
        }
    }

    @Test
    void shouldSendALongRunInMessagesOf64KiB() {
        assertThat(sender.send(circuit, 1, 2, 38, 9, true, false, false)).isEqualTo(HomePort.SENT);
        assertThat(sent()).containsExactly("pages 2+16 of 3", "pages 18+16 of 19", "pages 34+6 of 35 last");
    }

    @Test
    void shouldDeclineThePagesThatATruncatedFileHasNoMore() throws IOException {
        truncateTo(20 * PAGE);
        assertThat(sender.send(circuit, 1, 2, 38, 9, true, false, false)).isEqualTo(HomePort.SENT);
        assertThat(sent()).containsExactly("pages 2+16 of 3", "pages 18+1 of 19", "pages 19+1 of 20", "decline 20+20");
        assertThat(sender.send(circuit, 2, 20, 1, 9, true, false, false)).isEqualTo(Cause.FILE_ERROR);
        assertThat(sent()).isEmpty();
    }

    @Test
    void shouldDeclineTheRestOnceWhenTheCoreDeclinesTheEndOfTheRun() throws IOException {
        truncateTo(4 * PAGE);
        assertThat(sender.send(circuit, 1, 2, 10, 9, false, false, false)).isEqualTo(HomePort.SENT);
        sender.decline(circuit, 1, 12, 5, 0);
        assertThat(sent()).containsExactly("pages 2+1 of 3", "pages 3+1 of 4", "decline 4+13");
        sender.decline(circuit, 2, 30, 2, 0);
        assertThat(sent()).containsExactly("decline 30+2");
    }
}
