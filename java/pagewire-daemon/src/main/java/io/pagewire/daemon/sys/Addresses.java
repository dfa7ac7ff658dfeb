package io.pagewire.daemon.sys;

/**
 * Addresses as people write and read them: HOST:PORT, with brackets around an IPv6 address.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Addresses {
    private Addresses() {}

    /** host without brackets: a name, or an IP address. */
    public static String of(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
