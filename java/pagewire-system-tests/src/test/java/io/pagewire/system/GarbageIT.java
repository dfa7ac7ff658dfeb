package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.PeerLayout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Nonsense on every socket costs the connection it came on, and nothing else. */
@ExtendWith(LogsOnFailure.class)
class GarbageIT {
    private static final int PAGE = 4096;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static TcpCut way;
    private static Host a;
    private static App onA;
    private static App onB;
    private static long value = 1;
    private static Map<String, Integer> descriptors;
    private static long pid;

    private final Random random = new Random(4);

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        Host b = cluster.host("b");
        way = cluster.relayToFreePort();
        way.recordFirst();
        a = cluster.hostBehind(way, "a");
        onA = cluster.app(a);
        onB = cluster.app(b);
        onA.ask("create", "live", 16 * PAGE, PAGE);
        onA.ask("map", "live");
        onB.ask("map", "live");
        onB.ask("get", "live", 0);
        descriptors = a.steadyDescriptors();
        pid = a.pid();
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @BeforeEach
    void remember() {
        Await.until("the descriptors of a to be as before")
                .untilAsserted(() -> assertThat(a.descriptors()).isEqualTo(descriptors));
    }

    @AfterEach
    void theDaemonIsUnharmed() {
        onA.ask("put", "live", 0, ++value);
        assertThat(onB.askLong("get", "live", 0)).isEqualTo(value);
        assertThat(a.isAlive() && a.pid() == pid).isTrue();
        Await.until("the descriptors of a to be as before")
                .untilAsserted(() -> assertThat(a.descriptors()).isEqualTo(descriptors));
    }

    // ---- the local socket ----------------------------------------------------------------------------------------

    private void sendLocally(ByteBuffer bytes) throws IOException {
        try (ControlSocket socket = ControlSocket.open(a.socket())) {
            try {
                socket.send(bytes);
            } catch (IOException e) {
                // It may close on us while we are still sending.
                return;
            }
            socket.readToEnd();
        } catch (IOException e) {
            // Reset instead of closed: it left bytes of ours unread.
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void shouldCloseALocalSocketThatSendsRandomBytes() throws IOException {
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[32 + random.nextInt(20_000)];
            random.nextBytes(bytes);
            sendLocally(ByteBuffer.wrap(bytes));
        }
    }

    @Test
    void shouldCloseALocalSocketThatSpeaksAnotherVersion() throws IOException {
        sendLocally(hello().put(LocalLayout.VERSION, (byte) 99));
    }

    @Test
    void shouldCloseALocalSocketThatAnnouncesAHugePayload() throws IOException {
        for (int length : new int[] {-1, Integer.MAX_VALUE, LocalLayout.MAX_PAYLOAD}) {
            sendLocally(hello().putInt(LocalLayout.LENGTH, length));
        }
    }

    @Test
    void shouldCloseALocalSocketThatNamesAMappingWhichDoesNotExist() throws IOException {
        for (int type : new int[] {LocalLayout.HELLO_LINE, LocalLayout.HELLO_AGENT}) {
            sendLocally(ControlSocket.header(type, 0x1234567890L, ""));
        }
    }

    @Test
    void shouldCloseALocalSocketThatStopsInTheMiddleOfAMessage() throws IOException {
        sendLocally(hello().limit(20)); // returns when the daemon has lost its patience
    }

    @Test
    void shouldCloseAControlConnectionThatSendsRandomBytesAfterItsHello() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (ControlSocket socket = ControlSocket.connect(a.socket())) {
                byte[] bytes = new byte[32 + random.nextInt(4000)];
                random.nextBytes(bytes);
                bytes[LocalLayout.VERSION] = (byte) (i % 2 == 0 ? LocalLayout.PROTOCOL_VERSION : 77);
                ByteBuffer message = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
                message.putInt(LocalLayout.LENGTH, i % 3 == 0 ? -5 : 1 << 30);
                socket.send(message);
                socket.readToEnd();
            } catch (IOException e) {
                assertThat(e).hasMessageMatching(".*(reset|[Bb]roken pipe).*");
            }
        }
    }

    private static ByteBuffer hello() {
        return ControlSocket.header(LocalLayout.HELLO_CONTROL, 0, "nobody");
    }

    // ---- the circuit port ----------------------------------------------------------------------------------------

    /** Sends and reads until the daemon closes. */
    private static void sendToCircuitPort(byte[]... parts) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), way.target())) {
            socket.setSoTimeout(20_000);
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
            }
            socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching(".*(reset|[Bb]roken pipe).*");
        }
    }

    @Test
    void shouldCloseACircuitThatStartsWithRandomBytes() throws IOException {
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[32 + random.nextInt(20_000)];
            random.nextBytes(bytes);
            sendToCircuitPort(bytes);
        }
    }

    @Test
    void shouldCloseACircuitThatStopsInTheMiddleOfItsCall() throws IOException {
        byte[] half = new byte[40];
        System.arraycopy(setup(1), 0, half, 0, half.length);
        sendToCircuitPort(half);
    }

    @Test
    void shouldCloseACircuitWhoseCallHasAHugeLengthOrAWrongChecksum() throws IOException {
        byte[] huge = setup(1);
        ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(PeerLayout.LENGTH, Integer.MAX_VALUE);
        sendToCircuitPort(huge);
        byte[] spoilt = setup(1);
        spoilt[spoilt.length - 1] ^= 1;
        sendToCircuitPort(spoilt);
    }

    @Test
    void shouldCloseACircuitThatSendsRandomBytesAfterAGoodCall() throws IOException {
        byte[] bytes = new byte[5000];
        for (int i = 0; i < 10; i++) {
            random.nextBytes(bytes);
            sendToCircuitPort(setup(1000 + i), bytes);
        }
        Await.until("the hosts that never were to be forgotten")
                .untilAsserted(
                        () -> assertThat(a.query("circuits").path("circuits")).hasSize(1));
    }

    @Test
    void shouldCloseACircuitThatFetchesPagesThatDoNotExist() throws IOException {
        long[][] runs = {{16, 1}, {-1, 1}, {0, 1000}, {0, -1}, {Long.MAX_VALUE, 1}, {15, 2}};
        for (int i = 0; i < runs.length; i++) {
            ByteBuffer fetch = ByteBuffer.allocate(PeerLayout.HEADER_LENGTH + PeerLayout.RUN_LENGTH)
                    .order(ByteOrder.LITTLE_ENDIAN);
            fetch.put(setup(2000 + i), 0, PeerLayout.HEADER_LENGTH).rewind();
            fetch.put(PeerLayout.TYPE, (byte) PeerLayout.FETCH).putInt(PeerLayout.LENGTH, PeerLayout.RUN_LENGTH);
            fetch.putInt(PeerLayout.SEQUENCE, 1);
            int at = PeerLayout.HEADER_LENGTH;
            fetch.putInt(at + PeerLayout.RUN_REQUEST, 1)
                    .putLong(at + PeerLayout.RUN_FIRST, runs[i][0])
                    .putInt(at + PeerLayout.RUN_COUNT, (int) runs[i][1]);
            sendToCircuitPort(setup(2000 + i), checksummed(fetch));
        }
    }

    @Test
    void shouldRefuseACallThatANewerOneHasOvertaken() throws IOException {
        ByteBuffer recorded = ByteBuffer.wrap(way.recorded()).order(ByteOrder.LITTLE_ENDIAN);
        long session = recorded.getLong(PeerLayout.HEADER_LENGTH + PeerLayout.Setup.SESSION);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), way.target())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(setup(session));
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(answer).hasSizeGreaterThan(PeerLayout.HEADER_LENGTH);
            assertThat(answer[PeerLayout.TYPE]).isEqualTo((byte) PeerLayout.REFUSE);
        }
    }

    /** The call that b's daemon made, as if another daemon had. */
    private static byte[] setup(long session) {
        byte[] recorded = way.recorded();
        ByteBuffer setup = ByteBuffer.wrap(recorded).order(ByteOrder.LITTLE_ENDIAN);
        int length = PeerLayout.HEADER_LENGTH + setup.getInt(PeerLayout.LENGTH);
        assertThat(recorded.length).isGreaterThanOrEqualTo(length);
        setup = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN).put(recorded, 0, length);
        setup.putLong(PeerLayout.HEADER_LENGTH + PeerLayout.Setup.SESSION, session);
        return checksummed(setup);
    }

    private static byte[] checksummed(ByteBuffer message) {
        message.putInt(PeerLayout.CRC, 0);
        CRC32C crc = new CRC32C();
        crc.update(message.array());
        message.putInt(PeerLayout.CRC, (int) crc.getValue());
        return message.array();
    }
}
