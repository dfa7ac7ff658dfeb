package io.pagewire.testkit.chaos;

import io.pagewire.testkit.PageSize;
import io.pagewire.testkit.chaos.Run.Outcome;
import io.pagewire.wire.StandardOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The command behind {@code tools/chaos}.
 *
 * <p>Runs on one thread; a shutdown hook takes the cluster down when it is interrupted.
 */
public final class Chaos {
    private int rounds = 10;
    private long seed = ThreadLocalRandom.current().nextLong(1_000_000);
    private double secondsPerRound = 3;
    private int page = 4096;
    private boolean json;
    private String mode = "auto";
    private Path report;

    private Chaos() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Locale.setDefault(Locale.ROOT);
        StandardOutput output = StandardOutput.installByLine();
        Chaos chaos = new Chaos();
        try {
            chaos.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("chaos: " + e.getMessage() + " (tools/chaos --help)");
            System.exit(2);
        }
        System.exit(output.judge("chaos", chaos.start()));
    }

    private void parse(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--rounds" -> rounds = (int) number(arguments, ++i, 1, 1_000_000);
                case "--seed" -> seed = number(arguments, ++i, 0, Long.MAX_VALUE);
                case "--seconds-per-round" -> secondsPerRound = seconds(arguments, ++i);
                case "--page-size" -> page = pageSize(word(arguments, ++i));
                case "--mode" -> mode = word(arguments, ++i);
                case "--report" -> report = Path.of(word(arguments, ++i));
                case "--json" -> json = true;
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
        }
    }

    private static String word(String[] arguments, int i) {
        if (i >= arguments.length) {
            throw new IllegalArgumentException(arguments[i - 1] + " needs a value");
        }
        return arguments[i];
    }

    private static long number(String[] arguments, int i, long least, long most) {
        String text = word(arguments, i);
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                arguments[i - 1] + " " + text + " is no number from " + least + " to " + most);
    }

    private static double seconds(String[] arguments, int i) {
        String text = word(arguments, i);
        try {
            double value = Double.parseDouble(text);
            if (value >= 0.1 && value <= 3600) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(arguments[i - 1] + " " + text + " is no time from 0.1 to 3600 seconds");
    }

    private static int pageSize(String text) {
        int bytes = PageSize.parse(text);
        if (bytes == 0) {
            throw new IllegalArgumentException("--page-size " + text + " is no power of two from 4K to 2M");
        }
        return bytes;
    }

    private int start() throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("pagewire.home"));
        Path folder = Files.createTempDirectory("pagewire-chaos");
        Run run = new Run(root, folder, mode, page, json ? System.err::println : System.out::println);
        Thread hook = new Thread(() -> clean(run, folder), "clean up");
        Runtime.getRuntime().addShutdownHook(hook);
        (json ? System.err : System.out)
                .println("seed " + seed + ", " + rounds + " rounds of " + secondsPerRound + " s, pages of " + page
                        + " bytes");
        Outcome outcome;
        try {
            outcome = run.execute(seed, rounds, (long) (secondsPerRound * 1000));
        } catch (IOException | RuntimeException e) {
            run.saveLogs(logs(root));
            if (e instanceof Hosts.CommandFailed) {
                System.err.println(
                        "chaos: seed " + seed + ": the cluster does not do what it is told: " + e.getMessage());
                return 1;
            }
            throw e;
        }
        Report.print(outcome, json);
        if (report != null) {
            Report.junit(outcome, report);
        }
        if (!outcome.problems().isEmpty()) {
            run.saveLogs(logs(root));
            System.err.println("chaos: logs are in " + logs(root));
        }
        return outcome.problems().isEmpty() ? 0 : 1;
    }

    private Path logs(Path root) {
        return root.resolve("target").resolve("chaos-" + seed);
    }

    private static void clean(Run run, Path folder) {
        try {
            run.down();
            try (var files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            System.err.println("chaos: left behind in " + folder + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
