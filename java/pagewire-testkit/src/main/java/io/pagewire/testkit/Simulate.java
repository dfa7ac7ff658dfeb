package io.pagewire.testkit;

import io.pagewire.testkit.stream.SimulateStreams;
import io.pagewire.testkit.stream.StreamBug;
import io.pagewire.wire.StandardOutput;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The command behind {@code tools/simulate}: many seeds for a time, one seed with its trace, or the planted bugs.
 *
 * <p>Runs on one thread.
 */
public final class Simulate {
    private static final String USAGE =
            "usage: simulate [--from N] [--seconds S | --minutes M]   as many seeds as fit (60 s)\n"
                    + "       simulate --seed N [--trace] [--bug NAME]         one seed again, event by event with --trace\n"
                    + "       simulate --bugs [--most N]                       seeds until each planted bug is caught\n"
                    + "       simulate --streams ...                           the same for frame streams";

    private long first = 1;
    private long seconds = 60;
    private Long seed;
    private boolean trace;
    private boolean bugs;
    private boolean streams;
    private int most = 2000;
    private String bug;

    private Simulate() {}

    public static void main(String[] arguments) {
        StandardOutput output = StandardOutput.installByLine();
        System.exit(output.judge("simulate", new Simulate().start(arguments)));
    }

    private int start(String[] arguments) {
        try {
            parse(arguments);
        } catch (IllegalArgumentException wrong) {
            System.err.println("simulate: " + wrong.getMessage());
            System.err.println(USAGE);
            return 2;
        }
        try {
            if (streams) {
                return simulateStreams();
            }
            if (bugs) {
                return huntAll();
            }
            return seed == null ? manySeeds() : oneSeed();
        } catch (Violation violation) {
            System.out.println("VIOLATION  " + violation.getMessage());
            if (violation.getCause() != null) {
                violation.getCause().printStackTrace(System.out);
            }
            return 1;
        }
    }

    private void parse(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--seed" -> seed = number(arguments, ++i);
                case "--from" -> first = number(arguments, ++i);
                case "--seconds" -> seconds = number(arguments, ++i);
                case "--minutes" -> seconds = 60 * number(arguments, ++i);
                case "--most" -> most = (int) number(arguments, ++i);
                case "--trace" -> trace = true;
                case "--bugs" -> bugs = true;
                case "--streams" -> streams = true;
                case "--bug" -> {
                    number(arguments, ++i, true);
                    bug = arguments[i];
                }
                default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
            }
        }
        List<String> known = (streams
                        ? Arrays.<Enum<?>>stream(StreamBug.values())
                        : Arrays.<Enum<?>>stream(Bug.values()))
                .map(Enum::name)
                .toList();
        if (bug != null && !known.contains(bug)) {
            throw new IllegalArgumentException("no bug is called " + bug + "; there are " + String.join(", ", known));
        }
    }

    private static long number(String[] arguments, int at) {
        return number(arguments, at, false);
    }

    private static long number(String[] arguments, int at, boolean anyText) {
        if (at >= arguments.length) {
            throw new IllegalArgumentException(arguments[at - 1] + " needs a value");
        }
        try {
            return anyText ? 0 : Long.parseLong(arguments[at]);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(arguments[at - 1] + " " + arguments[at] + " is no whole number", e);
        }
    }

    private int simulateStreams() {
        if (bugs) {
            return SimulateStreams.huntAll(first, most) == 0 ? 0 : 1;
        }
        if (seed == null) {
            SimulateStreams.manySeeds(first, seconds);
        } else {
            SimulateStreams.oneSeed(seed, bug, trace ? System.out::println : null);
        }
        return 0;
    }

    private int oneSeed() {
        Bug planted = bug == null ? null : Bug.valueOf(bug);
        Simulation.Summary summary = new Simulation(seed, planted, trace ? System.out::println : null).run();
        System.out.println("seed " + seed + " kept every promise: " + summary);
        return 0;
    }

    private int manySeeds() {
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        long runs = 0;
        long events = 0;
        long loads = 0;
        long stores = 0;
        long remoteStores = 0;
        long forces = 0;
        long losses = 0;
        long simulated = 0;
        for (long s = first; System.nanoTime() < end; s++) {
            Simulation.Summary summary;
            try {
                summary = new Simulation(s, null, null).run();
            } catch (Violation violation) {
                System.out.println("again with: tools/simulate --seed " + s + " --trace");
                throw violation;
            }
            runs++;
            events += summary.events();
            loads += summary.loads();
            stores += summary.stores();
            remoteStores += summary.remoteStores();
            forces += summary.forces();
            losses += summary.losses();
            simulated += summary.simulatedNs();
        }
        System.out.printf(
                Locale.ROOT,
                "%d seeds (%d to %d) in %.0f s kept every promise: %.1f M events, %.1f M loads, %.1f M stores"
                        + " (%.1f M on other hosts), %d forces, %d stores lost and reported, %.0f s simulated%n",
                runs,
                first,
                first + runs - 1,
                (System.nanoTime() - start) / 1e9,
                events / 1e6,
                loads / 1e6,
                stores / 1e6,
                remoteStores / 1e6,
                forces,
                losses,
                simulated / 1e9);
        return 0;
    }

    private int huntAll() {
        int missed = 0;
        for (Bug planted : Bug.values()) {
            BugHunt.Result result = BugHunt.hunt(planted, first, most);
            System.out.println(result);
            missed += result.caught() ? 0 : 1;
        }
        return missed == 0 ? 0 : 1;
    }
}
