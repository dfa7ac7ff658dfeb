package io.pagewire.cli.hosts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.Json;
import java.util.Locale;

/**
 * A latency beside its raw floor.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param p50us median
 * @param p99us 99th percentile
 * @param rawP50us median of the floor measured in the same rounds
 */
public record Latency(double p50us, double p99us, double rawP50us) {
    public static Latency of(Samples ours, Samples raw) {
        return new Latency(ours.us(0.5), ours.us(0.99), raw.us(0.5));
    }

    public double ratio() {
        return p50us / rawP50us;
    }

    public ObjectNode json() {
        return Json.object()
                .put("p50us", rounded(p50us, 10))
                .put("p99us", rounded(p99us, 10))
                .put("rawP50us", rounded(rawP50us, 10))
                .put("ratio", rounded(ratio(), 100));
    }

    /** As it stands in a table: {@code 12.3 us}. */
    public static String us(double us) {
        return String.format(Locale.ROOT, "%.1f us", us);
    }

    public static double rounded(double value, int steps) {
        return Math.round(value * steps) / (double) steps;
    }
}
