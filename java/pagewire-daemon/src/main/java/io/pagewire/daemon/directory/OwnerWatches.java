package io.pagewire.daemon.directory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who wants to hear about the owners of regions, and what they were told last. A watch of ZooKeeper says only that something
 * has changed; what it is now is read each time, and only news is passed on.
 *
 * <p>Used by the directory's thread.
 */
final class OwnerWatches {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerWatches.class);

    private final DirectorySession session;
    private final Executor thread;
    private final Map<Integer, Watched> regions = new HashMap<>();

    OwnerWatches(DirectorySession session, Executor thread) {
        this.session = session;
        this.thread = thread;
        session.onReady(() -> List.copyOf(regions.values()).forEach(Watched::look));
    }

    void add(int regionId, OwnerListener listener) {
        Watched watched = regions.computeIfAbsent(regionId, Watched::new);
        watched.listeners.add(listener);
        watched.tellPresent(listener);
        watched.look();
    }

    void remove(int regionId, OwnerListener listener) {
        Watched watched = regions.get(regionId);
        if (watched != null && watched.listeners.remove(listener) && watched.listeners.isEmpty()) {
            regions.remove(regionId);
        }
    }

    /** What is known of one region. */
    private final class Watched implements Watcher {
        private final int regionId;
        private final List<OwnerListener> listeners = new ArrayList<>();
        /** Whether the listeners were told anything yet. */
        private boolean told;
        /** The owner they were told of; null = none. */
        private OwnerRecord owner;

        private long newestEpoch;
        private boolean looking;
        private boolean lookAgain;

        Watched(int regionId) {
            this.regionId = regionId;
        }

        @Override
        public void process(WatchedEvent event) {
            if (event.getType() == Event.EventType.None) {
                return; // of the session, which is ready again before we look
            }
            try {
                thread.execute(this::look);
            } catch (RejectedExecutionException e) {
                LOG.debug("Event {} came after the directory was closed", event);
            }
        }

        void look() {
            Zk client = session.registered();
            if (client == null || regions.get(regionId) != this) {
                return; // looked at again when the session is ready
            }
            if (looking) {
                lookAgain = true;
                return;
            }
            looking = true;
            client.sync()
                    .thenCompose(x -> client.exists(Nodes.id(regionId), this))
                    .thenCompose(id -> id == null ? deleted() : readOwner(client))
                    .whenComplete((x, e) -> {
                        looking = false;
                        if (e != null && Failures.isNoNode(e)) {
                            lookAgain = true; // gone between two reads
                        } else if (e != null && !Failures.isTransient(e)) {
                            LOG.warn("Cannot watch the owner of region {}: {}", regionId, Failures.reason(e));
                        }
                        if (lookAgain) {
                            lookAgain = false;
                            look();
                        }
                    });
        }

        private CompletableFuture<Void> readOwner(Zk client) {
            String path = Nodes.owner(regionId);
            return client.exists(path, this).thenCompose(stat -> {
                if (stat == null) {
                    gone();
                    return CompletableFuture.completedFuture(null);
                }
                return client.get(path).thenAccept(node -> {
                    try {
                        found(Nodes.decodeOwner(
                                node.data(), regionId, node.stat().getCzxid()));
                    } catch (BadNode e) {
                        LOG.warn("{}", Failures.invalidNode(path, e).getMessage());
                        gone();
                    }
                });
            });
        }

        private void found(OwnerRecord found) {
            if (found.equals(owner) || found.epoch() < newestEpoch) {
                return;
            }
            newestEpoch = found.epoch();
            owner = found;
            told = true;
            tell(listener -> listener.ownerChanged(found));
        }

        private void gone() {
            if (told && owner == null) {
                return;
            }
            owner = null;
            told = true;
            tell(listener -> listener.ownerGone(regionId));
        }

        private CompletableFuture<Void> deleted() {
            regions.remove(regionId, this);
            tell(listener -> listener.regionDeleted(regionId));
            listeners.clear();
            return CompletableFuture.completedFuture(null);
        }

        /** A listener that comes later hears at once what the others know. */
        private void tellPresent(OwnerListener listener) {
            OwnerRecord present = owner;
            if (told) {
                call(() -> {
                    if (present != null) {
                        listener.ownerChanged(present);
                    } else {
                        listener.ownerGone(regionId);
                    }
                });
            }
        }

        private void tell(Consumer<OwnerListener> message) {
            List.copyOf(listeners).forEach(listener -> call(() -> message.accept(listener)));
        }

        private void call(Runnable message) {
            try {
                message.run();
            } catch (RuntimeException e) {
                LOG.error("A listener for the owner of region {} failed", regionId, e);
            }
        }
    }
}
