/**
 * The programs of this host: control connections, fault lines, agent sockets and ends of frame streams over a Unix socket, in
 * the layout of {@link io.pagewire.wire.LocalLayout}. Decodes and encodes; what a request means is decided by {@link
 * io.pagewire.daemon.local.ControlService}, {@link io.pagewire.daemon.local.PagerSide} and {@link
 * io.pagewire.daemon.local.StreamSide}.
 *
 * <p>Control connections live on the control loop, the others on the loop of their region or stream; each class says so.
 */
package io.pagewire.daemon.local;
