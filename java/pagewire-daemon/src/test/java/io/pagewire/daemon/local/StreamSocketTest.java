package io.pagewire.daemon.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.wire.LocalLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the ends of a stream say over their sockets, and what costs them these. */
class StreamSocketTest {
    private final LocalProcess process;
    private final List<String> heard = new ArrayList<>();
    private EmbeddedChannel channel;
    private String answer;

    StreamSocketTest() throws IOException {
        process = LocalDoor.self();
    }

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
        process.release();
    }

    @Test
    void shouldPassOnWhatAProducerSays() {
        open(StreamEnd.PRODUCER);
        say(LocalLayout.FILLED, 5, 0, 1234, 0xffff_ffff);
        say(LocalLayout.WAITING, 0, 0, 0, 0);
        say(LocalLayout.DRAIN, 0, 9, 0, 0);
        say(LocalLayout.FINISH, 0, 0, 0, 0);
        assertThat(heard).containsExactly("filled 5 4294967295 1234", "waiting", "drain 9", "finish");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void shouldPassOnWhatAConsumerSays() {
        open(2);
        say(LocalLayout.NEXT, 0, 0, 0, 0);
        say(LocalLayout.RELEASE, 7, 0, 0, 0);
        say(LocalLayout.CANCEL, 0, 8, 0, 0);
        assertThat(heard).containsExactly("next", "released 7", "cancel 8");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void shouldCloseTheSocketOfWhoSaysWhatTheOtherEndWould() {
        open(2);
        say(LocalLayout.FILLED, 5, 0, 1234, 10);
        assertThat(heard).containsExactly("closed");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void shouldCloseTheSocketOfAProducerThatGoesOnAfterTheEnd() {
        open(StreamEnd.PRODUCER);
        say(LocalLayout.FINISH, 0, 0, 0, 0);
        say(LocalLayout.FILLED, 5, 0, 1234, 10);
        assertThat(heard).containsExactly("finish", "closed");
    }

    @Test
    void shouldCloseTheSocketWhenTheStreamCannotTakeWhatWasSaid() {
        open(StreamEnd.PRODUCER);
        answer = "slot 5 was not given";
        say(LocalLayout.FILLED, 5, 0, 1234, 10);
        assertThat(heard).containsExactly("filled 5 10 1234", "closed");
    }

    @Test
    void shouldHearWhatAProducerHasSaidBeforeItLeftAlsoWhenNothingCanBeWrittenToIt() {
        open(StreamEnd.PRODUCER);
        channel.pipeline().fireExceptionCaught(new IOException("Broken pipe"));
        say(LocalLayout.FILLED, 5, 0, 1234, 10);
        say(LocalLayout.FINISH, 0, 0, 0, 0);
        assertThat(heard).containsExactly("filled 5 10 1234", "finish");
        assertThat(channel.config().isAutoClose())
                .as("closes when a write fails")
                .isFalse();
    }

    @Test
    void shouldSendFramesInTheLayoutOfTheLibrary() {
        StreamEnd end = open(2);
        end.frame(7, 3, 4711, 4096);
        end.ended(17, 3);
        ByteBuf frame = channel.readOutbound();
        assertThat(frame.getUnsignedByte(LocalLayout.TYPE)).isEqualTo((short) LocalLayout.FRAME);
        assertThat(frame.getUnsignedShortLE(LocalLayout.STATUS)).isEqualTo(7);
        assertThat(frame.getLongLE(LocalLayout.A)).isEqualTo(3);
        assertThat(frame.getLongLE(LocalLayout.B)).isEqualTo(4711);
        assertThat(frame.getIntLE(LocalLayout.C)).isEqualTo(4096);
        frame.release();
        ByteBuf ended = channel.readOutbound();
        assertThat(ended.getUnsignedByte(LocalLayout.TYPE)).isEqualTo((short) LocalLayout.ENDED);
        assertThat(ended.getUnsignedShortLE(LocalLayout.STATUS)).isEqualTo(17);
        assertThat(ended.getLongLE(LocalLayout.A)).isEqualTo(3);
        ended.release();
    }

    @Test
    void shouldSayNothingAfterTheEnd() {
        StreamEnd end = open(2);
        end.end();
        channel.runPendingTasks();
        end.frame(7, 3, 4711, 4096);
        assertThat(heard).isEmpty();
        ByteBuf said = channel.readOutbound();
        assertThat(said).isNull();
        assertThat(end.openSocket()).isNull();
    }

    private StreamEnd open(int sink) {
        StreamEnd end = new StreamEnd(1, process, new Side(), sink);
        channel = new EmbeddedChannel(end.openSocket());
        assertThat(end.openSocket()).isNull();
        return end;
    }

    private void say(int type, int status, int id, long b, int c) {
        channel.writeInbound(Header.write(Unpooled.buffer(), type, status, id, 0, b, c, 0));
        channel.runPendingTasks();
    }

    /** Writes down what it hears. */
    private final class Side implements StreamSide {
        @Override
        public EventLoop loop() {
            return channel.eventLoop();
        }

        @Override
        public void attached(StreamEnd end) {
            heard.add("attached");
        }

        @Override
        public String filled(StreamEnd producer, int slot, long length, long timeNs) {
            heard.add("filled " + slot + " " + length + " " + timeNs);
            return answer;
        }

        @Override
        public void waiting(StreamEnd producer) {
            heard.add("waiting");
        }

        @Override
        public void drain(StreamEnd producer, int request) {
            heard.add("drain " + request);
        }

        @Override
        public void finish(StreamEnd producer) {
            heard.add("finish");
        }

        @Override
        public String next(StreamEnd consumer) {
            heard.add("next");
            return answer;
        }

        @Override
        public String released(StreamEnd consumer, int slot) {
            heard.add("released " + slot);
            return answer;
        }

        @Override
        public String cancel(StreamEnd consumer, int request) {
            heard.add("cancel " + request);
            return answer;
        }

        @Override
        public void closed(StreamEnd end) {
            heard.add("closed");
        }
    }
}
