package io.pagewire.system;

import io.pagewire.PageFaultException;
import io.pagewire.PagewireException;
import io.pagewire.StreamLostException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The Java program of the tests: reads commands from its standard input, see {@link App}. Ends with its input, in order.
 *
 * <p>The main thread reads; every command has a thread of its own.
 */
final class AppMain {
    private AppMain() {}

    public static void main(String[] arguments) throws IOException {
        ExecutorService threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "command");
            thread.setDaemon(true);
            return thread;
        });
        try (AppCommands commands = new AppCommands(Path.of(arguments[0]));
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                String[] words = line.split(" ");
                threads.execute(() -> answer(words[0], commands, Arrays.copyOfRange(words, 1, words.length)));
            }
        }
    }

    private static void answer(String id, AppCommands commands, String[] words) {
        String answer;
        try {
            answer = "= " + commands.run(words);
        } catch (Throwable e) {
            answer = "! " + e.getClass().getSimpleName() + " " + cause(e) + " "
                    + String.valueOf(e.getMessage()).replace('\n', ' ');
            if (e instanceof PagewireException) {
                System.err.println(String.join(" ", words) + ": " + e);
            } else {
                e.printStackTrace();
            }
        }
        synchronized (System.out) {
            System.out.println(id + " " + answer);
            System.out.flush();
        }
    }

    private static String cause(Throwable e) {
        if (e instanceof PageFaultException fault) {
            return fault.faultCause().name();
        }
        return e instanceof StreamLostException lost ? lost.faultCause().name() : "-";
    }
}
