package io.pagewire.testkit.chaos;

import java.util.ArrayList;
import java.util.List;

/**
 * Times during which something was not running, as {@link System#nanoTime}.
 *
 * <p>Safe for use by any thread.
 */
final class Spans {
    /** to is Long.MAX_VALUE while it lasts. */
    record Span(long from, long to) {
        boolean overlaps(Span other) {
            return from < other.to && other.from < to;
        }
    }

    private final List<Span> spans = new ArrayList<>();

    /** Does nothing when one has begun already. */
    synchronized void begin(long now) {
        if (!open()) {
            spans.add(new Span(now, Long.MAX_VALUE));
        }
    }

    synchronized void end(long now) {
        if (open()) {
            Span last = spans.remove(spans.size() - 1);
            spans.add(new Span(last.from, now));
        }
    }

    synchronized boolean open() {
        return !spans.isEmpty() && spans.get(spans.size() - 1).to == Long.MAX_VALUE;
    }

    /** When the last one that has ended did; Long.MIN_VALUE when there is none. */
    synchronized long lastEnd() {
        return spans.stream()
                .mapToLong(Span::to)
                .filter(to -> to != Long.MAX_VALUE)
                .max()
                .orElse(Long.MIN_VALUE);
    }

    synchronized List<Span> all() {
        return List.copyOf(spans);
    }

    /** Whether any of them has a part in common with this time. */
    synchronized boolean overlaps(Span time) {
        return spans.stream().anyMatch(time::overlaps);
    }
}
