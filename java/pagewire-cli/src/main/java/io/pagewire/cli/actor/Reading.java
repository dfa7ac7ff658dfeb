package io.pagewire.cli.actor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.Region;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Tasks that read.
 *
 * <p>Stateless; the region's own rules apply.
 */
final class Reading {
    private static final int CHUNK = 1 << 20;

    private Reading() {}

    /** SHA-256 of a whole region, from its first byte to its last. */
    static ObjectNode digest(Region region) {
        MessageDigest sha;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        byte[] chunk = new byte[CHUNK];
        Faults faults = new Faults(region);
        for (long at = 0; at < region.size(); at += chunk.length) {
            int part = (int) Math.min(chunk.length, region.size() - at);
            region.get(at, chunk, 0, part);
            sha.update(chunk, 0, part);
        }
        return faults.soFar()
                .put("bytes", region.size())
                .put("sha256", HexFormat.of().formatHex(sha.digest()));
    }

    /** Reads a range in order, in pieces of 1 MiB: {"offset", "length"}. */
    static ObjectNode scan(Region region, JsonNode task) {
        byte[] chunk = new byte[CHUNK];
        long from = task.path("offset").asLong();
        long end = from + task.path("length").asLong();
        long sum = 0;
        Faults faults = new Faults(region);
        for (long at = from; at < end; at += chunk.length) {
            int part = (int) Math.min(chunk.length, end - at);
            region.get(at, chunk, 0, part);
            sum += chunk[part - 1];
        }
        return faults.soFar().put("bytes", end - from).put("sum", sum);
    }

    /** Loads one word of each page named ({"pages": [...]}), and says how long each load took, in ns. */
    static ObjectNode touch(Region region, JsonNode task) {
        int[] pages = pages(task);
        long[] ns = new long[pages.length];
        long sum = 0;
        Faults faults = new Faults(region);
        for (int i = 0; i < pages.length; i++) {
            long offset = (long) pages[i] * region.pageSize();
            long start = System.nanoTime();
            sum += region.getLong(offset);
            ns[i] = System.nanoTime() - start;
        }
        return samples(faults.soFar().put("sum", sum), ns);
    }

    /**
     * Reads one counter on each of {"pages"} pages over and over until all have reached {"until"}, and says how many new
     * values it saw and how often a value was older than one seen before, which must never be.
     */
    static ObjectNode watch(Region region, JsonNode task) {
        long[] seen = new long[task.path("pages").asInt()];
        long until = task.path("until").asLong();
        long deadline = System.nanoTime() + task.path("deadlineMs").asLong() * 1_000_000L;
        long changes = 0;
        long backwards = 0;
        long reads = 0;
        int done = 0;
        Faults faults = new Faults(region);
        while (done < seen.length && System.nanoTime() < deadline) {
            done = 0;
            for (int i = 0; i < seen.length; i++) {
                long value = region.getLongVolatile((long) i * region.pageSize());
                reads++;
                changes += value > seen[i] ? 1 : 0;
                backwards += value < seen[i] ? 1 : 0;
                seen[i] = value;
                done += value == until ? 1 : 0;
            }
        }
        return faults.soFar()
                .put("reads", reads)
                .put("newValues", changes)
                .put("backwards", backwards)
                .put("complete", done == seen.length);
    }

    static int[] pages(JsonNode task) {
        JsonNode list = task.path("pages");
        int[] pages = new int[list.size()];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = list.get(i).asInt();
        }
        return pages;
    }

    static ObjectNode samples(ObjectNode answer, long[] ns) {
        var array = answer.putArray("samples");
        for (long sample : ns) {
            array.add(sample);
        }
        return answer;
    }
}
