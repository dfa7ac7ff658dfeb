package io.pagewire.daemon.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.EpollSocketChannel;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a connection behind the last word of a circuit. */
class FarewellTest {
    private static final String WORD = "this host needs nothing any more";

    private final EventLoops loops = new EventLoops(1, 0);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final Circuit circuit = new Circuit(new CircuitEvents() {
        @Override
        public String message(Circuit from, int type, ByteBuf bytes, int payload, int length) {
            return "nothing is expected";
        }

        @Override
        public void closed(Circuit which, String reason) {
            closed.complete(null);
        }
    });
    private ServerSocket listener;
    private Socket peer;

    @BeforeEach
    void connect() throws Exception {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        new Bootstrap()
                .group(loops.loop(0))
                .channel(EpollSocketChannel.class)
                .handler(circuit)
                .connect(listener.getInetAddress(), listener.getLocalPort())
                .sync();
        peer = listener.accept();
        peer.setSoTimeout(60_000);
        circuit.bind(1, 1, 1);
    }

    @AfterEach
    void disconnect() throws IOException {
        peer.close();
        listener.close();
        loops.close();
    }

    /** The peer has sent what the circuit has not read by then. */
    private void sayLastWordOverUnreadBytes() throws Exception {
        loops.loop(0)
                .submit(() -> {
                    peer.getOutputStream().write(new byte[20_000]);
                    circuit.sendLast(PeerLayout.LEFT, FaultCause.CLOSED.code(), WORD);
                    return null;
                })
                .get(1, TimeUnit.MINUTES);
    }

    private String readToTheEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        peer.getInputStream().transferTo(all); // fails if the connection was reset
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void shouldEndTheConnectionInOrderAlthoughBytesHaveComeThatNobodyReads() throws Exception {
        sayLastWordOverUnreadBytes();

        assertThat(readToTheEnd()).endsWith(WORD);
        peer.getOutputStream().write(new byte[100_000]); // and what comes later disturbs nobody
        assertThat(closed).isNotDone();
        peer.close();
        closed.get(1, TimeUnit.MINUTES);
    }

    @Test
    void shouldCloseInTheEndWhenThePeerDoesNot() throws Exception {
        sayLastWordOverUnreadBytes();

        closed.get(1, TimeUnit.MINUTES);
    }

    @Test
    void shouldGetTheLastWordThroughWhenTheDaemonEndsAtOnce() throws Exception {
        sayLastWordOverUnreadBytes();
        Thread end = new Thread(loops::close);
        end.start();

        while (end.isAlive() && end.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(end.isAlive()).as("waits for the peer").isTrue();
        assertThat(readToTheEnd()).endsWith(WORD);
        peer.close();
        end.join();
    }
}
