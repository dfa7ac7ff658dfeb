package io.pagewire.daemon.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.config.DaemonSettingsBuilder;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.wire.FaultCause;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends of a stream's circuit over real sockets, with the real hub and real memory at home. */
class StreamCircuitTest {
    private static final int FRAME_SIZE = 300_000;
    private static final int SLOTS = 8;
    private static final int PATIENCE_S = 30;

    @TempDir
    Path folder;

    private final EventLoops loops = new EventLoops(2, 0);
    private final EventLoop homeLoop = loops.loop(0);
    private final EventLoop clientLoop = loops.loop(1);
    private final ExecutorService slow = Executors.newSingleThreadExecutor();
    private final OneOwner directory = new OneOwner();
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final List<Long> numbers = new ArrayList<>();
    private RegionContext context;
    private CircuitServer server;
    private StreamMemory memory;
    private Upstream upstream;
    private TestHome home;
    private int port;

    /** A consumer's host: looks at each byte of a frame, and gives the slot back now or a little later. */
    private final class Consumer implements Upstream.Events {
        private final Random random = new Random(23);
        private final ArrayDeque<Integer> kept = new ArrayDeque<>();

        @Override
        public void up(int dropMs) {
            log.add("up " + dropMs);
            for (int slot = 0; slot < 4; slot++) {
                upstream.give(slot);
            }
        }

        @Override
        public void filled(int slot, long number, int length, long timeNs) {
            numbers.add(number);
            ByteBuffer bytes = length == 0 ? ByteBuffer.allocate(0) : memory.view(slot, 0, length);
            for (int at = 0; at < length; at++) {
                if (bytes.get(at) != TestHome.content(number, at)) {
                    log.add("frame " + number + " is torn at " + at + " of " + length);
                    break;
                }
            }
            if (timeNs != number) {
                log.add("frame " + number + " has another's time");
            }
            kept.add(slot);
            if (random.nextInt(3) == 0) {
                clientLoop.schedule(this::giveBack, random.nextInt(3), TimeUnit.MILLISECONDS);
            } else {
                giveBack();
            }
        }

        private void giveBack() {
            upstream.give(kept.remove());
        }

        @Override
        public void stalled() {
            // The producer is faster: as it should be.
        }

        @Override
        public void ended(int cause, String reason) {
            log.add("ended " + cause + " " + reason);
        }

        @Override
        public void down(FaultCause cause, String reason) {
            log.add("down " + cause);
        }
    }

    @BeforeEach
    void setUp() throws Exception {
        context = context(PATIENCE_S * 1000);
        memory = StreamMemory.of("client", FRAME_SIZE, 4, SLOTS, true);
    }

    /** @param leaseMs longer than a busy machine keeps a thread waiting, but where silence is to be noticed */
    private RegionContext context(int leaseMs) throws Exception {
        Path config = folder.resolve("settings");
        Files.writeString(
                config,
                "[deadlines]\nfault-ms = 200000\nclient-lease-ms = " + leaseMs + "\nhome-ms = " + 3 * PATIENCE_S * 1000
                        + "\nstall-ms = 200000\n");
        return new RegionContext(
                new DaemonSettingsBuilder()
                        .config(config)
                        .name("b")
                        .listen("127.0.0.1:0")
                        .socket(Path.of("/tmp/never-opened.sock"))
                        .data(Path.of("/tmp/never-opened"))
                        .directory("127.0.0.1:1")
                        .build(),
                77,
                directory,
                slow);
    }

    @AfterEach
    void tearDown() throws Exception {
        if (upstream != null) {
            clientLoop.submit(() -> upstream.close("the test is over")).get(5, TimeUnit.SECONDS);
        }
        if (server != null) {
            server.close();
        }
        loops.close();
        slow.shutdownNow();
        memory.close();
    }

    private void serve(long frames, int endCause) throws Exception {
        serve(frames, endCause, TestHome.DROP_MS);
    }

    private void serve(long frames, int endCause, int dropMs) throws Exception {
        home = new TestHome(homeLoop, FRAME_SIZE, frames, endCause, dropMs);
        server = new CircuitServer(home);
        port = server.bind("127.0.0.1", 0, loops);
        directory.is(owner(5));
    }

    private OwnerRecord owner(long session) {
        return new OwnerRecord(7, "a", "127.0.0.1", port, session, 99, false);
    }

    private void connect(boolean latest) {
        RegionRecord record = new RegionRecord(
                "video", 7, 0x6600_0020_0000L, FRAME_SIZE, FRAME_SIZE, 4096, Kind.STREAM, "a", null, 5, false, false);
        upstream = new Upstream(context, clientLoop, record, latest, 1000, memory, new Consumer());
        clientLoop.execute(upstream::connect);
    }

    private String next() throws InterruptedException {
        return String.valueOf(log.poll(PATIENCE_S, TimeUnit.SECONDS));
    }

    private String nextAtHome() throws InterruptedException {
        return String.valueOf(home.log.poll(PATIENCE_S, TimeUnit.SECONDS));
    }

    /** Numbers one after the other from 1. */
    private static List<Long> upTo(long last) {
        List<Long> all = new ArrayList<>();
        for (long number = 1; number <= last; number++) {
            all.add(number);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16})
    void shouldBringEveryFrameWholeInOrderAndThenTheEnd(int endCause) throws Exception {
        serve(500, endCause);
        connect(false);
        assertThat(next()).isEqualTo("up " + TestHome.DROP_MS);
        assertThat(next()).isEqualTo("ended " + endCause + " after frame 500");
        assertThat(numbers).isEqualTo(upTo(500));
        assertThat(nextAtHome()).isEqualTo("call after 0");
        assertThat(nextAtHome()).startsWith("left: the stream is over");
    }

    @Test
    void shouldBringLatestFramesInRisingOrderToTheNewest() throws Exception {
        serve(500, 0);
        connect(true);
        assertThat(next()).isEqualTo("up " + TestHome.DROP_MS);
        assertThat(next()).isEqualTo("ended 0 after frame 500");
        assertThat(numbers).isSorted().doesNotHaveDuplicates().last().isEqualTo(500L);
    }

    @Test
    void shouldGoOnWhereItWasWhereverACircuitBreaks() throws Exception {
        serve(600, 0, PATIENCE_S * 1000);
        connect(false);
        assertThat(next()).isEqualTo("up " + PATIENCE_S * 1000);
        Random random = new Random(29);
        int breaks = 0;
        int whole = 0;
        for (String last = ""; !last.startsWith("ended"); ) {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(1, 40));
            for (String line = log.poll(); line != null; line = log.poll()) {
                last = line;
                breaks += line.startsWith("down") ? 1 : 0;
                assertThat(line).matches("down .*|ended 0 after frame 600");
            }
            if (numbers.size() == whole) {
                continue; // broken off again and again before a frame is whole, a stream ends: a slow machine is no
                // reason
            }
            whole = numbers.size();
            boolean byHome = random.nextBoolean();
            (byHome ? homeLoop : clientLoop).execute(() -> {
                var circuit = byHome ? home.sink().circuit() : upstream.circuit();
                if (circuit != null) {
                    circuit.channel().close();
                }
            });
        }
        assertThat(breaks).isGreaterThan(3);
        assertThat(numbers).isEqualTo(upTo(600));
        assertThat(home.log).noneMatch(line -> line.startsWith("hub") || line.startsWith("dropped"));
    }

    @Test
    void shouldEndWhenHomeStaysAwayForTheDropDeadline() throws Exception {
        serve(Long.MAX_VALUE, 0);
        connect(false);
        assertThat(next()).isEqualTo("up " + TestHome.DROP_MS);
        while (numbers.size() < 20) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        server.close();
        long before = System.nanoTime();
        homeLoop.execute(home::stop);
        assertThat(next()).isEqualTo("down OWNER_LOST");
        assertThat(next()).startsWith("ended 1 ").contains("host a was lost").contains("1500 ms");
        assertThat((System.nanoTime() - before) / 1_000_000).isBetween((long) TestHome.DROP_MS - 100, 6000L);
    }

    @Test
    void shouldGiveUpACircuitOnWhichNothingComes() throws Exception {
        context = context(1000);
        serve(1, 0);
        connect(true);
        assertThat(next()).isEqualTo("up " + TestHome.DROP_MS);
        assertThat(next()).startsWith("ended 0");
        numbers.clear();
        serve(Long.MAX_VALUE, 0);
        homeLoop.submit(() -> {}).get();
        connect(false);
        assertThat(next()).startsWith("up");
        clientLoop
                .submit(() -> upstream.circuit().channel().config().setAutoRead(false))
                .get();
        assertThat(next()).isEqualTo("down OWNER_LOST");
        while (numbers.size() < 50) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        assertThat(log).isEmpty();
        assertThat(List.copyOf(numbers).subList(0, 50)).isEqualTo(upTo(50));
    }

    @Test
    void shouldEndAtOnceWithTheReasonOfARefusal() throws Exception {
        serve(1, 0);
        home.refuse(new Reason(FaultCause.REFUSED, "not with you"));
        connect(false);
        assertThat(next()).isEqualTo("ended 3 host a refused: not with you");
    }

    @Test
    void shouldEndWhenTheDirectoryKnowsNoSuchStreamAnyMore() throws Exception {
        serve(Long.MAX_VALUE, 0);
        connect(false);
        assertThat(next()).startsWith("up");
        directory.isNot(new DirectoryException(DirectoryException.Kind.UNKNOWN_REGION, "there is no region video"));
        homeLoop.execute(() -> home.sink().circuit().channel().close());
        assertThat(next()).isEqualTo("down OWNER_LOST");
        assertThat(next()).isEqualTo("ended 5 there is no region video");
    }

    @Test
    void shouldEndWhenTheOwnersDaemonIsAnotherOne() throws Exception {
        serve(Long.MAX_VALUE, 0);
        connect(false);
        assertThat(next()).startsWith("up");
        directory.is(owner(6));
        homeLoop.execute(() -> home.sink().circuit().channel().close());
        assertThat(next()).isEqualTo("down OWNER_LOST");
        assertThat(next()).startsWith("ended 1 ").contains("started anew");
    }

    @Test
    void shouldFailAtOnceWhenTheFirstCallComesToNothing() throws Exception {
        directory.isNot(new DirectoryException(DirectoryException.Kind.NO_OWNER, "nobody publishes video"));
        connect(false);
        assertThat(next()).isEqualTo("ended 14 nobody publishes video");
    }

    @Test
    void shouldCallAgainWhenTheOwnerCannotBeReachedAtFirst() throws Exception {
        serve(100, 0);
        int right = port;
        port = 1; // nobody listens there
        directory.is(owner(5));
        connect(false);
        assertThat(log.poll(200, TimeUnit.MILLISECONDS)).isNull();
        port = right;
        directory.is(owner(5));
        assertThat(next()).startsWith("up");
        assertThat(next()).startsWith("ended 0");
        assertThat(numbers).isEqualTo(upTo(100));
    }

    @Test
    void shouldTellADroppedHostWhy() throws Exception {
        serve(Long.MAX_VALUE, 0);
        connect(false);
        assertThat(next()).startsWith("up");
        homeLoop.execute(() -> home.dropped(0, 0));
        String first = next();
        // Frames in the socket's queue let home close it at once; the host hears when it calls again.
        if (first.startsWith("down")) {
            assertThat(next()).isEqualTo("ended 17 host a refused: held up");
        } else {
            assertThat(first).isEqualTo("ended 17 held up");
        }
    }
}
