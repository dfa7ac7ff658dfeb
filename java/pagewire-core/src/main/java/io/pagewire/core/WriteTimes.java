package io.pagewire.core;

/**
 * When each page of a client was last given to a writer, or went home by itself, and how often the latter was too soon: a page
 * that is written all the time goes home ever more rarely.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
final class WriteTimes {
    private static final long MS = 1_000_000L;

    private final WritebackSettings settings;
    /** Milliseconds, which start again after 49 days: only differences mean something. */
    private final PageInts since;

    /** How many times over the page's age is doubled. */
    private final PageInts heat;

    private final PageSet sentHome;

    WriteTimes(long pages, WritebackSettings settings) {
        this.settings = settings;
        this.since = new PageInts(pages);
        this.heat = new PageInts(pages);
        this.sentHome = new PageSet(pages);
    }

    /** The page was given to a writer. {@code stolen}: while it was about to go home. */
    void written(long page, boolean stolen, long now) {
        since.set(page, ms(now));
        if (stolen) {
            warm(page);
        }
    }

    /** The page went home by itself, and a copy stays. */
    void wentHome(long page, long now) {
        since.set(page, ms(now));
        sentHome.add(page);
    }

    boolean isSentHome(long page) {
        return sentHome.has(page);
    }

    /**
     * The page is this host's alone again. {@code kept}: nobody else had it since. True when it had gone home too soon.
     */
    boolean cameBack(long page, boolean kept, long now) {
        boolean regretted = sentHome.has(page) && kept && ageNs(page, now) < dueAfterNs(page);
        sentHome.remove(page);
        since.set(page, ms(now));
        if (regretted) {
            warm(page);
        } else {
            heat.set(page, 0);
        }
        return regretted;
    }

    /** How long ago a writer was given the page. */
    long ageNs(long page, long now) {
        return (ms(now) - since.get(page)) * MS;
    }

    /** How old the page should be before it goes home. */
    long dueAfterNs(long page) {
        return Math.min(settings.maxAgeNs(), settings.ageNs() << heat.get(page));
    }

    private void warm(long page) {
        if (settings.ageNs() << heat.get(page) < settings.maxAgeNs()) {
            heat.set(page, heat.get(page) + 1);
        }
    }

    private static int ms(long now) {
        return (int) (now / MS);
    }
}
