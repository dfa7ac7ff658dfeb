package io.pagewire.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A program's control connection written out byte by byte, without the library under test.
 *
 * <p>For use by one thread.
 */
final class ControlSocket implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SocketChannel channel;

    private ControlSocket(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects and says hello. */
    static ControlSocket connect(Path socket) {
        ControlSocket control = open(socket);
        try {
            control.send(header(LocalLayout.HELLO_CONTROL, 0, "system-test"));
            control.answer();
            return control;
        } catch (IOException | RuntimeException e) {
            control.close();
            throw e instanceof IOException io ? new UncheckedIOException(io) : (RuntimeException) e;
        }
    }

    /** Connects and says nothing. */
    static ControlSocket open(Path socket) {
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new ControlSocket(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A whole message in the machine's byte order. */
    static ByteBuffer header(int type, long a, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(LocalLayout.HEADER_LENGTH + payload.length)
                .order(ByteOrder.nativeOrder())
                .put(LocalLayout.VERSION, (byte) LocalLayout.PROTOCOL_VERSION)
                .put(LocalLayout.TYPE, (byte) type)
                .putInt(LocalLayout.ID, 7)
                .putLong(LocalLayout.A, a)
                .putInt(LocalLayout.LENGTH, payload.length);
        message.position(LocalLayout.HEADER_LENGTH);
        return message.put(payload).flip();
    }

    JsonNode query(String what) {
        try {
            send(header(LocalLayout.QUERY, 0, what));
            return JSON.readTree(answer());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private String answer() throws IOException {
        ByteBuffer header = read(LocalLayout.HEADER_LENGTH);
        while (header.getShort(LocalLayout.STATUS) == LocalStatus.RUNNING.code()) {
            header = read(LocalLayout.HEADER_LENGTH);
        }
        String text = StandardCharsets.UTF_8
                .decode(read(header.getInt(LocalLayout.LENGTH)))
                .toString();
        int status = header.getShort(LocalLayout.STATUS);
        if (status != 0) {
            throw new IOException("dsmd answered with status " + status + ": " + text);
        }
        return text;
    }

    private ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("dsmd closed the connection");
            }
        }
        return bytes.flip();
    }

    /** Reads until the other side closes; returns how many bytes came before. */
    long readToEnd() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        long count = 0;
        for (int read; (read = channel.read(bytes.clear())) >= 0; ) {
            count += read;
        }
        return count;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
