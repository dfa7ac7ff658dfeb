package io.pagewire.testkit.stream;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;

/**
 * The connection of a circuit. What is queued leaves item by item; bytes of a frame are read from its memory when they arrive, as
 * with {@code sendfile}. A cut holds everything up. A closed end takes nothing more in, but what it had sent goes on arriving.
 *
 * <p>Not thread-safe.
 */
final class Wire {
    /** Items that a stopped reader's kernel takes in; the rest stays with the sender. */
    private static final int RECEIVE_BUFFER = 2;

    private interface Item {
        Runnable arrive();
    }

    final class Way {
        private final Party reader;
        private final Deque<Item> queue = new ArrayDeque<>();
        private final Runnable heardEnd;
        private int unread;
        private boolean held;
        private boolean pumping;
        private boolean ended;
        private boolean told;
        private boolean closed;
        private boolean hole;

        private Way(Party reader, Runnable heardEnd) {
            this.reader = reader;
            this.heardEnd = heardEnd;
        }

        void send(Runnable message) {
            add(() -> message);
        }

        void sendBytes(SlotMemory.Page page, int cell, LongConsumer receiver) {
            add(() -> {
                long value = page.cells[cell];
                return () -> receiver.accept(value);
            });
        }

        private void add(Item item) {
            if (!ended && !hole) {
                queue.add(item);
                pump();
            }
        }

        private void pump() {
            if (!pumping && (!queue.isEmpty() || ended && !told) && !world.isCut(host)) {
                pumping = true;
                world.scheduler.after(world.wireDelay(host, this == down), this::arrive);
            }
        }

        private void arrive() {
            pumping = false;
            if (world.isCut(host)) {
                return;
            }
            if (reader.frozen() && unread >= RECEIVE_BUFFER) {
                held = true;
                return;
            }
            Item item = queue.poll();
            if (item != null) {
                Runnable message = item.arrive();
                unread++;
                reader.run(() -> {
                    unread--;
                    if (held) {
                        goOn();
                    }
                    if (!closed || world.bug(StreamBug.READ_OLD_CIRCUIT) && this == down) {
                        message.run();
                    }
                });
            } else if (ended && !told) {
                tellEnd();
            }
            pump();
        }

        private void goOn() {
            held = false;
            pump();
        }

        private void tellEnd() {
            told = true;
            reader.run(() -> {
                if (!closed) {
                    closed = true;
                    heardEnd.run();
                }
            });
        }

        private void end() {
            ended = true;
            pump();
        }

        private void tear() {
            if (world.random.nextBoolean()) {
                hole = true;
                queue.clear();
            }
            world.scheduler.after(world.random.nextLong(100 * StreamTimes.MS), () -> {
                if (!told) {
                    tellEnd();
                }
            });
        }
    }

    final int number;
    final Way up;
    final Way down;
    private final StreamSimulation world;
    private final int host;

    /** From the client on this host to home; {@code connected} is what home does about it. */
    Wire(
            StreamSimulation world,
            int number,
            int host,
            Party client,
            Party home,
            Runnable clientHeard,
            Runnable homeHeard) {
        this.world = world;
        this.number = number;
        this.host = host;
        this.up = new Way(home, homeHeard);
        this.down = new Way(client, clientHeard);
    }

    int host() {
        return host;
    }

    void closeByClient() {
        down.closed = true;
        up.end();
    }

    void closeByHome() {
        up.closed = true;
        down.end();
    }

    /** Both ends hear of it, each at its time; some of what is on its way may still arrive. */
    void tear() {
        up.tear();
        down.tear();
    }

    void healed() {
        up.pump();
        down.pump();
    }

    boolean isOver() {
        return (up.closed || up.told) && (down.closed || down.told) && up.queue.isEmpty() && down.queue.isEmpty();
    }
}
