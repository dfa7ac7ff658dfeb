package io.pagewire.testkit;

import java.util.function.LongConsumer;

/**
 * Plants a bug and tries seeds until a checker catches it.
 *
 * <p>Not thread-safe.
 */
public final class BugHunt {
    /** How it went: {@code seeds} runs, the last of which showed the violation if it was caught. */
    public record Result(Enum<?> bug, boolean caught, int seeds, String violation) {
        @Override
        public String toString() {
            return caught
                    ? bug + " caught after " + seeds + (seeds == 1 ? " seed: " : " seeds: ") + violation
                    : bug + " NOT caught in " + seeds + " seeds";
        }
    }

    private BugHunt() {}

    public static Result hunt(Bug bug, long firstSeed, int mostSeeds) {
        return hunt(bug, seed -> new Simulation(seed, bug, null).run(), firstSeed, mostSeeds);
    }

    /** @param run one run of that seed with the bug planted, which throws the {@link Violation} that it shows */
    public static Result hunt(Enum<?> bug, LongConsumer run, long firstSeed, int mostSeeds) {
        for (int i = 0; i < mostSeeds; i++) {
            try {
                run.accept(firstSeed + i);
            } catch (Violation violation) {
                return new Result(bug, true, i + 1, violation.getMessage());
            }
        }
        return new Result(bug, false, mostSeeds, null);
    }
}
