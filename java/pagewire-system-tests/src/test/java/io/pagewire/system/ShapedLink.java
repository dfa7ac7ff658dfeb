package io.pagewire.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Two network namespaces with a link between them that the kernel shapes: a token bucket at each end, whose queue holds what passes
 * in a fifth of a second. The namespaces have no names and end with the processes that hold them.
 *
 * <p>For use by one thread.
 */
final class ShapedLink implements AutoCloseable {
    private final Process[] holders = new Process[2];

    private ShapedLink() {}

    /** rate: as tc takes it, such as {@code 100mbit}. Null where this user or kernel has no such thing. */
    static ShapedLink make(String rate) {
        ShapedLink link = new ShapedLink();
        try {
            for (int i = 0; i < 2; i++) {
                link.holders[i] = new ProcessBuilder("unshare", "--net", "--", "sleep", "infinity").start();
            }
            if (link.isHeld() && link.join(rate)) {
                return link;
            }
        } catch (IOException e) {
            // A program is missing here, which is said like a refusal: there is no link.
        }
        link.close();
        return null;
    }

    /** unshare has become the sleeper once the namespace is there; it ends where there is none. */
    private boolean isHeld() {
        for (Process holder : holders) {
            Await.until("a network namespace")
                    .until(() -> !holder.isAlive()
                            || holder.info().command().orElse("").endsWith("sleep"));
            if (!holder.isAlive()) {
                return false;
            }
        }
        return true;
    }

    private boolean join(String rate) throws IOException {
        if (!run(
                0,
                "ip",
                "link",
                "add",
                "eth0",
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                "" + holders[1].pid())) {
            return false;
        }
        for (int i = 0; i < 2; i++) {
            if (!run(i, "ip", "link", "set", "lo", "up")
                    || !run(i, "ip", "address", "add", address(i) + "/24", "dev", "eth0")
                    || !run(i, "ip", "link", "set", "eth0", "up")
                    || !run(
                            i,
                            ("tc qdisc add dev eth0 root tbf rate " + rate + " burst 64kb latency 200ms").split(" "))) {
                return false;
            }
        }
        return true;
    }

    /** Of an end of the link, 0 or 1. */
    static String address(int end) {
        return "10.79.0." + (end + 1);
    }

    /** Runs a daemon at an end of the link; it becomes the daemon. */
    List<String> at(int end) {
        return List.of("nsenter", "--target", Long.toString(holders[end].pid()), "--net", "--");
    }

    private boolean run(int end, String... command) throws IOException {
        List<String> all = new ArrayList<>(at(end));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean done = process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
            if (!done) {
                System.err.println(String.join(" ", command) + ": " + said);
            }
            return done;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        for (Process holder : holders) {
            if (holder != null) {
                try {
                    holder.destroyForcibly().waitFor();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new UncheckedIOException(new IOException("interrupted"));
                }
            }
        }
    }
}
