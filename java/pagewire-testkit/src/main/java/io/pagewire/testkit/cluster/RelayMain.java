package io.pagewire.testkit.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The relays of a cluster on loopback: {@code RelayMain X DIRECTORY-HOST HOST...}. The host in position K listens for circuits at
 * 127.77.X.K:7711 and is called at 127.78.X.K:7711; it calls the directory at 127.78.X.K:7712. Prints "ready", or "taken" and
 * ends with 3 when some other cluster has this X. Cuts and rates come in at 127.78.X.254:7710: a line with all of them,
 * "a b,b a,c=1250000," (bytes a second), which is answered with "done".
 *
 * <p>Its main thread serves the cuts; {@link Relay} has threads of its own.
 */
public final class RelayMain {
    private static final int CIRCUITS = 7711;
    private static final int DIRECTORY = 7712;
    private static final int CONTROL = 7710;
    private static final int CONTROL_HOST = 254;

    private RelayMain() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 3) {
            System.err.println("usage: RelayMain X DIRECTORY-HOST HOST...");
            System.exit(2);
        }
        String x = arguments[0];
        String directoryHost = arguments[1];
        String[] hosts = Arrays.copyOfRange(arguments, 2, arguments.length);
        int directory = Arrays.asList(hosts).indexOf(directoryHost) + 1;
        Cuts cuts = new Cuts();
        Rates rates = new Rates();
        try (ServerSocket control = new ServerSocket()) {
            control.setReuseAddress(true);
            control.bind(outside(x, CONTROL_HOST, CONTROL));
            for (int k = 1; k <= hosts.length; k++) {
                String host = hosts[k - 1];
                new Relay(outside(x, k, CIRCUITS), inside(x, k, CIRCUITS), null, host, cuts, rates);
                if (k != directory) {
                    new Relay(
                            outside(x, k, DIRECTORY),
                            inside(x, directory, DIRECTORY),
                            host,
                            directoryHost,
                            cuts,
                            rates);
                }
            }
            System.out.println("ready");
            while (true) {
                serve(control, cuts, rates);
            }
        } catch (BindException e) {
            System.out.println("taken: " + e.getMessage());
            System.exit(3);
        }
    }

    private static void serve(ServerSocket control, Cuts cuts, Rates rates) {
        try (Socket socket = control.accept();
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            if (line != null) {
                Set<String> ways = new TreeSet<>();
                Map<String, Long> bounds = new TreeMap<>();
                for (String word : line.split(",")) {
                    int at = word.indexOf('=');
                    if (at > 0) {
                        bounds.put(word.substring(0, at), Long.parseLong(word.substring(at + 1)));
                    } else if (!word.isEmpty()) {
                        ways.add(word);
                    }
                }
                cuts.set(ways);
                rates.set(bounds);
                socket.getOutputStream().write("done\n".getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            System.err.println("relay: the cuts could not be changed: " + e);
        }
    }

    /** Where others call. */
    private static InetSocketAddress outside(String x, int host, int port) {
        return new InetSocketAddress("127.78." + x + "." + host, port);
    }

    /** Where a dsmd listens. */
    private static InetSocketAddress inside(String x, int host, int port) {
        return new InetSocketAddress("127.77." + x + "." + host, port);
    }
}
