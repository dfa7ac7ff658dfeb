package io.pagewire.daemon;

/**
 * Facts about this run of the daemon that reports show.
 *
 * <p>Safe for use by any thread.
 */
final class DaemonInfo {
    private final String listen;
    private volatile String directoryState = "connecting";

    DaemonInfo(String listen) {
        this.listen = listen;
    }

    /** HOST:PORT that circuits come in on. */
    String listen() {
        return listen;
    }

    String version() {
        String version = DaemonInfo.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0" : version;
    }

    String directoryState() {
        return directoryState;
    }

    void directoryState(String state) {
        directoryState = state;
    }
}
