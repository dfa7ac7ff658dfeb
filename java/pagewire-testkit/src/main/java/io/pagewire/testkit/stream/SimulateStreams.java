package io.pagewire.testkit.stream;

import io.pagewire.testkit.BugHunt;
import io.pagewire.testkit.Violation;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What {@code tools/simulate --streams} does: many seeds for a time, one seed with its trace, or the planted bugs.
 *
 * <p>Runs on one thread.
 */
public final class SimulateStreams {
    private SimulateStreams() {}

    /** {@code bug} and {@code trace} may be null. */
    public static void oneSeed(long seed, String bug, Consumer<String> trace) {
        StreamBug planted = bug == null ? null : StreamBug.valueOf(bug);
        StreamSimulation.Summary summary = new StreamSimulation(seed, planted, trace).run();
        System.out.println("seed " + seed + " kept every promise: " + summary);
    }

    /** As many seeds as fit into the time. Throws the first violation, after saying how to see it again. */
    public static void manySeeds(long first, long seconds) {
        long start = System.nanoTime();
        Totals totals = new Totals();
        for (long seed = first; System.nanoTime() - start < seconds * 1_000_000_000L; seed++) {
            try {
                totals.add(new StreamSimulation(seed, null, null).run());
            } catch (Violation violation) {
                System.out.println("again with: tools/simulate --streams --seed " + seed + " --trace");
                throw violation;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%d seeds of streams (%d to %d) in %.0f s kept every promise: %s%n",
                totals.runs,
                first,
                first + totals.runs - 1,
                (System.nanoTime() - start) / 1e9,
                totals);
    }

    /** The number of bugs that nothing caught. */
    public static int huntAll(long first, int most) {
        int missed = 0;
        for (StreamBug planted : StreamBug.values()) {
            BugHunt.Result result = hunt(planted, first, most);
            System.out.println(result);
            missed += result.caught() ? 0 : 1;
        }
        return missed;
    }

    public static BugHunt.Result hunt(StreamBug bug, long first, int most) {
        return BugHunt.hunt(bug, seed -> new StreamSimulation(seed, bug, null).run(), first, most);
    }

    /** Sums over runs. */
    static final class Totals {
        long runs;
        long events;
        long frames;
        long remote;
        long skipped;
        long waits;
        long drops;
        long resumes;
        long ends;
        long losses;

        void add(StreamSimulation.Summary summary) {
            runs++;
            events += summary.events();
            frames += summary.frames();
            remote += summary.remoteFrames();
            skipped += summary.skipped();
            waits += summary.waits();
            drops += summary.drops();
            resumes += summary.resumes();
            ends += summary.ends();
            losses += summary.losses();
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.1f M events, %d frames seen (%d on other hosts), %d skipped, %d waits of the producer, %d consumers"
                            + " or hosts dropped, %d circuits resumed, %d ends and %d losses told",
                    events / 1e6,
                    frames,
                    remote,
                    skipped,
                    waits,
                    drops,
                    resumes,
                    ends,
                    losses);
        }
    }
}
