package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.core.Cause;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of other hosts to bring what they have written to the disk. */
class HomeForcesTest {
    @TempDir
    Path folder;

    private final Circuit circuit = new Circuit(Unanswered.INSTANCE);
    private final EmbeddedChannel channel = new EmbeddedChannel(circuit);
    private final Deque<Runnable> slow = new ArrayDeque<>();
    private final Disk disk = new Disk();
    private final HomeForces forces = new HomeForces(disk, "r", Runnable::run, slow::add, 10_000_000_000L);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    /** Counts, and fails when it is full. */
    private static final class Disk implements PageSource {
        private int forced;
        private boolean full;
        private WrittenBack watched;

        @Override
        public WrittenBack watchForce() {
            return watched;
        }

        @Override
        public int read(ByteBuf to, long offset, int length) {
            return READ;
        }

        @Override
        public int write(ByteBuf from, int at, int length, long offset) {
            return 0;
        }

        @Override
        public void reserve(long offset, long length) {
            // There is room.
        }

        @Override
        public int warm(long offset, int length) {
            return 0;
        }

        @Override
        public void force() throws IOException {
            forced++;
            if (full) {
                throw new IOException("No space left on device");
            }
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public int readOnlyDescriptor() {
            return -1;
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private String add(int request) {
        ByteBuf bytes = Unpooled.buffer().writeIntLE(request).writeIntLE(0);
        return forces.add(circuit, bytes, 0, PeerLayout.FORCE_LENGTH);
    }

    private List<String> answers() {
        List<String> answers = new ArrayList<>();
        for (ByteBuf m = channel.readOutbound(); m != null; m = channel.readOutbound()) {
            int at = PeerLayout.HEADER_LENGTH;
            assertThat(m.getUnsignedByte(PeerLayout.TYPE)).isEqualTo((short) PeerLayout.FORCED);
            answers.add(m.getIntLE(at) + ":" + m.getIntLE(at + PeerLayout.SYNC_CAUSE));
            m.release();
        }
        return answers;
    }

    @Test
    void shouldShareTheNextTurnAmongThoseWhoComeWhileTheDiskIsBusy() {
        assertThat(add(1)).isNull();
        assertThat(add(2)).isNull();
        assertThat(add(3)).isNull();
        assertThat(answers()).isEmpty();
        slow.remove().run();
        assertThat(answers()).containsExactly("1:0");
        slow.remove().run();
        assertThat(answers()).as("the newest of a circuit covers the others").containsExactly("3:0");
        assertThat(slow).isEmpty();
        assertThat(disk.forced).isEqualTo(2);
    }

    @Test
    void shouldTellAProgramHowItEndsAndThatTheDiskTakesNothingMore() {
        List<ControlReply> told = new ArrayList<>();
        forces.add(told::add);
        slow.remove().run();
        assertThat(told).extracting(ControlReply::status).containsExactly(LocalStatus.OK);
        forces.add(told::add);
        add(1);
        long later = System.nanoTime() + 10_000_000_000L;
        forces.tick(later);
        assertThat(told.get(1).status()).isEqualTo(LocalStatus.TIMEOUT);
        assertThat(told.get(1).reason()).contains("the disk has taken nothing more for 10000 ms");
        assertThat(answers()).as("other hosts judge for themselves").isEmpty();
        slow.remove().run();
        slow.remove().run();
        assertThat(answers()).containsExactly("1:0");
        assertThat(told).hasSize(2);
    }

    @Test
    void shouldTellOtherHostsAsLongAsTheDiskTakesBytes() throws Exception {
        Path file = Files.write(folder.resolve("disk"), new byte[20 << 20]);
        int descriptor = Sys.openFile(file.toString(), true);
        disk.watched = new WrittenBack(descriptor, 20 << 20);
        Sys.close(descriptor);
        add(7);
        forces.tick(System.nanoTime() + 1_000_000_000L);
        Runnable force = slow.remove();
        slow.remove().run(); // looks on, through the whole file

        forces.tick(System.nanoTime());

        ByteBuf message = channel.readOutbound();
        assertThat(message.getUnsignedByte(PeerLayout.TYPE)).isEqualTo((short) PeerLayout.FORCING);
        assertThat(message.getIntLE(PeerLayout.HEADER_LENGTH)).isEqualTo(7);
        message.release();
        force.run();
        assertThat(answers()).containsExactly("7:0");
    }

    @Test
    void shouldSayWhenTheDiskDoesNotTakeIt() {
        disk.full = true;
        add(1);
        slow.remove().run();
        assertThat(answers()).containsExactly("1:" + Cause.FILE_ERROR);
    }

    @Test
    void shouldRememberOneRequestOfAHostThatForcesWithoutEnd() {
        for (int i = 0; i < 2000; i++) {
            assertThat(add(i)).isNull();
        }
        slow.remove().run();
        slow.remove().run();
        assertThat(answers()).containsExactly("0:0", "1999:0");
        assertThat(slow).isEmpty();
        assertThat(forces.add(circuit, Unpooled.EMPTY_BUFFER, 0, 3)).isEqualTo("FORCE of 3 bytes");
    }
}
