package io.pagewire.daemon.directory;

/**
 * Hears about this host's own session with the directory.
 *
 * <p>Called on the directory's own thread; must not block.
 */
public interface DirectoryListener {
    /**
     * A session stands and the host is registered. Told once after opening, again after each {@link #disconnected()}, and
     * after {@link #expired()} when a new session stands: claims have to be made again then.
     *
     * @param sessionEstablishedBootNs when the connection was made, ns of CLOCK_BOOTTIME
     */
    void connected(long sessionEstablishedBootNs);

    /** The connection is gone; the session, and with it the claims, may live on until the end of the lease. */
    void disconnected();

    /** The session is gone and so are all claims of this host. A new session is opened without asking. */
    void expired();

    /**
     * The session cannot expire before this moment, so neither can the claims. The owner's rights end with it.
     *
     * @param endBootNs ns of CLOCK_BOOTTIME
     */
    void leaseExtended(long endBootNs);
}
