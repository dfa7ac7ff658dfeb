package io.pagewire.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is told of each kind of failure, most of them real ones. */
class ReasonsTest {
    @TempDir
    static Path folder;

    private static Exception of(Callable<?> attempt) {
        try {
            attempt.call();
        } catch (Exception e) {
            return e;
        }
        throw new AssertionError("it has not failed");
    }

    static Stream<Arguments> failures() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Files.createDirectories(folder.resolve("full/in"));
        Path missing = folder.resolve("missing");
        return Stream.of(
                arguments(of(() -> Files.size(missing)), missing + ": there is no such file or directory"),
                arguments(of(() -> Files.createDirectories(file)), file + ": a file is there already"),
                arguments(of(() -> Files.newDirectoryStream(file)), file + ": it is no directory"),
                arguments(of(() -> Files.createDirectory(file.resolve("in"))), file + "/in: Not a directory"),
                arguments(of(() -> Files.deleteIfExists(folder.resolve("full"))), folder + "/full: it is not empty"),
                arguments(of(() -> Files.readString(folder)), "Is a directory"),
                arguments(new AccessDeniedException("/a/b"), "/a/b: permission denied"),
                arguments(new FileSystemException("/a/b"), "/a/b: the system does not say why"),
                arguments(new UncheckedIOException(new AccessDeniedException("/a")), "/a: permission denied"),
                arguments(
                        of(() -> SocketChannel.open(UnixDomainSocketAddress.of(missing))), "No such file or directory"),
                arguments(of(() -> new ServerSocket(1, 1, InetAddress.getByName("192.0.2.1"))), ADDRESS),
                arguments(
                        of(() -> SocketChannel.open(InetSocketAddress.createUnresolved("none.invalid", 1))),
                        "no host of that name is known here"),
                arguments(of(() -> InetAddress.getByName("[::1")), "no host of that name is known here"),
                arguments(
                        new IOException("bind(..) failed with error(-98): Address already in use"),
                        "Address already in use"),
                arguments(
                        new IOException("finishConnect(..) failed: Connection refused: /127.0.0.1:7711"),
                        "Connection refused"),
                arguments(
                        new IOException("connection timed out after 900 ms: host/[0:0:0:0:0:0:0:1]:7711"),
                        "connection timed out after 900 ms"),
                arguments(new ClosedChannelException(), "the connection is closed"),
                arguments(new TimeoutException(), "it took too long"),
                arguments(new OutOfMemoryError("Java heap space"), "there is no memory left (Java heap space)"),
                arguments(new IOException("one\n  two\r\nthree"), "one two three"),
                arguments(new ExecutionException(new IOException("it is full")), "it is full"),
                arguments(new CompletionException(new IOException("it is full")), "it is full"),
                arguments(new IOException(new IOException("it is full")), "it is full"),
                arguments(new IOException(null, new IOException("it is full")), "it is full"),
                arguments(new UnsatisfiedLinkError("/tmp/x.so: no"), "/tmp/x.so: no"),
                arguments(new ExceptionInInitializerError(new IOException("it is full")), "it is full"),
                arguments(new NullPointerException(), "an internal error, NullPointerException"),
                arguments(new IllegalStateException("x is 5"), "an internal error, IllegalStateException: x is 5"),
                arguments(new IOException(), "an internal error, IOException"));
    }

    private static final String ADDRESS = "Cannot assign requested address";

    @ParameterizedTest
    @MethodSource("failures")
    void shouldSayInOneLineWhatHasFailed(Throwable failure, String text) {
        assertThat(Reasons.of(failure)).startsWith(text).hasLineCount(1);
        assertThat(Reasons.of(failure).substring(text.length())).isIn("", " (Bind failed)");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldLeaveOutTheFileForWhoeverNamesIt(Throwable failure, String text) {
        assertThat(text).endsWith(Reasons.why(failure).replace(" (Bind failed)", ""));
    }
}
