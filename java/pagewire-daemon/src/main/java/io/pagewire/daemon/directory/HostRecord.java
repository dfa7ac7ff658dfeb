package io.pagewire.daemon.directory;

/**
 * A host that is registered.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param identity of the daemon's data directory: a daemon that has locked the same directory knows that this one is dead
 */
record HostRecord(String name, String address, int port, long session, long identity) {}
