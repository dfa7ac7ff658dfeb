package io.pagewire.system.jvm;

import io.pagewire.EmbeddedOptions;
import io.pagewire.Pagewire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Two private hosts on this machine: the reader, which also holds the directory, and the owner, which can be killed and started
 * again on its data.
 *
 * <p>For use by one thread.
 */
final class TwoHosts implements AutoCloseable {
    private final Pagewire reader;
    private final EmbeddedOptions ownerOptions;
    private Pagewire owner;

    TwoHosts(Path directory) throws IOException {
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        String unique = "-" + ProcessHandle.current().pid() + "-" + port;
        reader = Pagewire.embedded(
                EmbeddedOptions.defaults().withName("reader" + unique).withDirectory("embedded:" + port));
        ownerOptions = EmbeddedOptions.defaults()
                .withName("owner" + unique)
                .withDataDirectory(directory.resolve("owner-data"))
                .withDirectory("127.0.0.1:" + port);
        try {
            owner = Pagewire.embedded(ownerOptions);
        } catch (Throwable e) {
            reader.close();
            throw e;
        }
    }

    Pagewire reader() {
        return reader;
    }

    Pagewire owner() {
        return owner;
    }

    /** SIGKILL for the owner's daemon; returns when it has ended. */
    void killOwner() {
        List<ProcessHandle> daemons = ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains("--name " + ownerOptions.name() + " "))
                .toList();
        if (daemons.size() != 1) {
            throw new AssertionError("expected one daemon of the owner, found " + daemons);
        }
        daemons.get(0).destroyForcibly();
        daemons.get(0).onExit().orTimeout(10, TimeUnit.SECONDS).join();
        owner.close();
        owner = null;
    }

    void restartOwner() {
        owner = Pagewire.embedded(ownerOptions);
    }

    @Override
    public void close() {
        try {
            if (owner != null) {
                owner.close();
            }
        } finally {
            reader.close();
        }
    }
}
