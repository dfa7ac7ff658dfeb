package io.pagewire.daemon.region;

import java.util.HashMap;
import java.util.Map;

/**
 * Gives out circuit ids: the peer's number, then the channel's number with that peer, as a VPI and a VCI would be. An id is
 * never given out twice within a daemon's session; 0 is the name server (SPEC: V3, V13).
 *
 * <p>Safe for use by any thread.
 */
final class PeerNumbers {
    private static final int CHANNEL_BITS = 24;
    private static final int MAX_CHANNEL = (1 << CHANNEL_BITS) - 1;
    private static final int MAX_PEER = 127;

    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, Integer> channels = new HashMap<>();

    /** A new circuit id for a region of this host, or 0 when all are used up. */
    synchronized int next(String peerHost) {
        Integer peer = numbers.get(peerHost);
        if (peer == null) {
            if (numbers.size() == MAX_PEER) {
                return 0;
            }
            peer = numbers.size() + 1;
            numbers.put(peerHost, peer);
        }
        int channel = channels.merge(peerHost, 1, Integer::sum);
        return channel > MAX_CHANNEL ? 0 : peer << CHANNEL_BITS | channel;
    }
}
