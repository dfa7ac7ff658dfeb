package io.pagewire.daemon.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitBytes;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the producer's host believes of a consumer's: a lie costs the circuit, and the hub stays in order. */
class HomeSinkProtocolTest {
    private final List<String> sent = new ArrayList<>();
    private EmbeddedChannel loopOwner;
    private TestHome home;
    private int incarnation;

    @BeforeEach
    void setUp() throws Exception {
        loopOwner = new EmbeddedChannel();
        home = new TestHome(loopOwner.eventLoop(), Apparatus.PAGE, 1000, 0);
        loopOwner.runPendingTasks();
    }

    @AfterEach
    void tearDown() {
        loopOwner.finishAndReleaseAll();
        home.memory().close();
    }

    private EmbeddedChannel says(CircuitBytes.Talk talk) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(CircuitBytes.waitingForCall(new OnItsLoop(home, channel)));
        byte[] bytes = CircuitBytes.of(++incarnation, Apparatus.EPOCH, talk);
        CircuitBytes.feed(channel, bytes, 0, bytes.length);
        channel.runPendingTasks();
        loopOwner.runPendingTasks();
        CircuitBytes.discardOutput(channel, this::note);
        return channel;
    }

    private void note(int type, ByteBuf bytes, int at, int length) {
        switch (type) {
            case PeerLayout.FRAME -> sent.add("frame " + bytes.getLongLE(at));
            case PeerLayout.ACCEPT -> sent.add("accept");
            case PeerLayout.ECHO -> sent.add("echo " + bytes.getLongLE(at));
            case PeerLayout.BYE, PeerLayout.REFUSE -> sent.add("no " + Reason.read(bytes, at, length));
            default -> sent.add("type " + type);
        }
    }

    private static CircuitBytes.Talk called(CircuitBytes.Talk more) {
        return circuit -> {
            StreamTalk.call(circuit, PeerLayout.Setup.LOSSLESS_STREAM, 0);
            more.on(circuit);
        };
    }

    private static Arguments lie(String reason, CircuitBytes.Talk talk) {
        return arguments(reason, called(talk));
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                lie("CREDIT for frame 1 after 0", circuit -> StreamTalk.credit(circuit, 1, 4)),
                lie("CREDIT for frame -1", circuit -> StreamTalk.credit(circuit, -1, 4)),
                lie("CREDIT for -1 frames", circuit -> StreamTalk.credit(circuit, 0, -1)),
                lie("CREDIT for 1025 frames", circuit -> StreamTalk.credit(circuit, 0, 1025)),
                lie("CREDIT for frame 3 after 0, with 2", circuit -> {
                    StreamTalk.credit(circuit, 0, 2);
                    StreamTalk.credit(circuit, 3, 2);
                }),
                lie("CREDIT for frame 1 after 2", circuit -> {
                    StreamTalk.credit(circuit, 0, 2);
                    StreamTalk.credit(circuit, 2, 2);
                    StreamTalk.credit(circuit, 1, 3);
                }),
                lie("CREDIT for 1 frames after 2", circuit -> {
                    StreamTalk.credit(circuit, 0, 2);
                    StreamTalk.credit(circuit, 0, 1);
                }),
                lie("from a consumer's host", circuit -> StreamTalk.stalled(circuit, 0)),
                lie("from a consumer's host", circuit -> StreamTalk.call(circuit, 5, 0)),
                lie(
                        "HEARTBEAT of 4 bytes",
                        circuit -> circuit.send(
                                circuit.begin(PeerLayout.HEARTBEAT, 4).writeIntLE(1))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void shouldCloseTheCircuitWithTheReason(String reason, CircuitBytes.Talk talk) {
        EmbeddedChannel channel = says(talk);
        assertThat(sent.get(sent.size() - 1)).startsWith("no ").contains("PROTOCOL", reason);
        assertThat(channel.isOpen()).isFalse();
        assertThat(home.log).last().asString().startsWith("lost");
        assertThat(home.sink().circuit()).isNull();
    }

    @Test
    void shouldSendAsManyFramesAsThereIsRoomFor() {
        says(called(circuit -> {
            circuit.sendBeat(PeerLayout.HEARTBEAT, 41);
            StreamTalk.credit(circuit, 0, 2);
            StreamTalk.credit(circuit, 1, 3);
            StreamTalk.credit(circuit, 3, 3);
        }));
        assertThat(sent).containsExactly("accept", "echo 41", "frame 1", "frame 2", "frame 3");
        assertThat(home.sink().hasBytesUnderway()).isFalse();
    }

    @Test
    void shouldSendAgainWhatDidNotComeWhole() {
        EmbeddedChannel first = says(called(circuit -> {
            StreamTalk.credit(circuit, 0, 3);
            StreamTalk.credit(circuit, 1, 3);
        }));
        first.close();
        assertThat(home.sink().hasBytesUnderway()).isTrue();
        sent.clear();
        says(circuit -> {
            StreamTalk.call(circuit, PeerLayout.Setup.LOSSLESS_STREAM, 2);
            StreamTalk.credit(circuit, 2, 2);
        });
        assertThat(sent).containsExactly("accept", "frame 3", "frame 4");
        assertThat(home.sink().hasBytesUnderway()).isTrue();
    }

    @Test
    void shouldLetANewCallTakeOverFromACircuitThatSeemsToStand() {
        EmbeddedChannel first = says(called(circuit -> StreamTalk.credit(circuit, 0, 1)));
        sent.clear();
        says(circuit -> {
            StreamTalk.call(circuit, PeerLayout.Setup.LOSSLESS_STREAM, 0);
            StreamTalk.credit(circuit, 0, 1);
        });
        assertThat(first.isOpen()).isFalse();
        assertThat(sent).containsExactly("accept", "frame 1");
    }

    @Test
    void shouldRefuseACallThatTheNetworkHeldBackOrThatSaysTooMuch() {
        incarnation = 5;
        says(called(circuit -> StreamTalk.credit(circuit, 0, 2)));
        incarnation = 3;
        says(called(circuit -> {}));
        assertThat(sent).last().asString().contains("a newer call of this daemon");
        incarnation = 6;
        says(circuit -> StreamTalk.call(circuit, PeerLayout.Setup.LOSSLESS_STREAM, 3));
        assertThat(sent).last().asString().contains("the call says that frame 3 has come");
    }

    @Test
    void shouldBeLeftAndNotLostWhenTheHostHangsUpInOrder() {
        EmbeddedChannel channel = says(called(circuit -> {
            StreamTalk.credit(circuit, 0, 1);
            circuit.sendLast(PeerLayout.LEFT, 10, "nobody is left");
        }));
        assertThat(home.log).last().isEqualTo("left: nobody is left");
        assertThat(channel.isOpen()).isFalse();
    }

    /** Serves the home on the loop of the call's own channel. */
    private record OnItsLoop(TestHome home, EmbeddedChannel channel)
            implements CircuitServer.Exchange, CircuitServer.Home {
        @Override
        public CircuitServer.Home home(int regionId) {
            return this;
        }

        @Override
        public Reason whyNot(int regionId, String regionName) {
            throw new IllegalStateException("there is a home");
        }

        @Override
        public EventLoop loop() {
            return channel.eventLoop();
        }

        @Override
        public void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch) {
            home.call(circuit, setup, circuitId, incarnation, epoch);
        }
    }
}
