package io.pagewire;

import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The control connection of a daemon that says what a test wants. Knows no mappings: Java cannot pass descriptors.
 *
 * <p>Serves one connection at a time on a thread of its own; {@link #requests} may be read by any thread.
 */
final class ScriptedDaemon implements AutoCloseable {
    /** A control request: the fields of its header, and its payload as text. */
    record Request(int type, long a, long b, int c, String text) {}

    /** An answer. */
    record Reply(LocalStatus status, long a, long b, int c, String text) {
        static final Reply OK = new Reply(LocalStatus.OK, 1, 0, 0, "");
    }

    /** Everything that was written is home. */
    private static final Reply NOTHING_LEFT = new Reply(LocalStatus.OK, 0, 0, 0, "");

    /** What the daemon says to a request. */
    interface Script {
        Reply answer(Request request);
    }

    private final Path socket;
    private final Script script;
    private final ServerSocketChannel server;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile Throwable failure;

    ScriptedDaemon(Path socket, Script script) throws IOException {
        this.socket = socket;
        this.script = script;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        this.thread = new Thread(this::run, "scripted-daemon");
        thread.setDaemon(true);
        thread.start();
    }

    Path socket() {
        return socket;
    }

    /** Those after HELLO, in their order. */
    List<Request> requests() {
        return requests;
    }

    /** The types of {@link #requests} without the questions about progress. */
    List<Integer> types() {
        return requests.stream()
                .map(Request::type)
                .filter(type -> type != LocalLayout.PROGRESS)
                .toList();
    }

    private void run() {
        try {
            while (true) {
                try (SocketChannel connection = server.accept()) {
                    serve(connection);
                } catch (EOFException e) {
                    // The program hung up.
                }
            }
        } catch (ClosedChannelException e) {
            // The test is over.
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    private void serve(SocketChannel connection) throws IOException {
        while (true) {
            ByteBuffer head = read(connection, LocalLayout.HEADER_LENGTH);
            int type = head.get(LocalLayout.TYPE);
            ByteBuffer payload = read(connection, head.getInt(LocalLayout.LENGTH));
            Request request = new Request(
                    type,
                    head.getLong(LocalLayout.A),
                    head.getLong(LocalLayout.B),
                    head.getInt(LocalLayout.C),
                    StandardCharsets.UTF_8.decode(payload).toString());
            Reply reply = Reply.OK;
            if (type != LocalLayout.HELLO_CONTROL) {
                requests.add(request);
                reply = script.answer(request);
            }
            if (type == LocalLayout.UNMAP && reply == Reply.OK) {
                reply = NOTHING_LEFT;
            }
            write(connection, head, reply);
        }
    }

    private static void write(SocketChannel connection, ByteBuffer head, Reply reply) throws IOException {
        byte[] text = reply.text().getBytes(StandardCharsets.UTF_8);
        ByteBuffer answer = ByteBuffer.allocate(LocalLayout.HEADER_LENGTH + text.length)
                .order(ByteOrder.nativeOrder())
                .put(LocalLayout.VERSION, (byte) LocalLayout.PROTOCOL_VERSION)
                .put(LocalLayout.TYPE, head.get(LocalLayout.TYPE))
                .putShort(LocalLayout.STATUS, (short) reply.status().code())
                .putInt(LocalLayout.ID, head.getInt(LocalLayout.ID))
                .putLong(LocalLayout.A, reply.a())
                .putLong(LocalLayout.B, reply.b())
                .putInt(LocalLayout.C, reply.c())
                .putInt(LocalLayout.LENGTH, text.length)
                .put(LocalLayout.HEADER_LENGTH, text);
        while (answer.hasRemaining()) {
            connection.write(answer);
        }
    }

    private static ByteBuffer read(SocketChannel connection, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            if (connection.read(bytes) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new AssertionError("the scripted daemon failed", failure);
        }
    }
}
