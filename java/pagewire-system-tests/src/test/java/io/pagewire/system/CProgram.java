package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * C programs of the tests, compiled against the library of this checkout.
 *
 * <p>Safe for use by any thread.
 */
final class CProgram {
    private static Path app;
    private static Path ending;
    private static Path failingDsmd;
    private static Path listWalk;
    private static Path litmusWorker;
    private static Path stream;
    private static Path memfds;
    private static Path silent;
    private static Path without;

    private CProgram() {}

    /** The program of {@code app.c}; compiled once. */
    static synchronized Path app() {
        if (app == null) {
            app = compile("java/pagewire-system-tests/src/test/c/app.c", "app");
        }
        return app;
    }

    /** A dsmd that serves and fails pages on command; compiled once. */
    static synchronized Path failingDsmd() {
        if (failingDsmd == null) {
            failingDsmd = compile(
                    "java/pagewire-system-tests/src/test/c/failing_dsmd.c",
                    "failing_dsmd",
                    "-Inative/test",
                    "native/test/fake_dsmd.c");
        }
        return failingDsmd;
    }

    /** The program that lets go of a region in many ways; compiled once. */
    static synchronized Path ending() {
        if (ending == null) {
            ending = compile("java/pagewire-system-tests/src/test/c/ending.c", "ending");
        }
        return ending;
    }

    /** The example that walks a list of plain pointers; compiled once. */
    static synchronized Path listWalk() {
        if (listWalk == null) {
            listWalk = compile("native/examples/list_walk.c", "list_walk");
        }
        return listWalk;
    }

    /** Becomes a command for which some calls of the kernel fail; compiled once. */
    static synchronized Path without() {
        if (without == null) {
            without = compile("native/test/without.c", "without");
        }
        return without;
    }

    /** One thread of a litmus test; compiled once. */
    static synchronized Path litmusWorker() {
        if (litmusWorker == null) {
            litmusWorker = compile("java/pagewire-system-tests/src/test/c/litmus_worker.c", "litmus_worker");
        }
        return litmusWorker;
    }

    /** One end of a frame stream; compiled once. */
    static synchronized Path stream() {
        if (stream == null) {
            stream = compile("java/pagewire-system-tests/src/test/c/stream.c", "stream");
        }
        return stream;
    }

    /** Says how much memory the frames of a daemon have; compiled once. */
    static synchronized Path memfds() {
        if (memfds == null) {
            memfds = compile("java/pagewire-system-tests/src/test/c/memfds.c", "memfds");
        }
        return memfds;
    }

    /** A program whose mapping falls silent; compiled once. */
    static synchronized Path silent() {
        if (silent == null) {
            silent = compile("java/pagewire-system-tests/src/test/c/silent.c", "silent");
        }
        return silent;
    }

    /** more: further arguments of the compiler; paths in them are those of the checkout. */
    private static Path compile(String source, String name, String... more) {
        Path program =
                Checkout.root().resolve("java/pagewire-system-tests/target").resolve(name);
        Path library = library();
        try {
            List<String> command = new ArrayList<>(List.of(
                    "gcc",
                    "-std=gnu17",
                    "-D_GNU_SOURCE",
                    "-O2",
                    "-g",
                    "-Wall",
                    "-Wextra",
                    "-Wconversion",
                    "-Werror",
                    "-I" + Checkout.root().resolve("native/include"),
                    "-I" + Checkout.root().resolve("native/src"),
                    "-o",
                    program.toString(),
                    Checkout.root().resolve(source).toString(),
                    library.toString(),
                    "-Wl,-rpath," + library.getParent(),
                    "-pthread"));
            command.addAll(List.of(more));
            Process gcc = new ProcessBuilder(command)
                    .directory(Checkout.root().toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(gcc.getInputStream().readAllBytes());
            if (gcc.waitFor() != 0) {
                throw new AssertionError("gcc " + source + ":\n" + output);
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** libpagewire as Maven or tools/test has built it. */
    static Path library() {
        for (String build : List.of("build/native", "build/release")) {
            Path found = find(Checkout.root().resolve(build), "libpagewire.so");
            if (found != null) {
                return found;
            }
        }
        throw new AssertionError("no libpagewire.so under build/: build the C library first");
    }

    private static Path find(Path top, String name) {
        if (!Files.isDirectory(top)) {
            return null;
        }
        try (Stream<Path> files = Files.walk(top)) {
            return files.filter(path -> path.getFileName().toString().equals(name)
                            && !path.toString().contains("/java-"))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
