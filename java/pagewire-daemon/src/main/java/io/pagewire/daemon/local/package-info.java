/**
 * The programs of this host: control connections, fault lines and agent sockets over a Unix socket, in the layout of
 * {@link io.pagewire.wire.LocalLayout}. Decodes and encodes; what a request means is decided by {@link
 * io.pagewire.daemon.local.ControlService} and {@link io.pagewire.daemon.local.PagerSide}.
 *
 * <p>Control connections live on the control loop, fault lines and agents on the loop of their region; each class says so.
 */
package io.pagewire.daemon.local;
