package io.pagewire.cli.hosts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;

/**
 * Durations in ns, gathered over several rounds; percentiles are those of the samples themselves, nothing is estimated.
 *
 * <p>Not thread safe: one thread gathers and reads.
 */
public final class Samples {
    private long[] ns = new long[1024];
    private int count;
    private boolean sorted;

    public void add(long[] more) {
        if (count + more.length > ns.length) {
            ns = Arrays.copyOf(ns, Math.max(2 * ns.length, count + more.length));
        }
        System.arraycopy(more, 0, ns, count, more.length);
        count += more.length;
        sorted = false;
    }

    public int count() {
        return count;
    }

    /** The smallest sample that is at least as long as that share (0 to 1) of all, in us. */
    public double us(double share) {
        if (count == 0) {
            throw new IllegalStateException("no samples");
        }
        if (!sorted) {
            Arrays.sort(ns, 0, count);
            sorted = true;
        }
        int index = (int) Math.ceil(share * count) - 1;
        return ns[Math.max(0, Math.min(count - 1, index))] / 1000.0;
    }

    /** The mean of all, in us. */
    public double meanUs() {
        if (count == 0) {
            throw new IllegalStateException("no samples");
        }
        return Arrays.stream(ns, 0, count).sum() / 1000.0 / count;
    }

    /** The numbers of a JSON array. */
    static long[] of(JsonNode array) {
        long[] values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asLong();
        }
        return values;
    }

    /** Adds the numbers of a JSON array. */
    public void add(JsonNode array) {
        add(of(array));
    }
}
