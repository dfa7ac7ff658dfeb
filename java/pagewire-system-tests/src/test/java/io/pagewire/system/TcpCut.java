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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A relay on loopback in front of a host, so that tests can cut the way to it. What is held comes through when the way is
 * healed, as TCP's resends would; what is dropped or spoilt is gone, as no TCP would have it, which the circuit must notice.
 *
 * <p>Safe for use by any thread.
 */
final class TcpCut implements AutoCloseable {
    /** What becomes of bytes in one direction. */
    enum Way {
        OPEN,
        HELD,
        DROPPED,
        SPOILT
    }

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final int target;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private volatile boolean refusing;
    private volatile boolean recording;
    private byte[] recorded;
    private Way toTarget = Way.OPEN;
    private Way fromTarget = Way.OPEN;
    private volatile long bytesPerSecond;

    TcpCut(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, LOOPBACK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("accept", this::accept);
    }

    /** HOST:PORT of the relay. */
    String address() {
        return LOOPBACK.getHostAddress() + ":" + server.getLocalPort();
    }

    /** The port behind the relay. */
    int target() {
        return target;
    }

    /** From now on keeps what the first connection sends first towards the host. */
    void recordFirst() {
        recording = true;
    }

    /** What came at once at the start of the first connection. */
    synchronized byte[] recorded() {
        return recorded.clone();
    }

    private synchronized void record(byte[] bytes, int length) {
        if (recording) {
            recording = false;
            recorded = Arrays.copyOf(bytes, length);
        }
    }

    /** What becomes of bytes towards the host, and of those from it. */
    synchronized void set(Way toTarget, Way fromTarget) {
        this.toTarget = toTarget;
        this.fromTarget = fromTarget;
        notifyAll();
    }

    /** So many bytes a second and connection get through in each direction, 0 = as many as there are. */
    void slow(long bytes) {
        bytesPerSecond = bytes;
    }

    void cut() {
        set(Way.HELD, Way.HELD);
    }

    /** Breaks every connection and takes no more. */
    void refuse() {
        refusing = true;
        sockets.forEach(RelayedConnection::quietly);
    }

    void heal() {
        refusing = false;
        bytesPerSecond = 0;
        set(Way.OPEN, Way.OPEN);
    }

    /** Breaks every connection; new ones are welcome. How many there were. */
    int reset() {
        List<Socket> broken = List.copyOf(sockets);
        broken.forEach(RelayedConnection::quietly);
        return broken.size() / 2;
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = server.accept();
                if (refusing) {
                    client.close();
                    continue;
                }
                Socket host = new Socket();
                client.setTcpNoDelay(true); // a way does not wait for more before it passes on what it has
                host.setTcpNoDelay(true);
                RelayedConnection connection = new RelayedConnection(client, host, sockets);
                start("to", () -> {
                    try {
                        host.connect(new InetSocketAddress(LOOPBACK, target), 5000);
                        start("from", () -> pump(connection, host, client, false));
                        pump(connection, client, host, true);
                    } catch (IOException e) {
                        connection.broken();
                    }
                });
            } catch (IOException e) {
                if (!closed) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void pump(RelayedConnection connection, Socket from, Socket to, boolean towards) {
        byte[] bytes = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read; (read = in.read(bytes)) >= 0; ) {
                if (towards) {
                    record(bytes, read);
                }
                Way way = await(towards);
                if (way == Way.SPOILT) {
                    bytes[read / 2] ^= 0x10;
                }
                sleepFor(read);
                if (way != Way.DROPPED) {
                    out.write(bytes, 0, read);
                }
            }
            connection.ended(to);
        } catch (IOException e) {
            connection.broken();
        }
    }

    private void sleepFor(int bytes) throws IOException {
        long rate = bytesPerSecond;
        if (rate > 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(bytes * 1_000_000_000L / rate);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    /** Waits while the way is held. */
    private synchronized Way await(boolean towards) throws IOException {
        while (!closed) {
            Way way = towards ? toTarget : fromTarget;
            if (way != Way.HELD) {
                return way;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        throw new IOException("closed");
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, "cut-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closed = true;
        heal();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(RelayedConnection::quietly);
    }
}
