package io.pagewire.testkit.stream;

import java.util.ArrayDeque;
import java.util.SplittableRandom;

/**
 * A consumer's program and what the library does in it: waits for a frame, swaps it into its window, looks at it for a while.
 *
 * <p>Not thread-safe.
 */
final class Consumer extends Party {
    /** How it goes about its frames. */
    enum Manner {
        QUICK,
        SLOW,
        SLEEPY,
        STUCK;

        static Manner any(SplittableRandom random) {
            int dice = random.nextInt(20);
            return dice < 10 ? QUICK : dice < 15 ? SLOW : dice < 18 ? SLEEPY : STUCK;
        }
    }

    private record Frame(int slot, long number, int length, long time, long skipped) {}

    final boolean latest;
    final Manner manner;
    private final ArrayDeque<Frame> inbox = new ArrayDeque<>();
    private final Viewer viewer;
    private final long leavesAfter;
    private Side side;
    private int sink;
    private Frame held;
    private boolean releasedEarly;
    private boolean waiting;
    private boolean cancelling;
    private Line toDaemon;
    private int wait;
    private boolean done;
    private boolean toldEnd;
    private int cause;
    private long last;

    Consumer(StreamSimulation world, String name, boolean latest, Manner manner, boolean leaves) {
        super(world, name);
        this.latest = latest;
        this.manner = manner;
        this.leavesAfter = leaves ? 1 + world.random.nextInt(60) : Long.MAX_VALUE;
        this.viewer = new Viewer(world, this);
    }

    void subscribeAt(Daemon daemon) {
        world.scheduler.after(
                world.localDelay(),
                () -> daemon.run(() -> {
                    if (alive()) {
                        daemon.subscribe(this);
                    }
                }));
        giveUpWith(daemon);
    }

    /** The daemon may die before it answers. */
    private void giveUpWith(Daemon daemon) {
        after(StreamTimes.DROP, () -> {
            if (side == null && !daemon.alive()) {
                quit();
            } else if (side == null) {
                giveUpWith(daemon);
            }
        });
    }

    /** The daemon has made its end. */
    void joins(Side at, int number, Line line) {
        side = at;
        sink = number;
        toDaemon = line;
    }

    /** The answer to SUBSCRIBE_FRAMES. */
    void subscribed() {
        next();
    }

    /** Frames up to this one are not for it; -1 = as for its host. */
    void firstAfter(long number) {
        viewer.firstAfter(number);
    }

    void wasDropped() {
        viewer.wasDropped();
    }

    int held() {
        return held == null ? -1 : held.slot;
    }

    void forgetRelease() {
        releasedEarly = true;
    }

    private void next() {
        if (done) {
            return;
        }
        if (viewer.frames() >= leavesAfter) {
            quit();
        } else if (!inbox.isEmpty()) {
            take(inbox.poll());
        } else if (toldEnd) {
            end();
        } else {
            waiting = true;
            toDaemon.send(() -> side.next(sink));
            if (latest && world.random.nextInt(4) == 0) {
                int mine = ++wait;
                after(world.random.nextLong(50 * StreamTimes.MS), () -> timeOut(mine));
            }
        }
    }

    private void timeOut(int which) {
        if (waiting && which == wait && !toldEnd) {
            cancelling = true;
            toDaemon.send(() -> side.cancel(sink, () -> cancelled(which)));
        }
    }

    private void cancelled(int which) {
        if (which == wait && cancelling) {
            cancelling = false;
            waiting = false;
            after(world.random.nextLong(20 * StreamTimes.MS), this::next);
        }
    }

    /**
     * FRAME.
     *
     * @param skipped what its daemon has counted by then; -1 = others count too
     */
    void frame(int slot, long number, int length, long time, long skipped) {
        world.oracle.check(!latest || waiting, "%s gets frame %d without having asked", name, number);
        Frame frame = new Frame(slot, number, length, time, skipped);
        if (waiting) {
            waiting = false;
            cancelling = false;
            wait++;
            take(frame);
        } else {
            inbox.add(frame);
        }
    }

    private void take(Frame frame) {
        Frame before = held;
        if (before != null) {
            viewer.look(side, before.slot, before.number, before.length);
            if (!releasedEarly) {
                toDaemon.send(() -> side.release(sink, before.slot));
            }
            releasedEarly = false;
        }
        held = frame;
        viewer.taken(side, frame.number, frame.length, frame.time, frame.skipped);
        long time = manner == Manner.STUCK && viewer.frames() > 3 ? -1 : lookingTime();
        look(frame, time < 0 ? 20 * StreamTimes.MS : time / 3, 3, time < 0);
    }

    /** Looks at the frame several times before it is done with it; one that is stuck never is. */
    private void look(Frame frame, long pause, int times, boolean stuck) {
        if (held != frame || done) {
            return;
        }
        viewer.look(side, frame.slot, frame.number, frame.length);
        if (times > 0 || stuck) {
            after(pause, () -> look(frame, pause, times - 1, stuck));
        } else {
            next();
        }
    }

    private long lookingTime() {
        return switch (world.isCalm() ? Manner.QUICK : manner) {
            case SLOW -> world.random.nextLong(60 * StreamTimes.MS);
            case SLEEPY ->
                world.random.nextInt(20) == 0
                        ? world.random.nextLong(2 * StreamTimes.DROP)
                        : world.random.nextLong(5 * StreamTimes.MS);
            default -> world.random.nextLong(StreamTimes.MS);
        };
    }

    /** ENDED. */
    void streamEnded(int why, long number) {
        toldEnd = true;
        cause = why;
        last = number;
        if (waiting) {
            end();
        }
    }

    private void end() {
        viewer.ended(side, cause, last);
        waiting = false;
        // The window stays for as long as the program likes.
        Frame frame = held;
        after(world.random.nextLong(50 * StreamTimes.MS), () -> {
            if (frame != null) {
                viewer.look(side, frame.slot, frame.number, frame.length);
            }
            if (!done) {
                quit();
            }
        });
    }

    /** The daemon's end of the socket is closed. */
    void daemonLost() {
        if (!toldEnd) {
            toldEnd = true;
            if (world.bug(StreamBug.DAEMON_LOSS_TAKEN_FOR_END)) {
                viewer.ended(side, 0, viewer.last());
            } else {
                viewer.daemonLost(side);
            }
            quit();
        }
    }

    /** Whether it is waited for: it does something about its frames. */
    boolean acts() {
        return alive() && manner != Manner.STUCK;
    }

    String state() {
        return name + " after " + viewer.frames() + " frames" + (waiting ? ", waits" : "")
                + (side == null ? ", not subscribed" : "");
    }

    @Override
    void ended() {
        done = true;
        if (toDaemon != null) {
            Side at = side;
            int number = sink;
            toDaemon.end(() -> at.unsubscribed(number));
        }
    }
}
