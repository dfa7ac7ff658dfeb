package io.pagewire.system;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A relay on loopback in front of a host that behaves like a long or narrow way: all its connections share one rate in each
 * direction and one queue, and every byte is delayed.
 *
 * <p>Safe for use by any thread.
 */
final class ShapedWay implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    /** What waits in sockets and in threads is short, so that it is the queue of the way that counts. */
    private static final int SOCKET_BYTES = 64 << 10;

    private static final int CHUNK = 4 << 10;

    /** Chunks of one connection that are on their way: more than any rate and delay of the tests needs. */
    private static final int MOST_CHUNKS = 16 << 10;

    /** A queue that would take longer takes no more, like that of the shaped link, ns. */
    private static final long LONGEST_QUEUE_NS = 200_000_000L;

    /** One direction. */
    private static final class Wire {
        private long freeNs = System.nanoTime();
    }

    private record Chunk(byte[] bytes, long dueNs) {}

    private final int target;
    private final double nsPerByte;
    private final long delayNs;
    private final ServerSocket server;
    private final Wire towards = new Wire();
    private final Wire back = new Wire();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** target: a port of loopback; delayMs: one way. */
    ShapedWay(int target, long bitsPerSecond, long delayMs) {
        this.target = target;
        this.nsPerByte = 8e9 / bitsPerSecond;
        this.delayNs = delayMs * 1_000_000;
        try {
            server = new ServerSocket();
            server.setReceiveBufferSize(SOCKET_BYTES);
            server.bind(new InetSocketAddress(LOOPBACK, 0), 50);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("accept", this::accept);
    }

    /** HOST:PORT of the relay. */
    String address() {
        return LOOPBACK.getHostAddress() + ":" + server.getLocalPort();
    }

    /** Breaks every connection; new ones are welcome. */
    void reset() {
        List.copyOf(sockets).forEach(RelayedConnection::quietly);
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = server.accept();
                Socket host = new Socket();
                host.setReceiveBufferSize(SOCKET_BYTES);
                host.connect(new InetSocketAddress(LOOPBACK, target), 5000);
                for (Socket socket : List.of(client, host)) {
                    socket.setTcpNoDelay(true);
                    socket.setSendBufferSize(SOCKET_BYTES);
                }
                RelayedConnection connection = new RelayedConnection(client, host, sockets);
                carry(connection, client, host, towards);
                carry(connection, host, client, back);
            } catch (IOException e) {
                if (!closed) {
                    System.err.println("way to port " + target + ": " + e);
                }
            }
        }
    }

    private void carry(RelayedConnection connection, Socket from, Socket to, Wire wire) {
        BlockingQueue<Chunk> underWay = new ArrayBlockingQueue<>(MOST_CHUNKS);
        start("in", () -> take(connection, from, wire, underWay));
        start("out", () -> deliver(connection, to, underWay));
    }

    private void take(RelayedConnection connection, Socket from, Wire wire, BlockingQueue<Chunk> underWay) {
        byte[] bytes = new byte[CHUNK];
        try {
            InputStream in = from.getInputStream();
            for (int read; (read = in.read(bytes)) >= 0; ) {
                long sentNs;
                synchronized (wire) {
                    wire.freeNs = Math.max(wire.freeNs, System.nanoTime()) + (long) (read * nsPerByte);
                    sentNs = wire.freeNs;
                }
                underWay.put(new Chunk(Arrays.copyOf(bytes, read), sentNs + delayNs));
                until(sentNs - LONGEST_QUEUE_NS);
            }
            underWay.put(new Chunk(new byte[0], System.nanoTime() + delayNs));
        } catch (IOException e) {
            connection.broken();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver(RelayedConnection connection, Socket to, BlockingQueue<Chunk> underWay) {
        try {
            OutputStream out = to.getOutputStream();
            for (Chunk chunk = underWay.take(); chunk.bytes.length > 0; chunk = underWay.take()) {
                until(chunk.dueNs);
                out.write(chunk.bytes);
            }
            connection.ended(to);
        } catch (IOException e) {
            connection.broken();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void until(long dueNs) {
        for (long left = dueNs - System.nanoTime(); left > 0; left = dueNs - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, "way-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closed = true;
        quietlyEnd();
    }

    private void quietlyEnd() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(RelayedConnection::quietly);
    }
}
