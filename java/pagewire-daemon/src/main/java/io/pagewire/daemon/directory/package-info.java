/**
 * The directory, which is the name server of all hosts: names, ids, address ranges, live owners and their epochs
 * (SPEC: V13, V15). One code path on ZooKeeper, whether its server runs in this process or in an ensemble elsewhere.
 *
 * <p>Everything in here happens on one thread of the directory's own; the public interface may be used by any thread.
 */
package io.pagewire.daemon.directory;
