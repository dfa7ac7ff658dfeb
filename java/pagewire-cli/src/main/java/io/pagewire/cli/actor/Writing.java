package io.pagewire.cli.actor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.Region;
import io.pagewire.cli.CommandFailed;
import java.util.SplittableRandom;

/**
 * Tasks that write; they belong on the region's own host, or on any when any may write it.
 *
 * <p>Stateless; the region's own rules apply.
 */
final class Writing {
    private static final int CHUNK = 1 << 20;

    private Writing() {}

    /** Fills a region with bytes that do not compress, so that no layer can take a short cut through zeros. */
    static ObjectNode fill(Region region) {
        byte[] chunk = new byte[CHUNK];
        SplittableRandom random = new SplittableRandom(1);
        Faults faults = new Faults(region);
        for (long at = 0; at < region.size(); at += chunk.length) {
            random.nextBytes(chunk);
            region.put(at, chunk, 0, (int) Math.min(chunk.length, region.size() - at));
        }
        return faults.soFar().put("bytes", region.size());
    }

    /** Stores one word on each page named ({"pages": [...]}), and says how long each store took, in ns. */
    static ObjectNode store(Region region, JsonNode task) {
        int[] pages = Reading.pages(task);
        long[] ns = new long[pages.length];
        Faults faults = new Faults(region);
        for (int i = 0; i < pages.length; i++) {
            long offset = (long) pages[i] * region.pageSize();
            long start = System.nanoTime();
            region.putLong(offset, start);
            ns[i] = System.nanoTime() - start;
        }
        return Reading.samples(faults.soFar(), ns);
    }

    /** Counts one counter on each of {"pages"} pages from 1 to {"rounds"}. */
    static ObjectNode update(Region region, JsonNode task) {
        int pages = task.path("pages").asInt();
        long rounds = task.path("rounds").asLong();
        Faults faults = new Faults(region);
        for (long round = 1; round <= rounds; round++) {
            for (int i = 0; i < pages; i++) {
                region.putLongVolatile((long) i * region.pageSize(), round);
            }
        }
        return faults.soFar().put("stores", rounds * pages);
    }

    /**
     * Takes turns with a program of another host at counting one word up, {"rounds"} times, each time that it is
     * {"odd"} or even, and says how long a hand-over took, in ns: between two of its own turns lie two.
     */
    static ObjectNode turns(Region region, JsonNode task) {
        long mine = task.path("odd").asBoolean() ? 1 : 0;
        long[] ns = new long[task.path("rounds").asInt()];
        long deadline = System.nanoTime() + task.path("deadlineMs").asLong() * 1_000_000L;
        Faults faults = new Faults(region);
        long last = 0;
        for (int i = -1; i < ns.length; i++) {
            long value = awaitTurn(region, mine, deadline);
            long now = System.nanoTime();
            region.putLongVolatile(0, value + 1);
            if (i >= 0) {
                ns[i] = (now - last) / 2;
            }
            last = now;
        }
        return Reading.samples(faults.soFar(), ns);
    }

    private static long awaitTurn(Region region, long mine, long deadline) {
        long value = region.getLongVolatile(0);
        while ((value & 1) != mine) {
            if (System.nanoTime() > deadline) {
                throw new CommandFailed("the other host did not take its turn in time; the word is " + value);
            }
            Thread.yield();
            value = region.getLongVolatile(0);
        }
        return value;
    }
}
