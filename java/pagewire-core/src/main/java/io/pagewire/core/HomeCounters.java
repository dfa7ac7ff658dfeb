package io.pagewire.core;

/**
 * What happened in a home region since it was opened. Counts never go back.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class HomeCounters {
    /** Requests of local threads. */
    public long faults;

    /** Grants sent, and the pages in them. */
    public long grants;

    public long grantedPages;

    /** Requests of local threads that failed. */
    public long failures;

    /** FETCH messages of other hosts, PAGES messages in answer, pages in those, DECLINE messages. */
    public long fetches;

    public long messagesSent;
    public long pagesSent;
    public long declines;

    /** PURGE messages sent, answers that came, answers that count as given because the host is gone. */
    public long purges;

    public long purgeAnswers;
    public long purgesGivenUp;

    /** Operations that took rights from local processes, and processes that missed the deadline. */
    public long revokes;

    public long fences;

    /** RELEASE messages that were honoured, in pages, and that quoted an older grant. */
    public long released;

    public long staleReleases;

    /** WANT messages, those that were answered without bytes, RECALL messages, answers that came or count as given. */
    public long wants;

    public long upgrades;
    public long recalls;
    public long recallAnswers;
    public long recallsGivenUp;

    /** Pages whose bytes came home, and pages that went back to an older state because their holder was gone. */
    public long pagesWrittenBack;

    public long pagesLost;

    /** Changes of preloaded regions that were applied, in pages. */
    public long pagesPublished;

    /** Pages written to the spill file, read from it, pages that left their frames, pages whose rights the hand took away. */
    public long pagesSpilled;

    public long pagesLoaded;
    public long pagesEvicted;
    public long pagesCooled;

    /** Pages that had to be read from disk first. */
    public long warmings;

    /** Hosts that were hung up on because they did not answer a purge. */
    public long hangUps;
}
