package io.pagewire.daemon.config;

import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the defaults depend on.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param variables environment variables
 * @param hostName of this machine
 * @param userId of this process
 */
record HostEnvironment(Map<String, String> variables, String hostName, int userId) {
    static HostEnvironment current() throws SettingsException {
        Path file = Path.of("/proc/sys/kernel/hostname");
        try {
            return new HostEnvironment(System.getenv(), Files.readString(file).trim(), Sys.userId());
        } catch (IOException e) {
            throw new SettingsException("cannot read the name of this host from " + file + ": " + Reasons.why(e), e);
        }
    }

    /**
     * $PAGEWIRE_SOCKET, else $XDG_RUNTIME_DIR/pagewire/dsmd.sock, else /tmp/pagewire-UID/dsmd.sock. The C library has the
     * same rule ({@code choose_socket} in client.c), so that a program finds its daemon without being told.
     */
    Path socket() {
        String given = variables.get("PAGEWIRE_SOCKET");
        if (given != null && !given.isEmpty()) {
            return Path.of(given);
        }
        return privateSocket();
    }

    /** The default socket when no variable names one; its directory must be this user's alone. */
    Path privateSocket() {
        String runtime = variables.get("XDG_RUNTIME_DIR");
        if (runtime != null && runtime.startsWith("/")) {
            return Path.of(runtime, "pagewire", "dsmd.sock");
        }
        return Path.of("/tmp", "pagewire-" + userId, "dsmd.sock");
    }

    /** $XDG_STATE_HOME/pagewire/NAME, else ~/.local/state/pagewire/NAME. */
    Path data(String name) throws SettingsException {
        String state = variables.get("XDG_STATE_HOME");
        if (state != null && state.startsWith("/")) {
            return Path.of(state, "pagewire", name);
        }
        String home = variables.get("HOME");
        if (home == null || !home.startsWith("/")) {
            throw new SettingsException("there is no default for --data: neither HOME nor XDG_STATE_HOME is set to an"
                    + " absolute path; give --data DIR");
        }
        return Path.of(home, ".local", "state", "pagewire", name);
    }
}
