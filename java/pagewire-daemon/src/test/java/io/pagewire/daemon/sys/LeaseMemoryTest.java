package io.pagewire.daemon.sys;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.wire.LeasePage;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import org.junit.jupiter.api.Test;

class LeaseMemoryTest {
    @Test
    void shouldShowItsLayoutToWhoeverMapsTheReadOnlyDescriptor() throws IOException {
        try (LeaseMemory lease = LeaseMemory.create(LeaseMemory.name(7, 3), 0x1122334455667788L);
                FileChannel channel = Sys.channel(lease.readOnlyFd(), false)) {
            MappedByteBuffer page = channel.map(FileChannel.MapMode.READ_ONLY, 0, LeasePage.LENGTH);
            page.order(ByteOrder.nativeOrder());
            assertThat(channel.size()).isEqualTo(LeasePage.LENGTH);
            assertThat(page.getInt(LeasePage.MAGIC)).isEqualTo(LeasePage.MAGIC_VALUE);
            assertThat(page.getInt(LeasePage.VERSION)).isEqualTo(LeasePage.VERSION_VALUE);
            assertThat(page.getLong(LeasePage.SESSION)).isEqualTo(0x1122334455667788L);
            assertThat(page.getLong(LeasePage.END_NS)).isZero();
            lease.end(987654321L);
            assertThat(page.getLong(LeasePage.END_NS)).isEqualTo(987654321L);
            assertThat(lease.end()).isEqualTo(987654321L);
            assertThat(page.getLong(LeasePage.MOVED)).isZero();
            lease.moved();
            lease.moved();
            assertThat(page.getLong(LeasePage.MOVED)).isEqualTo(2);
        }
    }

    @Test
    void shouldSurviveAWriteAfterClose() throws IOException {
        LeaseMemory lease = LeaseMemory.create(LeaseMemory.name(7, 3), 1);
        lease.close();
        lease.close();
        lease.end(5);
        assertThat(lease.end()).isEqualTo(5);
    }
}
