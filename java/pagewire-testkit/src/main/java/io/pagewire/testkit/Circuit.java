package io.pagewire.testkit;

import io.pagewire.core.Cause;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A virtual circuit: two directions, each in order, each with its own delays. A cut between the hosts holds what is on the way
 * until it heals, as TCP does; a closed end tells the other after what it has sent, unless its machine fell silent.
 *
 * <p>Not thread-safe.
 */
final class Circuit {
    /** One end: the node that reads there and the process it lives in. */
    interface End {
        void received(Circuit circuit, Message message);

        void ended(Circuit circuit);

        Actor process();
    }

    private final class Direction {
        final int from;
        final int to;
        final Deque<Message> queue = new ArrayDeque<>();
        long lastArrival;
        boolean pumping;
        boolean ended;
        boolean hole;
        End reader;
        boolean closed;

        Direction(int from, int to) {
            this.from = from;
            this.to = to;
        }

        void send(Message message) {
            if (!hole) {
                queue.add(message);
                pump();
            }
        }

        void end() {
            ended = true;
            pump();
        }

        /** One event carries the head of the queue; a cut stops it, healing starts it again. */
        void pump() {
            if (pumping || queue.isEmpty() && !ended || world.network.isCut(from, to)) {
                return;
            }
            pumping = true;
            lastArrival = Math.max(lastArrival, world.scheduler.now() + world.network.delay());
            world.scheduler.at(lastArrival, this::arrive);
        }

        void arrive() {
            pumping = false;
            if (world.network.isCut(from, to) || hole) {
                return;
            }
            Message message = queue.poll();
            if (message != null) {
                world.trace("circuit %d, host %d to %d: %s", number, from, to, message);
                if (reader == null) {
                    setup(message);
                } else {
                    End now = reader;
                    now.process().run(() -> {
                        if (!closed) {
                            now.received(Circuit.this, message);
                        }
                    });
                }
                pump();
            } else if (ended && reader != null) {
                ended = false;
                End now = reader;
                now.process().run(() -> {
                    if (!closed) {
                        now.ended(Circuit.this);
                    }
                });
            }
        }
    }

    private final Simulation world;
    final int number;
    final SharedRegion region;
    final long epoch;
    private final Direction up;
    private final Direction down;

    Circuit(Simulation world, int number, SharedRegion region, long epoch, int client, int home, End clientEnd) {
        this.world = world;
        this.number = number;
        this.region = region;
        this.epoch = epoch;
        this.up = new Direction(client, home);
        this.down = new Direction(home, client);
        this.down.reader = clientEnd;
    }

    int clientHost() {
        return up.from;
    }

    /** The first message finds the daemon that listens, or nobody. */
    private void setup(Message message) {
        Daemon daemon = world.hosts.get(up.to).daemon();
        if (daemon == null || !daemon.alive()) {
            down.end();
            return;
        }
        up.reader = new Door(daemon);
        daemon.run(() -> {
            if (!up.closed) {
                up.reader.received(this, message);
            }
        });
    }

    /** Where a daemon takes calls: what serves the region is looked up when a message is read. */
    private final class Door implements End {
        private final Daemon daemon;

        Door(Daemon daemon) {
            this.daemon = daemon;
        }

        @Override
        public void received(Circuit circuit, Message message) {
            HomeNode node = daemon.home(region);
            if (node == null) {
                sendDown(Message.refuse(Cause.NO_OWNER));
                closeHome(false);
            } else {
                node.received(circuit, message);
            }
        }

        @Override
        public void ended(Circuit circuit) {
            HomeNode node = daemon.home(region);
            if (node != null) {
                node.calls().ended(circuit);
            }
            closeHome(false);
        }

        @Override
        public Actor process() {
            return daemon;
        }
    }

    void sendUp(Message message) {
        if (!down.closed) {
            up.send(message);
        }
    }

    void sendDown(Message message) {
        if (!up.closed) {
            down.send(message);
        }
    }

    /** The client's end is closed: it reads nothing more, and home hears of it. */
    void closeClient(boolean silently) {
        if (!down.closed) {
            down.closed = true;
            if (!silently) {
                up.end();
            }
        }
    }

    /** Home's end is closed. */
    void closeHome(boolean silently) {
        if (!up.closed) {
            up.closed = true;
            if (!silently) {
                down.end();
            }
        }
    }

    boolean clientClosed() {
        return down.closed;
    }

    boolean homeClosed() {
        return up.closed;
    }

    boolean dead() {
        return up.closed && down.closed;
    }

    /** From now on one direction swallows everything without a word. */
    void makeHole(boolean upwards) {
        Direction direction = upwards ? up : down;
        direction.hole = true;
        direction.queue.clear();
    }

    /** Both ends hear that the connection is broken; what was on the way is lost. */
    void breakBoth() {
        up.queue.clear();
        down.queue.clear();
        up.end();
        down.end();
    }

    /** A sender that got no answer has waited longer and longer between its attempts, so it goes on only some time later. */
    void healed() {
        world.scheduler.after(world.network.backoff(), up::pump);
        world.scheduler.after(world.network.backoff(), down::pump);
    }
}
