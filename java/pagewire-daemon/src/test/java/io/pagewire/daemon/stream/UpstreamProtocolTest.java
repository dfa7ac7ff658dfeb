package io.pagewire.daemon.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitBytes;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a consumer's host believes of the producer's: a lie costs the circuit, not the stream. */
class UpstreamProtocolTest {
    private static final int GIVEN = 3;

    private final EmbeddedChannel loopOwner = new EmbeddedChannel();
    private final List<String> seen = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private StreamMemory memory;
    private Upstream upstream;
    private boolean givesBack;

    private final class Seen implements Upstream.Events {
        @Override
        public void up(int dropMs) {
            seen.add("up");
            for (int slot = 0; slot < GIVEN; slot++) {
                upstream.give(slot);
            }
        }

        @Override
        public void filled(int slot, long number, int length, long timeNs) {
            seen.add("frame " + number + " in slot " + slot + ", " + length + " bytes");
            for (int at = 0; at < length; at++) {
                assertThat(memory.view(slot, at, 1).get()).isEqualTo((byte) number);
            }
            if (givesBack) {
                upstream.give(slot);
            }
        }

        @Override
        public void stalled() {
            seen.add("stalled");
        }

        @Override
        public void ended(int cause, String reason) {
            seen.add("ended " + cause + " " + reason);
        }

        @Override
        public void down(FaultCause cause, String reason) {
            seen.add("down");
        }
    }

    private static final class Unasked implements CircuitEvents {
        @Override
        public String message(Circuit circuit, int type, ByteBuf bytes, int payload, int length) {
            return "too early";
        }

        @Override
        public void closed(Circuit circuit, String reason) {}
    }

    @BeforeEach
    void setUp() throws Exception {
        memory = StreamMemory.of("test", Apparatus.PAGE, GIVEN, GIVEN + 1, true);
        open(false);
    }

    @AfterEach
    void tearDown() {
        upstream.close("the test is over");
        loopOwner.finishAndReleaseAll();
        memory.close();
    }

    private void open(boolean latest) throws Exception {
        upstream = new Upstream(
                Apparatus.context(), loopOwner.eventLoop(), Apparatus.stream("a"), latest, 1000, memory, new Seen());
    }

    /** Home says that on a new circuit; returns the channel. */
    private EmbeddedChannel says(CircuitBytes.Talk talk) {
        Circuit circuit = new Circuit(new Unasked());
        EmbeddedChannel channel = new EmbeddedChannel(circuit);
        upstream.call(Apparatus.owner("a"), circuit);
        byte[] bytes = CircuitBytes.of(circuit.incarnation(), Apparatus.EPOCH, talk);
        CircuitBytes.feed(channel, bytes, 0, bytes.length);
        CircuitBytes.discardOutput(channel, this::note);
        return channel;
    }

    private void note(int type, ByteBuf bytes, int at, int length) {
        if (type == PeerLayout.CREDIT) {
            sent.add("credit " + bytes.getLongLE(at) + " " + bytes.getLongLE(at + PeerLayout.CREDIT_TOTAL));
        } else if (type == PeerLayout.BYE || type == PeerLayout.LEFT) {
            sent.add((type == PeerLayout.BYE ? "bye " : "left ") + Reason.read(bytes, at, length));
        } else if (type == PeerLayout.SETUP) {
            sent.add("setup after " + bytes.getLongLE(at + PeerLayout.Setup.RESUME));
        }
    }

    private static Arguments lie(String reason, CircuitBytes.Talk talk) {
        return arguments(reason, talk);
    }

    private static CircuitBytes.Talk accepted(CircuitBytes.Talk more) {
        return circuit -> {
            StreamTalk.accept(circuit);
            more.on(circuit);
        };
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                lie("in answer to a call", circuit -> StreamTalk.frame(circuit, 1, 5)),
                lie("the directory says", circuit -> StreamTalk.accept(circuit, 2 * Apparatus.PAGE, 4096, 5000)),
                lie("the directory says", circuit -> StreamTalk.accept(circuit, Apparatus.PAGE, 8192, 5000)),
                lie("a drop deadline of 0", circuit -> StreamTalk.accept(circuit, Apparatus.PAGE, 4096, 0)),
                lie("FRAME 0 after frame 0", accepted(circuit -> StreamTalk.frame(circuit, 0, 5))),
                lie("FRAME -1 after frame 0", accepted(circuit -> StreamTalk.frame(circuit, -1, 5))),
                lie("FRAME of -1 bytes", accepted(circuit -> StreamTalk.frame(circuit, 1, -1, 0))),
                lie("FRAME of 4097 bytes", accepted(circuit -> StreamTalk.frame(circuit, 1, Apparatus.PAGE + 1))),
                lie("FRAME 1 after frame 1", accepted(circuit -> {
                    StreamTalk.frame(circuit, 1, 5);
                    StreamTalk.frame(circuit, 1, 5);
                })),
                lie("of a lossless stream", accepted(circuit -> {
                    StreamTalk.frame(circuit, 1, 5);
                    StreamTalk.frame(circuit, 3, 5);
                })),
                lie("without a slot", accepted(circuit -> {
                    for (int number = 1; number <= GIVEN + 1; number++) {
                        StreamTalk.frame(circuit, number, 5);
                    }
                })),
                lie("malformed STALLED", accepted(circuit -> StreamTalk.stalled(circuit, 1))),
                lie("ENDED with frame 2 after frame 1", accepted(circuit -> {
                    StreamTalk.frame(circuit, 1, 5);
                    StreamTalk.ended(circuit, 2, 0, "over");
                })),
                lie("malformed ENDED", accepted(circuit -> {
                    ByteBuf message = circuit.begin(PeerLayout.ENDED, PeerLayout.ENDED_TEXT);
                    circuit.send(message.writeLongLE(0).writeIntLE(0).writeShortLE(9));
                })),
                lie("from the producer's host", accepted(circuit -> StreamTalk.credit(circuit, 0, 1))),
                lie("from the producer's host", accepted(circuit -> circuit.sendBeat(PeerLayout.HEARTBEAT, 1))),
                lie("malformed FRAME", accepted(circuit -> {
                    ByteBuf message = circuit.begin(PeerLayout.FRAME, PeerLayout.FRAME_LENGTH);
                    circuit.send(
                            message.writeLongLE(1).writeLongLE(5).writeIntLE(0).writeIntLE(1));
                })));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void shouldCloseTheCircuitWithTheReason(String reason, CircuitBytes.Talk talk) {
        EmbeddedChannel channel = says(talk);
        assertThat(sent.get(sent.size() - 1)).startsWith("bye").contains("PROTOCOL", reason);
        assertThat(channel.isOpen()).isFalse();
        assertThat(seen).noneMatch(line -> line.startsWith("ended"));
    }

    @Test
    void shouldNotTakeMoreThanTheCreditEvenWhenASlotIsThere() {
        Circuit circuit = new Circuit(new Unasked());
        EmbeddedChannel channel = new EmbeddedChannel(circuit);
        upstream.give(3);
        upstream.call(Apparatus.owner("a"), circuit);
        byte[] bytes = CircuitBytes.of(circuit.incarnation(), Apparatus.EPOCH, accepted(home -> {
            for (int number = 1; number <= GIVEN + 2; number++) {
                StreamTalk.frame(home, number, 5);
            }
        }));
        CircuitBytes.feed(channel, bytes, 0, bytes.length);
        CircuitBytes.discardOutput(channel, this::note);
        assertThat(seen).hasSize(1 + GIVEN + 1 + 1).last().isEqualTo("down");
        assertThat(sent.get(sent.size() - 1)).contains("FRAME 5 ");
    }

    @Test
    void shouldSayCreditOnceForAllSlotsAndOnceForEachFrame() {
        givesBack = true;
        says(accepted(circuit -> {
            StreamTalk.frame(circuit, 1, 5);
            StreamTalk.frame(circuit, 2, 0);
            StreamTalk.frame(circuit, 3, Apparatus.PAGE);
            StreamTalk.stalled(circuit, 3);
        }));
        assertThat(seen)
                .containsExactly(
                        "up",
                        "frame 1 in slot 0, 5 bytes",
                        "frame 2 in slot 1, 0 bytes",
                        "frame 3 in slot 2, 4096 bytes",
                        "stalled");
        assertThat(sent).containsExactly("setup after 0", "credit 0 3", "credit 1 4", "credit 2 5", "credit 3 6");
    }

    @Test
    void shouldGoOnAfterTheLastWholeFrameAndFillItsSlotAgain() {
        EmbeddedChannel channel = says(accepted(circuit -> {
            StreamTalk.frame(circuit, 1, 5);
            StreamTalk.frame(circuit, 2, 1000, 999);
        }));
        channel.close();
        assertThat(seen).containsExactly("up", "frame 1 in slot 0, 5 bytes", "down");
        sent.clear();
        says(accepted(circuit -> StreamTalk.frame(circuit, 2, 1000)));
        assertThat(sent).containsExactly("setup after 1", "credit 1 2", "credit 2 2");
        assertThat(seen).last().isEqualTo("frame 2 in slot 1, 1000 bytes");
    }

    @Test
    void shouldTellTheEndOnceAndHangUp() {
        EmbeddedChannel channel = says(accepted(circuit -> {
            StreamTalk.frame(circuit, 1, 5);
            StreamTalk.ended(circuit, 1, 16, "it was killed");
            StreamTalk.ended(circuit, 1, 0, "again");
        }));
        assertThat(seen).last().isEqualTo("ended 16 it was killed");
        assertThat(seen).filteredOn(line -> line.startsWith("ended")).hasSize(1);
        assertThat(sent.get(sent.size() - 1)).startsWith("left");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void shouldTakeAnyRisingNumbersOfALatestStream() throws Exception {
        upstream.close("another");
        open(true);
        says(accepted(circuit -> {
            StreamTalk.frame(circuit, 7, 5);
            StreamTalk.frame(circuit, 19, 5);
            StreamTalk.ended(circuit, 30, 0, "over");
        }));
        assertThat(seen)
                .containsExactly("up", "frame 7 in slot 0, 5 bytes", "frame 19 in slot 1, 5 bytes", "ended 0 over");
    }

    @Test
    void shouldEndWhenItIsDroppedAndCallAgainWhenHomeStops() {
        says(accepted(circuit -> circuit.sendLast(PeerLayout.BYE, FaultCause.OWNER_LOST.code(), "dsmd is stopping")));
        assertThat(seen).containsExactly("up", "down");
        says(accepted(circuit -> circuit.sendLast(PeerLayout.BYE, FaultCause.TOO_SLOW.code(), "too slow")));
        assertThat(seen).containsExactly("up", "down", "ended 17 too slow");
    }

    @Test
    void shouldWriteNothingAfterItWasClosed() {
        EmbeddedChannel channel = says(accepted(circuit -> StreamTalk.frame(circuit, 1, 100, 50)));
        upstream.close("no program is left");
        memory.view(0, 50, 50).put(new byte[50]);
        byte[] rest = new byte[50];
        Arrays.fill(rest, (byte) 9);
        if (channel.isOpen()) {
            CircuitBytes.feed(channel, rest, 0, rest.length);
        }
        assertThat(memory.view(0, 50, 50).get()).isZero();
        assertThat(seen).containsExactly("up");
    }
}
