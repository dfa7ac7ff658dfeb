package io.pagewire;

import io.pagewire.wire.FaultCause;

/**
 * A load or store that could not be served: the page is not here, and nobody could bring it or grant the right in time. The
 * page can be tried again at any time; once the reason is gone the same access works.
 *
 * <p><b>The methods of {@link Region}</b> throw it at once, in every thread, virtual ones too: nothing that was loaded is given
 * back, and nothing of the store is in the region (a bulk operation may have stored the pages before).
 *
 * <p><b>A platform thread that used a raw buffer</b> ({@link Region#buffer}) gets it a little later:
 *
 * <ul>
 *   <li>Until then it runs on. Its loads from the page give zeros. Its stores to the page are lost: they go to memory of this
 *       process that is thrown away within milliseconds, never to the region. Whatever was computed since the access is void.
 *   <li>The exception comes 20 ms after the failure or later (after a second at most if the thread is in Java code), at the
 *       thread's next safepoint: in a loop, a call or a return, wherever the thread is by then. Sleeping, waiting and parked
 *       threads are woken for it. A thread in native code gets it when it comes back to Java, one in a page fault when that is
 *       over; from the moment when it is due the thread waits for no other page, and its faults fail at once. A method of
 *       {@link Region} that is called in between throws it in its place.
 *   <li>It is one exception for everything that this thread had failed on when the exception was put in place, however many
 *       pages; it names one of them, the first that had not been told of. What the thread fails on between that and the throw
 *       may be told by a second one: better twice than never.
 *   <li>Wherever the thread is may also be inside of a lock: between {@code lock()} and {@code try}, or in the middle of a
 *       change that a lock protects. So a thread that uses raw buffers should hold no lock that others need while it does, or
 *       they may find it held for ever and what it protects half changed. {@code synchronized} blocks are left in order. The
 *       locks of this library survive it: {@link Region#close()} and its like end.
 *   <li>Code that uses raw buffers should therefore keep what it makes of them to itself until it may rely on it, for example by
 *       one access through {@link Region} to each page it has read: that one is sure.
 *   <li>The thread's interrupt flag is afterwards what it was. (To wake the thread the JVM sets it for a moment; an interrupt
 *       by somebody else in that very moment may be lost.) A sleep or wait that was ended by it throws this exception, not
 *       InterruptedException; a park may return early, as parks may.
 *   <li>For about 2 ms, other threads that use a raw buffer on the same page may read zeros and lose stores too, and are not
 *       told. A store that is not allowed (see {@link Writers}) disturbs no reader: the page keeps its content for
 *       them.
 * </ul>
 *
 * <p><b>A virtual thread</b>, or a thread that is not Java's, gets none for a raw buffer: it reads zeros, its stores are lost, and
 * the failure is told to listeners ({@link Region#addListener}) and, once for a region, to the log {@code io.pagewire}. Such
 * threads should use the methods of {@link Region}.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class PageFaultException extends PagewireException {
    private static final long serialVersionUID = 1L;

    private final String region;
    private final long page;
    private final FaultCause faultCause;

    /** Made by the library. pageSize is in bytes. */
    public PageFaultException(String region, long page, int pageSize, FaultCause faultCause) {
        this(region, page, pageSize, faultCause, "");
    }

    /** Made by the library. pageSize is in bytes; detail: what more is known of the cause, or an empty string. */
    public PageFaultException(String region, long page, int pageSize, FaultCause faultCause, String detail) {
        super("region '" + region + "', page " + page + " (bytes " + page * pageSize + " to "
                + ((page + 1) * pageSize - 1) + "): " + faultCause.text() + detail + "; " + advice(faultCause));
        this.region = region;
        this.page = page;
        this.faultCause = faultCause;
    }

    /** The name of the region. */
    public String region() {
        return region;
    }

    /** The number of the page in the region, counted from 0 in pages of the region's page size. */
    public long page() {
        return page;
    }

    /** Why the page could not be served. */
    public FaultCause faultCause() {
        return faultCause;
    }

    private static String advice(FaultCause cause) {
        return switch (cause) {
            case OWNER_LOST -> "start the owner's dsmd or check the network to it, then try the access again";
            case DEADLINE -> "try the access again; if it stays so, look at `dsmctl status` on both hosts";
            case REFUSED -> "ask the owner to allow this host or user";
            case READ_ONLY ->
                "do the store in a process on the owning host, in a mapping that is not read-only, or make the region with"
                        + " writers ANY";
            case UNKNOWN_REGION -> "the region was deleted; close it and map it again once it has been created";
            case DATA_LOST -> "close the region, and create and fill it again on its owner";
            case FILE_ERROR ->
                "the log of the owner's dsmd says which: restore the file or make room on its disk; a file must keep its length while it is exported";
            case DIRECTORY_UNREACHABLE -> "start the directory or check the network to it, then try the access again";
            case DAEMON_LOST -> "start dsmd again, then connect and map the region anew";
            case CLOSED -> "do not use buffers or addresses of a region after closing it";
            case OUT_OF_RANGE -> "stay below the region's size";
            case PROTOCOL -> "run the same version of Pagewire on all hosts; details are in dsmd's log";
            case NO_MEMORY ->
                "dsmd's log says what is used up: raise --frames-max or --spill-max, free disk space for spilled pages, or give"
                        + " dsmd more memory; then try the access again";
            case NO_OWNER -> "start the dsmd that owns the region, then try the access again";
            case FENCED -> "wait until the owner has its directory session again, then try the access again";
            case PRODUCER_LOST, TOO_SLOW -> "subscribe to the frame stream again";
        };
    }
}
