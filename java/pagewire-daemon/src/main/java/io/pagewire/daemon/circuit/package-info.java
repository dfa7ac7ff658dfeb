/**
 * Virtual circuits over TCP: framing, integrity and order of the messages of {@link io.pagewire.wire.PeerLayout}, so that the
 * pagers above see whole, correct messages only (SPEC: V1, V2, V6). Knows nothing of pages.
 *
 * <p>A circuit belongs to the event loop of its region; nothing here is safe for use by two threads.
 */
package io.pagewire.daemon.circuit;
