package io.pagewire;

import io.pagewire.wire.FaultCause;

/**
 * A load or store that could not be served: the page is not here, and nobody could bring it or grant the right in time. The
 * accessors of {@link Region} throw it at once. A thread that used a raw buffer ({@link Region#buffer}) gets it a little
 * later, at its next safepoint; until then its loads from the page gave zeros and its stores to it were lost. The page can be
 * tried again at any time; once the reason is gone the same access works.
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
        super("region '" + region + "', page " + page + " (bytes " + page * pageSize + " to "
                + ((page + 1) * pageSize - 1) + "): " + faultCause.text() + "; " + advice(faultCause));
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
            case READ_ONLY -> "do the store in a process on the owning host";
            case UNKNOWN_REGION -> "the region was deleted; close it and map it again once it has been created";
            case DATA_LOST -> "close the region, and create and fill it again on its owner";
            case FILE_ERROR -> "restore the file on the owner; a file must keep its length while it is exported";
            case DIRECTORY_UNREACHABLE -> "start the directory or check the network to it, then try the access again";
            case DAEMON_LOST -> "start dsmd again, then connect and map the region anew";
            case CLOSED -> "do not use buffers or addresses of a region after closing it";
            case OUT_OF_RANGE -> "stay below the region's size";
            case PROTOCOL -> "run the same version of Pagewire on all hosts; details are in dsmd's log";
            case NO_MEMORY -> "give dsmd more memory or descriptors, then try the access again";
            case NO_OWNER -> "start the dsmd that owns the region, then try the access again";
            case FENCED -> "wait until the owner has its directory session again, then try the access again";
        };
    }
}
