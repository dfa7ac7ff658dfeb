package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.CircuitBytes;
import io.pagewire.daemon.circuit.CircuitServer;
import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.circuit.Reason;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two homes on one loop, real sockets: one is flooded with requests by a peer, the other is at work. */
class FloodedHomeTest {
    private static final int PAGE = 4096;
    private static final int WINDOW = PeerLayout.WINDOW_BYTES / PAGE;
    private static final int FLOODED = 1;
    private static final int WORKING = 2;
    private static final int LARGE = 1 << 18;
    private static final int REQUESTS = 240;
    private static final int MARKS = 8192;
    private static final int SIX_TURNS = 24;
    private static final int BEAT = PeerLayout.HEADER_LENGTH + PeerLayout.BEAT_LENGTH;
    private static final int PATIENCE_MS = 20_000;

    private final EventLoops loops = new EventLoops(1, 0);
    private final Map<Integer, HomeRuntime> homes = new HashMap<>();
    private RegionContext context;
    private CircuitServer server;
    private int port;

    @BeforeEach
    void open() throws Exception {
        context = Apparatus.context();
        home(FLOODED);
        home(WORKING);
        server = new CircuitServer(new CircuitServer.Exchange() {
            @Override
            public CircuitServer.Home home(int regionId) {
                return homes.get(regionId);
            }

            @Override
            public Reason whyNot(int regionId, String regionName) {
                return new Reason(FaultCause.UNKNOWN_REGION, "there is no region " + regionName);
            }
        });
        port = server.bind("127.0.0.1", 0, loops);
    }

    @AfterEach
    void close() throws Exception {
        server.close();
        for (HomeRuntime home : homes.values()) {
            home.loop().submit(home::close).get(PATIENCE_MS, TimeUnit.MILLISECONDS);
        }
        loops.close();
    }

    private static RegionRecord record(int id) {
        long span = (long) LARGE * PAGE;
        return new RegionRecord(
                "r" + id,
                id,
                0x6600_0000_0000L + id * 2 * span,
                span,
                span,
                PAGE,
                Kind.CREATED,
                "a",
                null,
                1,
                false,
                false);
    }

    private void home(int id) throws Exception {
        RegionRecord record = record(id);
        OwnerRecord claim = new OwnerRecord(id, "a", "127.0.0.1", 1, Apparatus.SESSION, Apparatus.EPOCH, false);
        MemorySource bytes = MemorySource.create("flooded", record.span());
        HomeRuntime home = new HomeRuntime(context, record, loops.loop(0), bytes, claim, false);
        homes.put(id, home);
        home.loop()
                .submit(() -> {
                    home.start();
                    home.owner().extended(Sys.bootTimeNs() + TimeUnit.HOURS.toNanos(1));
                })
                .get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    }

    private static void call(Circuit circuit, int id, long session) {
        RegionRecord record = record(id);
        new SetupRequest(
                        session,
                        id,
                        record.base(),
                        record.span(),
                        PAGE,
                        1000,
                        Apparatus.INCARNATION,
                        1,
                        1,
                        0,
                        1000,
                        false,
                        0,
                        "b",
                        record.name())
                .send(circuit);
    }

    private static void fetch(Circuit circuit, int type, int request, long first, int count) {
        ByteBuf message = circuit.begin(type, PeerLayout.RUN_LENGTH);
        circuit.send(message.writeIntLE(request).writeIntLE(count).writeLongLE(first));
    }

    /** Requests, and behind them the answers to marks, which a peer that reads sends one after the other. */
    private static byte[] flood(int requests, int count) {
        return CircuitBytes.of(1, Apparatus.EPOCH, circuit -> {
            call(circuit, FLOODED, 77);
            for (int i = 0; i < requests; i++) {
                int type = i % 2 == 0 ? PeerLayout.FETCH : PeerLayout.AHEAD;
                fetch(circuit, type, i, (long) i * count % LARGE, count);
            }
            for (int i = 0; i < MARKS; i++) {
                circuit.sendBeat(PeerLayout.MARKED, i);
            }
        });
    }

    private static int answers(byte[] flood) {
        return flood.length - MARKS * BEAT;
    }

    /** A peer that is at work: beats, asks for a page, waits for both answers, again and again; and returns the marks. */
    private final class Worker implements AutoCloseable {
        private static final int ROUNDS = 1000;
        private static final int PAGES_PER_MARK = PeerLayout.FRAGMENT_BYTES / PAGE;
        private static final int ROUND_LENGTH =
                2 * PeerLayout.HEADER_LENGTH + PeerLayout.BEAT_LENGTH + PeerLayout.RUN_LENGTH;

        private final byte[] all = CircuitBytes.of(1, Apparatus.EPOCH, circuit -> {
            call(circuit, WORKING, 78);
            for (int i = 0; i < ROUNDS; i++) {
                circuit.sendBeat(PeerLayout.HEARTBEAT, i);
                fetch(circuit, PeerLayout.FETCH, i, i, 1);
                if ((i + 1) % PAGES_PER_MARK == 0) {
                    circuit.sendBeat(PeerLayout.MARKED, i / PAGES_PER_MARK);
                }
            }
        });
        private final Socket socket = new Socket("127.0.0.1", port);
        private final DataInputStream in = new DataInputStream(socket.getInputStream());
        private int at = all.length - ROUNDS * ROUND_LENGTH - ROUNDS / PAGES_PER_MARK * BEAT;
        private int rounds;

        Worker() throws IOException {
            socket.setSoTimeout(PATIENCE_MS);
            socket.getOutputStream().write(all, 0, at);
            assertThat(readType()).isEqualTo(PeerLayout.ACCEPT);
        }

        void round() throws IOException {
            socket.getOutputStream().write(all, at, ROUND_LENGTH);
            at += ROUND_LENGTH;
            assertThat(readType()).isEqualTo(PeerLayout.ECHO);
            assertThat(readType()).isEqualTo(PeerLayout.PAGES);
            if (++rounds % PAGES_PER_MARK == 0) {
                assertThat(readType()).isEqualTo(PeerLayout.MARK);
                socket.getOutputStream().write(all, at, BEAT);
                at += BEAT;
            }
        }

        private int readType() throws IOException {
            return FloodedHomeTest.readType(in);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static int readType(DataInputStream in) throws IOException {
        return readHeader(in).get(PeerLayout.TYPE);
    }

    /** Of the next message, whose payload is passed over. */
    private static ByteBuffer readHeader(DataInputStream in) throws IOException {
        byte[] bytes = new byte[PeerLayout.HEADER_LENGTH];
        in.readFully(bytes);
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        in.skipNBytes(header.getInt(PeerLayout.LENGTH));
        return header;
    }

    private long sentToFlooder() throws Exception {
        HomeRuntime home = homes.get(FLOODED);
        return home.loop()
                .submit(() -> {
                    long sent = 0;
                    for (HomeCircuit circuit : home.circuits()) {
                        sent += circuit.circuit().counters().sentBytes;
                    }
                    return sent;
                })
                .get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    }

    private static long direct() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    @Test
    void shouldKeepFewBytesForAPeerThatReadsNothing_andServeTheOther() throws Exception {
        long before = direct();
        try (Worker worker = new Worker();
                Socket flooder = new Socket("127.0.0.1", port)) {
            worker.round();
            flooder.setReceiveBufferSize(64 << 10);
            byte[] flood = flood(REQUESTS, WINDOW);
            flooder.getOutputStream().write(flood, 0, answers(flood));
            await().until(() -> sentToFlooder() > PeerLayout.FRAGMENT_BYTES);
            for (int i = 0; i < 100; i++) {
                worker.round();
            }
            assertThat(sentToFlooder())
                    .as("of the %d MiB it asked for", REQUESTS)
                    .isLessThan(64 << 20);
            assertThat(direct() - before).isLessThan(64 << 20);
            assertThat(homes.get(FLOODED).core().waiting()).isPositive();
        }
    }

    @Test
    void shouldSendEverythingToAPeerThatReads_andServeTheOtherMeanwhile() throws Exception {
        try (Worker worker = new Worker();
                Socket flooder = new Socket("127.0.0.1", port)) {
            flooder.setSoTimeout(PATIENCE_MS);
            byte[] flood = flood(SIX_TURNS, WINDOW);
            int at = answers(flood);
            flooder.getOutputStream().write(flood, 0, at);
            DataInputStream in = new DataInputStream(flooder.getInputStream());
            assertThat(readType(in)).isEqualTo(PeerLayout.ACCEPT);
            for (int pages = 0; pages < SIX_TURNS * WINDOW; ) {
                ByteBuffer header = readHeader(in);
                int type = header.get(PeerLayout.TYPE);
                assertThat(type).isIn(PeerLayout.PAGES, PeerLayout.MARK);
                if (type == PeerLayout.MARK) {
                    flooder.getOutputStream().write(flood, at, BEAT);
                    at += BEAT;
                    continue;
                }
                int before = pages;
                pages += (header.getInt(PeerLayout.LENGTH) - PeerLayout.PAGES_DATA) / PAGE;
                if (before / 64 != pages / 64) {
                    worker.round();
                }
            }
            assertThat(homes.get(FLOODED).core().waiting()).isZero();
        }
    }

    @Test
    void shouldHangUpOnAPeerThatAsksForMoreThanAWindowAtOnce() throws Exception {
        try (Worker worker = new Worker();
                Socket flooder = new Socket("127.0.0.1", port)) {
            flooder.setSoTimeout(PATIENCE_MS);
            byte[] flood = flood(1, LARGE);
            flooder.getOutputStream().write(flood, 0, answers(flood));
            DataInputStream in = new DataInputStream(flooder.getInputStream());
            assertThat(readType(in)).isEqualTo(PeerLayout.ACCEPT);
            assertThat(readType(in)).isEqualTo(PeerLayout.BYE);
            assertThat(in.read()).as("the connection is closed").isEqualTo(-1);
            worker.round();
            assertThat(sentToFlooder()).isLessThan(4096);
        }
    }
}
