/**
 * Byte layouts of the two protocols, described once and without behaviour: {@link io.pagewire.wire.LocalLayout} between
 * {@code libpagewire} and the {@code dsmd} of the same host, {@link io.pagewire.wire.PeerLayout} between two daemons,
 * {@link io.pagewire.wire.LeasePage} for the page of shared memory in which a daemon tells its applications how long their
 * rights last. The C side of the local layouts stands in {@code native/src/local_protocol.h}; a test holds both against one
 * dumped table.
 *
 * <p>{@link io.pagewire.wire.Reasons} stands here because daemon, client and tools all tell people why something failed, and this is
 * what they share.
 *
 * <p>Depends on nothing. All classes hold constants or pure functions only and are safe for use by any thread.
 */
package io.pagewire.wire;
