package io.pagewire.system;

import io.pagewire.testkit.PageSize;
import io.pagewire.wire.Reasons;
import io.pagewire.wire.StandardOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code tools/litmus}: every litmus test in every language with every placement of its variables, on real processes.
 *
 * <p>Runs on the main thread only.
 */
public final class Litmus {
    private long iterations = 1_000_000;
    private long seed = 1;
    private int page = 4096;
    private String writers = "both";
    private LitmusTest only;
    private LitmusRun.Plant plant = LitmusRun.Plant.NONE;
    private boolean json;

    private Litmus() {}

    public static void main(String[] args) throws Exception {
        StandardOutput output = StandardOutput.installByLine();
        Litmus litmus = new Litmus();
        String problem = litmus.parse(args);
        if (problem != null) {
            System.err.println("tools/litmus: " + problem + "; --help explains the options");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("pagewire-litmus");
        // Also when somebody stops the run: the daemons end with our end of their standard input.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
        boolean kept;
        try {
            kept = litmus.run(folder);
        } catch (IOException e) {
            System.err.println("tools/litmus: " + Reasons.of(e));
            kept = false;
        }
        System.exit(output.judge("tools/litmus", kept ? 0 : StandardOutput.FAILED));
    }

    private String parse(String[] args) {
        for (int i = 0; i < args.length; i++) {
            String value = i + 1 < args.length ? args[i + 1] : null;
            switch (args[i]) {
                case "--json" -> json = true;
                case "--test" -> only = value == null ? null : LitmusTest.named(value);
                case "--page-size" -> {
                    page = PageSize.parse(value);
                    if (page == 0) {
                        return "--page-size needs a size from 4K to 2M, a power of two";
                    }
                }
                case "--writers" -> {
                    if (!List.of("home", "any", "both").contains(value)) {
                        return "--writers needs home, any or both";
                    }
                    writers = value;
                }
                case "--iterations", "--seed" -> {
                    if (value == null || !value.matches("[0-9]{1,15}")) {
                        return args[i] + " needs a number";
                    }
                    if (args[i].equals("--seed")) {
                        seed = Long.parseLong(value);
                    } else {
                        iterations = Long.parseLong(value);
                    }
                }
                case "--plant" -> {
                    if (!"swap".equals(value) && !"stale".equals(value)) {
                        return "--plant needs swap or stale";
                    }
                    plant = LitmusRun.Plant.valueOf(value.toUpperCase(java.util.Locale.ROOT));
                }
                default -> {
                    return "unknown option " + args[i];
                }
            }
            if (args[i].equals("--test") && only == null) {
                return "--test needs one of "
                        + LitmusTest.ALL.stream().map(LitmusTest::name).toList();
            }
            i += args[i].equals("--json") ? 0 : 1;
        }
        return null;
    }

    private boolean run(Path folder) throws IOException {
        List<LitmusResult> results = new ArrayList<>();
        if (!json) {
            System.out.println(LitmusResult.heading());
        }
        try (LitmusHosts hosts = new LitmusHosts(folder)) {
            for (LitmusTest test : only == null ? LitmusTest.ALL : List.of(only)) {
                for (LitmusRun.Language language : languages()) {
                    for (LitmusRun.Placement placement : placements(test)) {
                        if (!writers.equals(placement.anyWriter ? "home" : "any")) {
                            results.add(one(hosts, test, language, placement));
                        }
                    }
                }
            }
        }
        if (json) {
            System.out.println("["
                    + String.join(
                            ",\n ", results.stream().map(LitmusResult::json).toList()) + "]");
        }
        return results.stream().allMatch(result -> result.forbidden == 0);
    }

    /** Bugs are planted into the C worker. */
    private LitmusRun.Language[] languages() {
        return plant == LitmusRun.Plant.NONE
                ? LitmusRun.Language.values()
                : new LitmusRun.Language[] {LitmusRun.Language.C};
    }

    static List<LitmusRun.Placement> placements(LitmusTest test) {
        return test.oneVariable()
                ? List.of(LitmusRun.Placement.SAME_PAGE, LitmusRun.Placement.SAME_PAGE_ANY)
                : List.of(LitmusRun.Placement.values());
    }

    private LitmusResult one(
            LitmusHosts hosts, LitmusTest test, LitmusRun.Language language, LitmusRun.Placement placement)
            throws IOException {
        try (LitmusRun run = new LitmusRun(test, language, placement, hosts, page, seed++)) {
            LitmusResult result = run.play(iterations, Long.MAX_VALUE, plant, at -> {
                if (System.console() != null) {
                    System.err.printf("\r%s %s %s: %d ", at.test, at.language, at.placement, at.iterations);
                }
            });
            if (!json) {
                System.out.println((System.console() != null ? "\r" : "") + result);
            }
            if (result.firstViolation != null) {
                System.err.println(test.name() + ": " + result.firstViolation);
            }
            if (plant == LitmusRun.Plant.NONE && !result.changedHands()) {
                throw new IOException(test.name() + " proves nothing: no page changed hands meanwhile");
            }
            return result;
        }
    }

    /** Daemons that are just ending may still make and remove files; so a second look. */
    private static void remove(Path folder) {
        for (int tries = 0; Files.exists(folder) && tries < 20; tries++) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException | UncheckedIOException e) {
                java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }
}
