package io.pagewire.daemon.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.pagewire.wire.PeerLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes of a file through real sockets: sent by the kernel, received in place. */
class FileBytesTest {
    private static final int SIZE = 5 << 20;

    private final EventLoops loops = new EventLoops(2, 0);
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final CompletableFuture<Circuit> accepted = new CompletableFuture<>();
    private final byte[] content = new byte[SIZE];
    private Channel listener;
    private Circuit sender;
    private FileChannel file;

    @TempDir
    private Path folder;

    /** Writes down what comes, and answers every whole frame with a message. */
    private final class Taker implements CircuitEvents {
        private ByteBuffer memory;
        private long number;

        @Override
        public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
            if (type != PeerLayout.FRAME) {
                seen.add("type " + type);
                return null;
            }
            number = bytes.getLongLE(at + PeerLayout.FRAME_NUMBER);
            memory = ByteBuffer.allocateDirect(bytes.getIntLE(at + PeerLayout.FRAME_USED));
            from.receive(memory.duplicate());
            return null;
        }

        @Override
        public String received(Circuit from) {
            CRC32C crc = new CRC32C();
            crc.update(memory);
            seen.add("frame " + number + " " + crc.getValue());
            return null;
        }

        @Override
        public void closed(Circuit which, String reason) {
            seen.add("closed");
        }
    }

    private enum Silent implements CircuitEvents {
        INSTANCE;

        @Override
        public String message(Circuit circuit, int type, ByteBuf bytes, int payload, int length) {
            return null;
        }

        @Override
        public void closed(Circuit circuit, String reason) {}
    }

    @BeforeEach
    void connect() throws Exception {
        new Random(5).nextBytes(content);
        Path path = folder.resolve("frame");
        Files.write(path, content);
        file = FileChannel.open(path, StandardOpenOption.READ);
        listener = new ServerBootstrap()
                .group(loops.loop(0))
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Circuit circuit = new Circuit(new Taker());
                        channel.pipeline().addLast(circuit);
                        circuit.bind(7, 3, 99);
                        accepted.complete(circuit);
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        sender = new Circuit(Silent.INSTANCE);
        new Bootstrap()
                .group(loops.loop(1))
                .channel(EpollSocketChannel.class)
                .handler(sender)
                .connect("127.0.0.1", ((InetSocketAddress) listener.localAddress()).getPort())
                .sync();
        sender.bind(7, 3, 99);
    }

    @AfterEach
    void disconnect() throws Exception {
        listener.close().sync();
        loops.close();
        file.close();
    }

    private void onSender(Runnable work) throws Exception {
        loops.loop(1).submit(work).get(5, TimeUnit.MINUTES);
    }

    private void frame(long number, int offset, int length) {
        ByteBuf message = sender.begin(PeerLayout.FRAME, PeerLayout.FRAME_LENGTH);
        message.writeLongLE(number).writeLongLE(0).writeIntLE(length).writeIntLE(0);
        sender.send(message, file, offset, length);
    }

    private String frameText(long number, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(content, offset, length);
        return "frame " + number + " " + crc.getValue();
    }

    private String next() throws InterruptedException {
        return String.valueOf(seen.poll(5, TimeUnit.MINUTES));
    }

    @Test
    void shouldArriveInOrderWithTheMessagesAroundThem() throws Exception {
        int[] offsets = {0, 1, 4095, 1 << 20, 123_457, SIZE - 1, 77, 0};
        int[] lengths = {SIZE, 1, 1 << 20, (1 << 20) + 1, 4_000_000, 1, 600_000, 65_536};
        onSender(() -> {
            for (int i = 0; i < offsets.length; i++) {
                sender.sendBeat(PeerLayout.ECHO, i);
                frame(i + 1, offsets[i], lengths[i]);
            }
            sender.sendBeat(PeerLayout.HEARTBEAT, 0);
        });
        long bytes = 0;
        for (int i = 0; i < offsets.length; i++) {
            assertThat(next()).isEqualTo("type " + PeerLayout.ECHO);
            assertThat(next()).isEqualTo(frameText(i + 1, offsets[i], lengths[i]));
            bytes += lengths[i] + 2 * PeerLayout.HEADER_LENGTH + PeerLayout.BEAT_LENGTH + PeerLayout.FRAME_LENGTH;
        }
        assertThat(next()).isEqualTo("type " + PeerLayout.HEARTBEAT);
        bytes += PeerLayout.HEADER_LENGTH + PeerLayout.BEAT_LENGTH;
        assertThat(sender.counters().sentBytes).isEqualTo(bytes);
        assertThat(accepted.get().counters().receivedBytes).isEqualTo(bytes);
        onSender(() -> assertThat(sender.counters().waitingBytes).isZero());
        assertThat(file.isOpen()).isTrue();
    }

    @Test
    void shouldBeWokenForEveryLengthThatStandsAlone() throws Exception {
        int number = 0;
        for (int length : new int[] {1, 100, 4096, 65_536, 524_287, 524_288, 524_289, 1_048_577, 3_000_000}) {
            int mine = ++number;
            onSender(() -> frame(mine, 3, length));
            assertThat(next()).isEqualTo(frameText(mine, 3, length));
            onSender(() -> sender.sendBeat(PeerLayout.ECHO, 0));
            assertThat(next()).isEqualTo("type " + PeerLayout.ECHO);
        }
    }

    @Test
    void shouldLetGoOfWhatWaitsWhenTheCircuitIsAborted() throws Exception {
        accepted.get().channel().config().setAutoRead(false);
        onSender(() -> {
            for (int i = 1; i <= 20; i++) {
                frame(i, 0, SIZE);
            }
            assertThat(sender.counters().waitingBytes).isPositive();
            sender.abort("enough");
        });
        onSender(() -> assertThat(sender.counters().waitingBytes).isZero());
        assertThat(file.isOpen()).isTrue();
        accepted.get().channel().config().setAutoRead(true);
        String last = next();
        for (int i = 0; i < 20 && last.startsWith("frame"); i++) {
            last = next(); // what lay in the receiver's queue already
        }
        assertThat(last).isEqualTo("closed");
    }
}
