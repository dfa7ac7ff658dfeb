package io.pagewire.system.jvm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Standard input of a child JVM: lines from the test, and its end with the test.
 *
 * <p>Safe for use by any thread.
 */
final class ChildInput {
    private static final BlockingQueue<String> LINES = new LinkedBlockingQueue<>();

    private ChildInput() {}

    /** Starts reading; when the input ends the JVM halts, so that no child outlives its test. */
    static void endWithParent() {
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                        for (String line; (line = reader.readLine()) != null; ) {
                            LINES.add(line);
                        }
                    } catch (IOException e) {
                        e.printStackTrace();
                    }
                    Runtime.getRuntime().halt(99);
                },
                "stdin");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits for this line; the input ends, and with it this process, when the test has ended. */
    static void await(String line) throws InterruptedException {
        String got = LINES.poll(1, TimeUnit.HOURS);
        if (!line.equals(got)) {
            throw new AssertionError("expected '" + line + "', got " + got);
        }
    }
}
