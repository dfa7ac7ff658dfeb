package io.pagewire.daemon.config;

import io.pagewire.daemon.sys.Addresses;

/**
 * An address as people write it: HOST:PORT, with brackets around an IPv6 address.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param host name or IP address, without brackets
 * @param port 0 to 65535
 */
record HostPort(String host, int port) {
    /** @throws IllegalArgumentException with the reason */
    static HostPort parse(String text, boolean anyPort) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("it is not of the form HOST:PORT");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address must stand in brackets, such as [::1]:7711");
        }
        if (!host.matches("[0-9A-Za-z._:%-]{1,255}")) {
            throw new IllegalArgumentException("\"" + host + "\" is not a host name or IP address");
        }
        return new HostPort(host, port(text.substring(colon + 1), anyPort));
    }

    /** @throws IllegalArgumentException with the reason */
    static int port(String text, boolean any) {
        int least = any ? 0 : 1;
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535 || Integer.parseInt(text) < least) {
            throw new IllegalArgumentException("the port \"" + text + "\" is not a number from " + least + " to 65535");
        }
        return Integer.parseInt(text);
    }

    @Override
    public String toString() {
        return Addresses.of(host, port);
    }
}
