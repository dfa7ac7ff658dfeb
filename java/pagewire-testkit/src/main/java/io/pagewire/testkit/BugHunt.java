package io.pagewire.testkit;

/**
 * Plants a bug and tries seeds until a checker catches it.
 *
 * <p>Not thread-safe.
 */
public final class BugHunt {
    /** How it went: {@code seeds} runs, the last of which showed the violation if it was caught. */
    public record Result(Bug bug, boolean caught, int seeds, String violation) {
        @Override
        public String toString() {
            return caught
                    ? bug + " caught after " + seeds + (seeds == 1 ? " seed: " : " seeds: ") + violation
                    : bug + " NOT caught in " + seeds + " seeds";
        }
    }

    private BugHunt() {}

    public static Result hunt(Bug bug, long firstSeed, int mostSeeds) {
        for (int i = 0; i < mostSeeds; i++) {
            try {
                new Simulation(firstSeed + i, bug, null).run();
            } catch (Violation violation) {
                return new Result(bug, true, i + 1, violation.getMessage());
            }
        }
        return new Result(bug, false, mostSeeds, null);
    }
}
