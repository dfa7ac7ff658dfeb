package io.pagewire.daemon.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitEvents;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.LocalDoor;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.StreamReply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A stream's home between a producer and consumers that are sockets in memory, and the calls that it refuses. */
class HomeStreamTest {
    private static final int FRAMES = 2;
    private static final int SLOTS = FRAMES + StreamRuntime.MOST_SINKS;
    private static final int OVERLONG = Apparatus.PAGE + 1;

    private final List<EmbeddedChannel> channels = new ArrayList<>();
    private RegionContext context;
    private StreamTable table;
    private LocalProcess process;
    private HomeStream home;
    private Program producer;

    /** A program's end of the stream. */
    private record Program(StreamEnd end, EmbeddedChannel socket) {
        void say(int type, int status, int id, long b, int c) {
            socket.writeInbound(LocalDoor.message(type, status, id, b, c));
            socket.runPendingTasks();
        }

        void close() {
            socket.close();
            socket.runPendingTasks();
        }

        /** The messages that have come, as "type status a". */
        List<String> heard() {
            List<String> heard = new ArrayList<>();
            for (ByteBuf in = socket.readOutbound(); in != null; in = socket.readOutbound()) {
                heard.add(in.getUnsignedByte(LocalLayout.TYPE) + " " + in.getUnsignedShortLE(LocalLayout.STATUS) + " "
                        + in.getLongLE(LocalLayout.A));
                in.release();
            }
            return heard;
        }
    }

    @BeforeEach
    void publish() throws Exception {
        context = Apparatus.context();
        table = new StreamTable(context, null);
        process = LocalDoor.self();
        publish(5000);
    }

    private void publish(int dropMs) throws Exception {
        StreamMemory memory = StreamMemory.of("video", Apparatus.PAGE, FRAMES, SLOTS, false);
        home = new HomeStream(
                context,
                Apparatus.stream("a"),
                channel(new EmbeddedChannel()).eventLoop(),
                table,
                memory,
                FRAMES,
                false,
                dropMs,
                Apparatus.owner("a"),
                process);
        producer = attach(home.openProducer(process));
    }

    @AfterEach
    void close() {
        home.shutDown();
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
        process.release();
    }

    private EmbeddedChannel channel(EmbeddedChannel channel) {
        channels.add(channel);
        return channel;
    }

    private Program attach(ControlReply reply) {
        StreamEnd end = table.end(
                ByteBuffer.wrap(reply.payload()).order(ByteOrder.LITTLE_ENDIAN).getLong(StreamReply.TOKEN));
        Program program = new Program(end, channel(new EmbeddedChannel(LocalDoor.socket(end))));
        home.attached(end);
        return program;
    }

    private Program subscribe(boolean latest) {
        return attach(home.openConsumer(process, latest));
    }

    /** Fills every slot that the producer has been given; the numbers of those slots. */
    private List<Integer> fillAll() {
        List<Integer> slots = new ArrayList<>();
        for (String given : producer.heard()) {
            slots.add(Integer.valueOf(given.split(" ")[1]));
        }
        slots.forEach(this::fill);
        return slots;
    }

    /** Lets the producer wait for longer than a consumer may hold it up. */
    private void dropWhoHoldsUp() {
        producer.say(LocalLayout.WAITING, 0, 0, 0, 0);
        long now = System.nanoTime();
        for (int i = 0; i < 60; i++) {
            home.hub().tick(now + i * 100_000_000L);
        }
    }

    private void fill(int slot) {
        producer.say(LocalLayout.FILLED, slot, 0, 4711, 100);
    }

    @Test
    void shouldGiveTheProducerItsSlotsOnceItsSocketIsThere() {
        assertThat(producer.heard()).containsExactly("33 0 0", "33 1 0");
    }

    @Test
    void shouldSendEveryFrameToALosslessConsumerAndTheNewestToALatestOneThatAsks() {
        Program all = subscribe(false);
        Program latest = subscribe(true);
        fill(0);
        all.say(LocalLayout.NEXT, 0, 0, 0, 0);
        fill(1);
        latest.say(LocalLayout.NEXT, 0, 0, 0, 0);
        assertThat(all.heard()).containsExactly("39 0 1", "39 1 2");
        assertThat(latest.heard()).containsExactly("39 1 2");
    }

    @Test
    void shouldCloseTheSocketOfALatestConsumerThatAsksTwice() {
        Program latest = subscribe(true);
        latest.say(LocalLayout.NEXT, 0, 0, 0, 0);
        latest.say(LocalLayout.NEXT, 0, 0, 0, 0);
        assertThat(latest.socket().isOpen()).isFalse();
        assertThat(table.end(latest.end().token())).isNull();
    }

    @Test
    void shouldCloseTheSocketOfAProducerWhoseFrameIsTooLong() {
        producer.say(LocalLayout.FILLED, 0, 0, 4711, OVERLONG);
        assertThat(producer.socket().isOpen()).isFalse();
    }

    @Test
    void shouldTellAProducerThatFinishedFromOneThatDied() {
        Program first = subscribe(false);
        producer.say(LocalLayout.FINISH, 0, 0, 0, 0);
        producer.close();
        assertThat(first.heard()).containsExactly("44 0 0");
    }

    @Test
    void shouldSayWhoDiedWithoutFinishing() {
        Program consumer = subscribe(false);
        fill(0);
        producer.close();
        assertThat(consumer.heard()).containsExactly("39 0 1", "44 " + FaultCause.PRODUCER_LOST.code() + " 1");
        assertThat(home.why(consumer.end(), FaultCause.PRODUCER_LOST))
                .contains("fuzz", "pid " + process.pid(), "on host a", "without finishing");
    }

    @Test
    void shouldKeepFramesForTheFirstConsumerAlsoAfterTheEndButNotLongerThanTheProducerIsThere() {
        fill(0);
        producer.say(LocalLayout.FINISH, 0, 0, 0, 0);
        assertThat(home.takesConsumers()).isTrue();
        assertThat(subscribe(false).heard()).containsExactly("39 0 1", "44 0 1");
        assertThat(home.takesConsumers()).isFalse();
    }

    @Test
    void shouldLetGoWhatNobodyAskedForWithTheProducersSocket() {
        fill(0);
        producer.say(LocalLayout.FINISH, 0, 0, 0, 0);
        producer.close();
        home.onTick();
        assertThat(home.isClosed()).isTrue();
        assertThat(home.hasRecord()).isFalse();
    }

    @Test
    void shouldStayUntilItsConsumersAreGoneButGiveTheNameFreeWhenTheyHaveBeenTold() {
        Program consumer = subscribe(false);
        producer.say(LocalLayout.FINISH, 0, 0, 0, 0);
        producer.close();
        home.onTick();
        assertThat(home.hasRecord()).isFalse();
        assertThat(home.isClosed()).isFalse();
        consumer.close();
        home.onTick();
        assertThat(home.isClosed()).isTrue();
    }

    @Test
    void shouldSayWhatHoldsTheProducerUp() {
        fill(0);
        fill(1);
        producer.say(LocalLayout.WAITING, 0, 0, 0, 0);
        assertThat(home.why(producer.end(), FaultCause.DEADLINE))
                .contains("no consumer has subscribed yet", "2 frames");
        subscribe(false);
        assertThat(home.why(producer.end(), FaultCause.DEADLINE))
                .contains("consumer fuzz (pid " + process.pid() + ")", "2 frames");
    }

    @Test
    void shouldTellEverybodyThatTheStreamWasTakenAway() {
        Program consumer = subscribe(false);
        producer.heard();
        home.endBy(FaultCause.UNKNOWN_REGION, "it has been deleted");
        String told = "44 " + FaultCause.UNKNOWN_REGION.code() + " 0";
        assertThat(consumer.heard()).containsExactly(told);
        assertThat(producer.heard()).containsExactly(told);
        fill(0); // on its way when it was told
        assertThat(producer.socket().isOpen()).isTrue();
        assertThat(home.why(consumer.end(), FaultCause.UNKNOWN_REGION)).isEqualTo("it has been deleted");
    }

    @Test
    void shouldDropEndsThatAProgramNeverOpenedWithItsControlConnection() {
        home.openConsumer(process, false);
        Program attached = subscribe(false);
        home.dropUnused(process);
        assertThat(home.consumers().all()).hasSize(1);
        assertThat(table.end(attached.end().token())).isNotNull();
    }

    @Test
    void shouldDrainAtOnceWhenNobodyHasAFrameToCome() {
        Program consumer = subscribe(false);
        fill(0);
        producer.heard();
        producer.say(LocalLayout.DRAIN, 0, 9, 0, 0);
        assertThat(producer.heard()).containsExactly(LocalLayout.DRAINED + " 0 0");
        assertThat(consumer.heard()).hasSize(1);
    }

    @Test
    void shouldAnswerTheNewestDrainAlone() {
        fill(0);
        producer.heard();
        for (int request = 1; request <= 3; request++) {
            producer.say(LocalLayout.DRAIN, 0, request, 0, 0);
        }
        assertThat(producer.heard()).as("a frame is kept").isEmpty();
        subscribe(false);
        assertThat(producer.heard()).containsOnlyOnce(LocalLayout.DRAINED + " 0 0");
    }

    @Test
    void shouldDropAnEndWhoseSocketDoesNotCome() {
        EmbeddedChannel loop = channels.get(0);
        loop.freezeTime();
        home.openConsumer(process, false);
        loop.advanceTimeBy(ProgramWatch.OPEN_MS - 1, TimeUnit.MILLISECONDS);
        loop.runPendingTasks();
        assertThat(home.consumers().all()).hasSize(1);
        loop.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        loop.runPendingTasks();
        assertThat(home.consumers().isEmpty()).isTrue();
        assertThat(home.isEnded()).isFalse();
    }

    @Test
    void shouldGiveTheNameFreeThoughALatestConsumerDoesNotAskForItsLastFrame() throws Exception {
        home.shutDown();
        publish(1);
        Program latest = subscribe(true);
        fill(0);
        producer.say(LocalLayout.FINISH, 0, 0, 0, 0);
        producer.close();
        for (int i = 0; home.hasRecord() && i < 500; i++) {
            Thread.sleep(10);
            home.onTick();
        }
        assertThat(home.hasRecord()).isFalse();
        assertThat(home.isClosed()).isFalse();
        latest.say(LocalLayout.NEXT, 0, 0, 0, 0);
        assertThat(latest.heard()).containsExactly("39 0 1", "44 0 1");
    }

    @Test
    void shouldHearThatAProducerHasEndedThoughItsSocketIsStillOpen() throws Exception {
        home.shutDown();
        process.release();
        Process other = new ProcessBuilder("sleep", "100").start();
        process = LocalDoor.of(other);
        publish(5000);
        home.start();
        LocalProcess here = LocalDoor.self();
        Program consumer = attach(home.openConsumer(here, false));
        here.release();
        letPass(home.loop(), 5);
        assertThat(home.isEnded()).isFalse();
        other.destroyForcibly().waitFor();
        letPass(home.loop(), 3);
        assertThat(home.isEnded()).isTrue();
        assertThat(consumer.heard()).contains("44 " + FaultCause.PRODUCER_LOST.code() + " 0");
    }

    private void letPass(EventLoop loop, int seconds) {
        for (EmbeddedChannel channel : channels) {
            for (int i = 0; channel.eventLoop() == loop && i < seconds; i++) {
                channel.advanceTimeBy(1, TimeUnit.SECONDS);
                channel.runPendingTasks();
            }
        }
    }

    // ---- slots ---------------------------------------------------------------------------------------------------

    @Test
    void shouldCloseTheSocketOfALatestConsumerThatReleasesNothing() {
        Program latest = subscribe(true);
        for (int slot = 0; slot < 2; slot++) {
            fill(slot);
            latest.say(LocalLayout.NEXT, 0, 0, 0, 0);
        }
        assertThat(latest.heard()).hasSize(2);
        latest.say(LocalLayout.NEXT, 0, 0, 0, 0);
        assertThat(latest.socket().isOpen()).isFalse();
        assertThat(home.hub().aside()).isZero();
    }

    @Test
    void shouldCloseTheSocketOfALosslessConsumerThatReleasesNothing() {
        Program all = subscribe(false);
        for (int i = 0; i < SLOTS && all.socket().isOpen(); i++) {
            fillAll();
            all.say(LocalLayout.NEXT, 0, 0, 0, 0);
        }
        assertThat(all.socket().isOpen()).isFalse();
        assertThat(fillAll()).hasSize(FRAMES);
    }

    @Test
    void shouldRefuseConsumersBeforeThoseThatAreStuckHaveAllSlotsAndSayWhoHasThem() {
        for (int i = 1; i < StreamRuntime.MOST_SINKS / FRAMES; i++) {
            subscribe(false);
            fillAll();
            dropWhoHoldsUp();
        }
        Program stuck = subscribe(false);
        Program other = subscribe(false);
        fillAll().forEach(slot -> other.say(LocalLayout.RELEASE, slot, 0, 0, 0));
        dropWhoHoldsUp();
        assertThat(home.hub().aside()).isEqualTo(StreamRuntime.MOST_SINKS);
        for (boolean latest : new boolean[] {false, true}) {
            ControlReply refused = home.openConsumer(process, latest);
            assertThat(refused.status()).isEqualTo(LocalStatus.LIMIT);
            assertThat(refused.reason())
                    .contains("64 of 66 slots", "(pid " + process.pid() + ") has 2 (it was dropped)");
        }

        assertThat(fillAll()).hasSize(FRAMES); // one more that gets stuck
        dropWhoHoldsUp();
        assertThat(producer.heard()).isEmpty();
        producer.say(LocalLayout.WAITING, 0, 0, 0, 0);
        assertThat(home.why(producer.end(), FaultCause.DEADLINE)).contains("66 of 66 slots", "end them");
        stuck.close();
        assertThat(producer.heard()).hasSize(FRAMES);
    }

    // ---- calls ---------------------------------------------------------------------------------------------------

    private Reason refusal(SetupRequest setup, long epoch) {
        EmbeddedChannel channel = channel(new EmbeddedChannel());
        Circuit circuit = new Circuit(new Deaf());
        channel.pipeline().addLast(circuit);
        home.call(circuit, setup, 1 << 24, 1, epoch);
        ByteBuf answer = channel.readOutbound();
        try {
            return answer.getUnsignedByte(PeerLayout.TYPE) == PeerLayout.REFUSE
                    ? Reason.read(answer, PeerLayout.HEADER_LENGTH, answer.readableBytes() - PeerLayout.HEADER_LENGTH)
                    : null;
        } finally {
            answer.release();
        }
    }

    private static SetupRequest setup(int type, int right, long resume, String name) {
        long base = Apparatus.stream("a").base();
        return new SetupRequest(
                77,
                7,
                base,
                Apparatus.PAGE,
                Apparatus.PAGE,
                0,
                Apparatus.INCARNATION,
                type,
                right,
                0,
                1000,
                false,
                resume,
                "b",
                name);
    }

    @Test
    void shouldTakeTheCallOfAHostWithConsumers() {
        assertThat(refusal(setup(PeerLayout.Setup.LOSSLESS_STREAM, 1, 0, "video"), Apparatus.EPOCH))
                .isNull();
        assertThat(home.calls().all()).hasSize(1);
    }

    @Test
    void shouldRefuseCallsThatDoNotFitTheStreamAndSayWhy() {
        long epoch = Apparatus.EPOCH;
        assertThat(refusal(setup(1, 1, 0, "video"), epoch).text()).contains("subscribe");
        assertThat(refusal(setup(5, 2, 0, "video"), epoch).cause()).isEqualTo(FaultCause.PROTOCOL);
        assertThat(refusal(setup(5, 1, 0, "other"), epoch).text()).contains("describes stream other");
        assertThat(refusal(setup(5, 1, 0, "video"), epoch + 1).cause()).isEqualTo(FaultCause.FENCED);
        assertThat(refusal(setup(5, 1, 0, "video"), epoch - 1).cause()).isEqualTo(FaultCause.NO_OWNER);
        assertThat(home.calls().isEmpty()).isTrue();
    }

    @Test
    void shouldRefuseACallThatGoesOnWhereNoneThatIsKnownBroke() {
        Reason reason = refusal(setup(5, 1, 3, "video"), Apparatus.EPOCH);
        assertThat(reason.cause()).isEqualTo(FaultCause.REFUSED);
    }

    @Test
    void shouldRefuseNewConsumersWhenTheStreamHasEnded() {
        producer.say(LocalLayout.FINISH, 0, 0, 0, 0);
        Reason reason = refusal(setup(5, 1, 0, "video"), Apparatus.EPOCH);
        assertThat(reason.cause()).isEqualTo(FaultCause.UNKNOWN_REGION);
    }

    @Test
    void shouldNotTakeBackAHostThatWasDropped() {
        assertThat(refusal(setup(5, 1, 0, "video"), Apparatus.EPOCH)).isNull();
        home.calls().dropped(home.calls().all().get(0).sink.sink(), 7_000_000_000L);
        channels.get(0).runPendingTasks();
        assertThat(home.calls().isEmpty()).isTrue();
        Reason reason = refusal(setup(5, 1, 0, "video"), Apparatus.EPOCH);
        assertThat(reason.cause()).isEqualTo(FaultCause.TOO_SLOW);
        assertThat(reason.text()).contains("host b", "7000 ms", "dropped");
    }

    /** Hears nothing. */
    private static final class Deaf implements CircuitEvents {
        @Override
        public String message(Circuit from, int type, ByteBuf bytes, int at, int length) {
            return "nothing is expected";
        }

        @Override
        public void closed(Circuit which, String reason) {
            // Nothing was agreed.
        }
    }
}
