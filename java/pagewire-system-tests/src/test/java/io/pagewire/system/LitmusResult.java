package io.pagewire.system;

/**
 * What a litmus test has shown so far.
 *
 * <p>For use by one thread.
 */
final class LitmusResult {
    final String test;
    final String language;
    final String placement;
    final String writers;
    long iterations;
    long forbidden;

    /** Outcomes that TSO allows and sequential consistency does not. */
    long relaxed;

    /** Iterations in which some load saw a store of the same iteration and another did not: the threads met. */
    long met;

    long remaps;
    long breaks;
    long purges;
    long recalls;
    long fetches;
    String firstViolation;

    LitmusResult(LitmusTest test, LitmusRun.Language language, LitmusRun.Placement placement) {
        this.test = test.name();
        this.language = language.name().toLowerCase(java.util.Locale.ROOT);
        this.placement = test.oneVariable() ? "one variable" : placement.samePage ? "same page" : "other pages";
        this.writers = placement.anyWriter ? "any" : "home";
    }

    void violation(String what) {
        if (forbidden++ == 0) {
            firstViolation = what;
        }
    }

    void add(LitmusHosts.Counts after, LitmusHosts.Counts before) {
        purges += after.purges() - before.purges();
        recalls += after.recalls() - before.recalls();
        fetches += after.fetches() - before.fetches();
    }

    /** Pages were purged and fetched meanwhile, and called back where every host writes. */
    boolean changedHands() {
        return purges > 0 && fetches > 0 && (recalls > 0 || !writers.equals("any"));
    }

    static String heading() {
        return String.format(
                "%-5s %-5s %-13s %-7s %10s %10s %9s %9s %9s %9s %9s %7s %7s",
                "TEST",
                "LANG",
                "PLACEMENT",
                "WRITERS",
                "ITERATIONS",
                "FORBIDDEN",
                "RELAXED",
                "MET",
                "PURGES",
                "RECALLS",
                "FETCHES",
                "REMAPS",
                "CUTS");
    }

    @Override
    public String toString() {
        return String.format(
                "%-5s %-5s %-13s %-7s %10d %10d %9d %9d %9d %9d %9d %7d %7d",
                test,
                language,
                placement,
                writers,
                iterations,
                forbidden,
                relaxed,
                met,
                purges,
                recalls,
                fetches,
                remaps,
                breaks);
    }

    String json() {
        return String.format(
                "{\"test\": \"%s\", \"language\": \"%s\", \"placement\": \"%s\", \"writers\": \"%s\", \"iterations\": %d, \"forbidden\": %d,"
                        + " \"relaxed\": %d, \"met\": %d, \"purges\": %d, \"recalls\": %d, \"fetches\": %d, \"remaps\": %d, \"circuitsBroken\": %d}",
                test,
                language,
                placement,
                writers,
                iterations,
                forbidden,
                relaxed,
                met,
                purges,
                recalls,
                fetches,
                remaps,
                breaks);
    }
}
