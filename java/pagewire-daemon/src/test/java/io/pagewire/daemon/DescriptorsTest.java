package io.pagewire.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.wire.LocalStatus;
import java.io.IOException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

class DescriptorsTest {
    @Test
    void shouldSayWhatToDoWhenThereIsNoDescriptorLeft() {
        RequestException said = Descriptors.explained(
                new FileSystemException("/proc/self/fd/9", null, "Too many open files"), LocalStatus.FILE);
        assertThat(said.status()).isEqualTo(LocalStatus.LIMIT);
        assertThat(said).hasMessageContaining("no file descriptor left").hasMessageContaining("ulimit -n");
    }

    @Test
    void shouldLeaveOtherErrorsAsTheyAre() {
        RequestException said = Descriptors.explained(new IOException("the disk is full"), LocalStatus.FILE);
        assertThat(said.status()).isEqualTo(LocalStatus.FILE);
        assertThat(said).hasMessage("the disk is full");
    }
}
