package io.pagewire.daemon.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Reads many nodes, several in a packet: most of what a read costs is its packet. No valid node is longer than {@link
 * NodeText#MAX_LENGTH}, so a packet stays below the 1 MiB that would end the session. A node that somebody else has made may be
 * longer; so an operation that has to begin again reads each by itself.
 *
 * <p>One for each {@link Operation}; used by the directory's thread.
 */
final class ManyReads {
    private static final int IN_A_PACKET = 32;

    private int attempts;

    /** To be called when an attempt begins. */
    ManyReads attempt() {
        attempts++;
        return this;
    }

    /** Gives each thing's node to {@code found}, in any order, without those that have none. */
    <T> CompletableFuture<Void> all(Zk client, List<T> things, Function<T, String> path, BiConsumer<T, Zk.Node> found) {
        int width = attempts == 1 ? IN_A_PACKET : 1;
        List<List<T>> packets = new ArrayList<>();
        for (int i = 0; i < things.size(); i += width) {
            packets.add(things.subList(i, Math.min(things.size(), i + width)));
        }
        return Pipeline.each(
                packets,
                packet -> client.getAll(packet.stream().map(path).toList()).thenAccept(nodes -> {
                    for (int i = 0; i < nodes.size(); i++) {
                        if (nodes.get(i) != null) {
                            found.accept(packet.get(i), nodes.get(i));
                        }
                    }
                }));
    }
}
