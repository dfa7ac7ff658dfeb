package io.pagewire.testkit.cluster;

import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.PeerLayout.Setup;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One listening address of a host as the others see it. What comes over a way that is cut waits until the way is healed, as
 * TCP's resends would; so does the end of a connection. What a host sends and receives may have a rate. Who calls is known from the address (a relay for one caller alone), or
 * from the call setup of the circuit.
 *
 * <p>Safe for use by any thread; a connection has a thread each way.
 */
final class Relay implements Closeable {
    private static final int CONNECT_MS = 5000;
    private static final int MOST_NAME = 255;

    /** What waits here and was sent already: little, as in a switch, so that a slow way is not a long one. */
    private static final int QUEUE = 64 << 10;

    private static final int CHUNK = 16 << 10;

    private final ServerSocket server = new ServerSocket();
    private final InetSocketAddress target;
    private final String caller;
    private final String host;
    private final Cuts cuts;
    private final Rates rates;

    /** caller: the only host that calls here; null when circuits of any host come in. host: who answers at target. */
    Relay(InetSocketAddress listen, InetSocketAddress target, String caller, String host, Cuts cuts, Rates rates)
            throws IOException {
        this.target = target;
        this.caller = caller;
        this.host = host;
        this.cuts = cuts;
        this.rates = rates;
        server.setReceiveBufferSize(QUEUE); // counts for the connections it will accept
        server.setReuseAddress(true); // connections of an earlier cluster may linger at this address
        server.bind(listen, 64);
        start("accept " + host, this::accept);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                start("call of " + host, () -> relay(socket));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    System.err.println("relay: " + host + ": " + e);
                }
            }
        }
    }

    private void relay(Socket client) {
        Socket answering = new Socket();
        try (client;
                answering) {
            client.setTcpNoDelay(true);
            answering.setTcpNoDelay(true);
            answering.setReceiveBufferSize(QUEUE);
            byte[] first = caller == null ? setup(client.getInputStream()) : new byte[0];
            String from = caller == null ? hostIn(first) : caller;
            cuts.awaitOpen(from, host);
            try {
                answering.connect(target, CONNECT_MS);
            } catch (IOException e) {
                cuts.awaitOpen(host, from); // the caller learns of it when it can
                return;
            }
            Thread back = start(host + " to " + from, () -> pump(answering, client, host, from));
            answering.getOutputStream().write(first);
            pump(client, answering, from, host);
            back.join();
        } catch (IOException e) {
            // A side broke the connection or sent no call: closing both is all there is to do.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pump(Socket in, Socket out, String from, String to) {
        byte[] bytes = new byte[CHUNK];
        try {
            try {
                InputStream source = in.getInputStream();
                OutputStream sink = out.getOutputStream();
                for (int read; (read = source.read(bytes)) >= 0; ) {
                    rates.pass(from, to, read);
                    cuts.awaitOpen(from, to);
                    sink.write(bytes, 0, read);
                }
            } catch (IOException e) {
                // The connection is broken at one side; the other side learns it below.
            }
            cuts.awaitOpen(from, to);
            out.close();
        } catch (IOException e) {
            System.err.println("relay: " + from + " to " + to + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The start of a call: the header of its SETUP, and of the payload what comes up to the name of the calling host. */
    private static byte[] setup(InputStream in) throws IOException {
        byte[] fixed = in.readNBytes(PeerLayout.HEADER_LENGTH + Setup.NAMES);
        if (fixed.length < PeerLayout.HEADER_LENGTH + Setup.NAMES) {
            throw new EOFException("no call");
        }
        ByteBuffer message = ByteBuffer.wrap(fixed).order(ByteOrder.LITTLE_ENDIAN);
        int name = message.getShort(PeerLayout.HEADER_LENGTH + Setup.HOST_LENGTH) & 0xffff;
        if ((message.getShort(PeerLayout.MAGIC) & 0xffff) != PeerLayout.MAGIC_VALUE
                || message.get(PeerLayout.TYPE) != PeerLayout.SETUP
                || name == 0
                || name > MOST_NAME) {
            throw new IOException("the connection does not begin with a SETUP");
        }
        byte[] all = Arrays.copyOf(fixed, fixed.length + name);
        if (in.readNBytes(all, fixed.length, name) < name) {
            throw new EOFException("half a call");
        }
        return all;
    }

    private static String hostIn(byte[] setup) {
        int at = PeerLayout.HEADER_LENGTH + Setup.NAMES;
        return new String(setup, at, setup.length - at, StandardCharsets.UTF_8);
    }

    static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
