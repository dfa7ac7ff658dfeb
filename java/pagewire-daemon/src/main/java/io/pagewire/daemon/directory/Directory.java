package io.pagewire.daemon.directory;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The name server of all hosts, circuit 0 (SPEC: V13). Every operation ends within the operation deadline; a failed one
 * completes with a {@link DirectoryException}. While the connection is away operations are tried again until their deadline.
 *
 * <p>Safe for use by any thread; futures complete on the directory's own thread, which must not be blocked.
 */
public interface Directory extends AutoCloseable {
    /** Random, made once when the directory is: fences ids and epochs of another directory. Never 0. */
    long incarnation();

    /** Allots id and address range and makes the region known under its name, owned by this host. EXISTS, INVALID. */
    CompletableFuture<RegionRecord> create(RegionSpec spec);

    /**
     * Makes this host the live owner until its session ends. Fails with OWNED when the region belongs to another host or a
     * live session other than this one holds it. Claiming again within one session gives the same epoch.
     *
     * @param lost the contents were lost; told to everybody who asks for the owner
     */
    CompletableFuture<OwnerRecord> claim(RegionRecord record, boolean lost);

    /** The region of that name, or UNKNOWN_REGION. */
    CompletableFuture<RegionRecord> lookup(String name);

    /** The live owner, or NO_OWNER. */
    CompletableFuture<OwnerRecord> owner(int regionId);

    /** The same for somebody who has less time than an operation may take otherwise. */
    CompletableFuture<OwnerRecord> owner(int regionId, int deadlineMs);

    /** Which of these regions have a live owner, and who. Nodes that are not valid are logged and count as none. */
    CompletableFuture<Map<Integer, OwnerRecord>> owners(Collection<Integer> regionIds);

    /**
     * Regions by name, at most {@code limit}. Nodes that are not valid are logged and left out.
     *
     * @param after the name after which to begin, {@link RegionPage#next} of the page before; empty = with the first
     */
    CompletableFuture<RegionPage> list(String after, int limit);

    /**
     * Regions that belong to this host, by id, some hundred at a time: the first of those with this id or a higher one. None
     * when there are none any more.
     */
    CompletableFuture<List<RegionRecord>> own(int fromId);

    /** Forgets the region everywhere. Only its owner host may: else OWNED. */
    CompletableFuture<Void> delete(RegionRecord record);

    /**
     * Forgets a frame stream of any host that no session claims, because its daemon is gone. OWNED when one does; UNKNOWN_REGION
     * when it is forgotten already; INVALID for a region, whose owner may come back.
     */
    CompletableFuture<Void> retire(RegionRecord stream);

    /** Tells the listener about the region's owner now and after each change, also over sessions. */
    void watch(int regionId, OwnerListener listener);

    /** Ends {@link #watch}; a call under way may still arrive. */
    void unwatch(int regionId, OwnerListener listener);

    /** The addresses of the servers, HOST:PORT[,HOST:PORT...]; the real port when an ephemeral one was asked for. */
    String connectString();

    /** Whether the server runs in this process. */
    boolean embedded();

    /** Gives up claims and registration, closes the session and stops the embedded server. Waits at most a few seconds. */
    @Override
    void close();
}
