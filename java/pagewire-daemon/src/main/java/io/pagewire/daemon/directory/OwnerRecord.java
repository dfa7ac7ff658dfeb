package io.pagewire.daemon.directory;

/**
 * The owner of a region that is alive now, and where to reach it.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param host name of the owner host
 * @param address IP address or host name for circuits
 * @param port TCP port for circuits
 * @param session daemon session of the owner
 * @param epoch the zxid of the claim: a later claim always has a higher one (fencing token)
 * @param lost the region's contents were lost with an earlier session of the owner
 */
public record OwnerRecord(
        int regionId, String host, String address, int port, long session, long epoch, boolean lost) {}
