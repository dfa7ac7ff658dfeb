package io.pagewire.core;

/**
 * What happened in a client region since it was opened. Counts never go back.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class ClientCounters {
    /** Requests of local threads, and how they found the page. */
    public long faults;

    public long foundPresent;
    public long foundInProgress;
    public long foundRemote;

    /** Grants sent, and the pages in them. */
    public long grants;

    public long grantedPages;

    /** Requests of local threads that failed. */
    public long failures;

    /** FETCH messages sent, pages asked for in them, pages that came, pages that were declined. */
    public long fetches;

    public long pagesAsked;
    public long pagesArrived;
    public long pagesDeclined;

    /** PURGE messages, and answers sent. */
    public long purges;

    public long purgeAnswers;

    /** WANT messages, those answered without bytes, RECALL messages, pages written back by our own wish or handed back. */
    public long wants;

    public long upgrades;
    public long recalls;
    public long pagesWrittenBack;
    public long pagesHandedBack;

    /**
     * Pages brought home because they had not been written for a while; those that were to be and were written again meanwhile;
     * those that a writer soon wanted back; times that writers began to wait because too much was not home.
     */
    public long pagesCleaned;

    public long cleaningsSpoilt;
    public long cleaningsRegretted;
    public long writersHeldUp;

    /** Written pages that home did not take. */
    public long pagesLost;

    /** Pages written to the spill file, read from it, pages that left their frames, pages whose rights the hand took away. */
    public long pagesSpilled;

    public long pagesLoaded;
    public long pagesEvicted;
    public long pagesCooled;

    /** Operations that took rights from local processes, and processes that missed the deadline. */
    public long revokes;

    public long fences;

    /** Pages given back by RELEASE. */
    public long released;

    /** Circuits that came up, were lost, and attempts that failed. */
    public long circuitsUp;

    public long circuitsLost;
    public long circuitsFailed;

    /** Circuits given up because home kept them alive and answered nothing. */
    public long hangUps;
}
