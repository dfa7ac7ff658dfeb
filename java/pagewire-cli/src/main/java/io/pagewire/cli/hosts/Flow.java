package io.pagewire.cli.hosts;

/**
 * Bytes that went from one process to another.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param bytes how many
 * @param ns from the start of the first to the arrival of the last
 * @param cpuNs processor time of every process that took part
 */
public record Flow(long bytes, long ns, long cpuNs) {
    /** Billions of bytes in a second. */
    public double gbps() {
        return (double) bytes / ns;
    }

    /** Both together, as if one had followed the other. */
    public Flow plus(Flow other) {
        return new Flow(bytes + other.bytes, ns + other.ns, cpuNs + other.cpuNs);
    }

    /** Seconds of processor time for a billion bytes. */
    public double cpuSecondsPerGb() {
        return (double) cpuNs / bytes;
    }
}
