package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.Set;

/**
 * The two sockets of a connection that a relay of the tests passes on. As on a real way, the end of one direction leaves the other
 * alone, and a side that is broken breaks the other.
 *
 * <p>Safe for use by any thread.
 */
final class RelayedConnection {
    private final Socket caller;
    private final Socket host;
    private final Set<Socket> sockets;
    private int ended;

    /** @param sockets all those of the relay; these two are among them while the connection lasts */
    RelayedConnection(Socket caller, Socket host, Set<Socket> sockets) {
        this.caller = caller;
        this.host = host;
        this.sockets = sockets;
        sockets.add(caller);
        sockets.add(host);
    }

    /** All bytes of one direction have been passed on, and no more will come. */
    synchronized void ended(Socket to) {
        if (++ended == 2) {
            broken();
            return;
        }
        try {
            to.shutdownOutput();
        } catch (IOException e) {
            broken(); // that side has gone
        }
    }

    synchronized void broken() {
        quietly(caller);
        quietly(host);
        sockets.remove(caller);
        sockets.remove(host);
    }

    static void quietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
