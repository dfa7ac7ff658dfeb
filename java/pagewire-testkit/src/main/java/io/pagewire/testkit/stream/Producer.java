package io.pagewire.testkit.stream;

import java.util.ArrayDeque;

/**
 * The producer's program and what the library does in it: writes its frame's number into the window, cell by cell, and swaps. The
 * window keeps one slot; another must be there before the frame in it may travel.
 *
 * <p>Not thread-safe.
 */
final class Producer extends Party {
    private final HomeSide home;
    private final Line toDaemon;
    private final ArrayDeque<Integer> empty = new ArrayDeque<>();
    private final long target;
    private final long pauseNs;
    private final boolean drains;
    private int window = -1;
    private long number;
    private int length;
    private boolean swapping;
    private boolean swappedAll;
    private boolean waiting;
    private boolean finished;
    private boolean over;

    Producer(StreamSimulation world, HomeSide home) {
        super(world, "producer");
        this.home = home;
        this.toDaemon = new Line(home.daemon);
        this.target = 5 + world.random.nextInt(world.random.nextBoolean() ? 800 : 150);
        this.pauseNs = 10 * StreamTimes.US << world.random.nextInt(12);
        this.drains = world.random.nextInt(3) == 0;
    }

    /** EMPTY. */
    void empty(int slot) {
        empty.add(slot);
        waiting = false;
        if (window < 0) {
            window = empty.poll();
            after(pause(), this::write);
        } else if (swapping) {
            swap();
        }
    }

    private void write() {
        number++;
        length = world.random.nextInt(SlotMemory.CELLS + 1);
        write(window, 0, this::wish);
    }

    private void write(int slot, int cell, Runnable then) {
        if (cell == length) {
            then.run();
        } else {
            home.memory.page(slot).cells[cell] = SlotMemory.content(number, cell);
            after(world.random.nextLong(200 * StreamTimes.US), () -> write(slot, cell + 1, then));
        }
    }

    private void wish() {
        swapping = true;
        if (!empty.isEmpty()) {
            swap();
        } else if (!waiting) {
            waiting = true;
            toDaemon.send(home::producerWaits);
        }
    }

    private void swap() {
        swapping = false;
        int slot = window;
        int used = length;
        long time = world.scheduler.now();
        world.oracle.swapped(number, used, time);
        toDaemon.send(() -> home.filled(slot, used, time));
        window = empty.poll();
        if (world.bug(StreamBug.WRITE_AFTER_SWAP) && used > 0) {
            after(world.random.nextLong(StreamTimes.MS), () -> home.memory.page(slot).cells[0] = -1);
        }
        swappedAll = number == target;
        if (!swappedAll) {
            after(pause(), this::write);
        } else if (!world.lingers) {
            conclude();
        }
    }

    /** No frame comes any more. */
    void conclude() {
        if (drains) {
            toDaemon.send(home::drain);
            after(world.random.nextLong(2 * StreamTimes.DROP), this::finish);
        } else {
            finish();
        }
    }

    boolean hasSwappedAll() {
        return swappedAll;
    }

    private long pause() {
        return world.random.nextInt(40) == 0
                ? world.random.nextLong(200 * StreamTimes.MS)
                : world.random.nextLong(pauseNs);
    }

    /** DRAINED. */
    void drained() {
        world.counts.drains++;
        after(pause(), this::finish);
    }

    private void finish() {
        if (over || finished) {
            return;
        }
        finished = true;
        world.oracle.finished();
        toDaemon.send(home::finish);
        quit();
    }

    /** Its daemon is gone, or told it the end. */
    void lost() {
        over = true;
        quit();
    }

    boolean isDone() {
        return !alive();
    }

    String state() {
        return "producer at frame " + number + " of " + target + (swapping ? ", waits for a slot" : "");
    }

    @Override
    void ended() {
        if (!finished && !over) {
            world.oracle.producerDied();
        }
        toDaemon.end(home::producerGone);
    }
}
