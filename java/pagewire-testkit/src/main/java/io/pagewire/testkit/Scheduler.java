package io.pagewire.testkit;

import java.util.PriorityQueue;

/**
 * Simulated time: runs events in the order of their times, those of the same time in the order they were made.
 *
 * <p>Not thread-safe.
 */
public final class Scheduler {
    private record Event(long time, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>(1024);
    private long now;
    private long made;
    private long ran;
    private Runnable between = () -> {};

    public long now() {
        return now;
    }

    public long eventsRun() {
        return ran;
    }

    /** What happens after every event, at the same time. */
    public void betweenEvents(Runnable action) {
        between = action;
    }

    public void at(long time, Runnable action) {
        events.add(new Event(Math.max(time, now), made++, action));
    }

    public void after(long delay, Runnable action) {
        at(now + delay, action);
    }

    /** Runs everything up to and including this moment. */
    public void runUntil(long end) {
        while (!events.isEmpty() && events.peek().time <= end) {
            Event next = events.poll();
            now = next.time;
            ran++;
            next.action.run();
            between.run();
        }
        now = end;
    }
}
