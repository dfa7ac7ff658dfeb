package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two hosts with a slow link between them, over which 2 GiB travel that nobody waits for page by page: whoever does wait for a page
 * gets it nearly as soon as on the idle link, and no circuit takes the other side for dead (SPEC: V1, V10).
 */
@ExtendWith(LogsOnFailure.class)
@Timeout(300)
class BulkIT {
    private static final int PAGE = 4096;
    private static final int LARGE_PAGE = 2 << 20;
    private static final long LEASE_NS = 1_000_000_000L;
    private static final long SIZE = 2L << 30;

    /** Faults hit pages that are far from each other: nothing is read ahead. */
    private static final int STEP = 4099;

    /** Of bulk, after which the pacer knows the way. */
    private static final int SETTLED = 1 << 20;

    @TempDir
    Path folder;

    private Cluster cluster;
    private ShapedLink link;
    private ShapedWay way;
    private Host a;
    private Host b;
    private App onA;
    private App onB;
    private App preloading;
    private int nextPage;

    @AfterEach
    void end() {
        if (preloading != null && preloading.isAlive()) {
            preloading.kill();
        }
        try {
            cluster.close();
        } finally {
            if (way != null) {
                way.close();
            }
            if (link != null) {
                link.close();
            }
        }
    }

    /** The link of the kernel where this machine has one and nothing is delayed, else a relay. */
    private void hosts(String rate, long delayMs) {
        cluster = new Cluster(folder);
        link = delayMs == 0 ? ShapedLink.make(rate + "bit") : null;
        if (link != null) {
            a = cluster.prepare("a", "--listen", ShapedLink.address(0) + ":0", "--directory", "embedded:0");
            a.under(link.at(0));
            a.start();
            b = cluster.prepare("b", "--listen", ShapedLink.address(1) + ":0", "--directory", a.directory());
            b.under(link.at(1));
        } else {
            Host d = cluster.host("d");
            int port = Cluster.freePort();
            way = new ShapedWay(port, bits(rate), delayMs);
            a = cluster.prepare(
                    "a", "--listen", "127.0.0.1:" + port, "--advertise", way.address(), "--directory", d.directory());
            a.start();
            b = cluster.prepare("b", "--directory", d.directory());
        }
        b.start();
        onA = cluster.app(a);
        onB = cluster.app(b);
        preloading = cluster.app(b);
    }

    private static long bits(String rate) {
        long number = Long.parseLong(rate.substring(0, rate.length() - 1));
        return number * (rate.endsWith("g") ? 1_000_000_000L : 1_000_000L);
    }

    /** ns that each of so many faults took, in order of size. */
    private long[] faults(int count) {
        String answer = onB.ask("fault-times", "bulk", nextPage, count, STEP);
        nextPage += count * STEP;
        return Arrays.stream(answer.split(" "))
                .mapToLong(Long::parseLong)
                .sorted()
                .toArray();
    }

    private JsonNode preloaded() {
        return b.region("bulk").path("preloaded");
    }

    private long filled() {
        return preloaded().path("filledBytes").asLong();
    }

    private CompletableFuture<String> beginBulk() {
        CompletableFuture<String> mapped = preloading.send("preload-read-only", "bulk");
        Await.until("bulk to be under way").until(() -> filled() > SETTLED);
        return mapped;
    }

    private static long at(long[] sorted, double part) {
        return sorted[(int) (part * (sorted.length - 1))];
    }

    private static String text(long[] times) {
        return String.format(
                "median %d us, 90th percentile %d us, longest %d us",
                at(times, 0.5) / 1000, at(times, 0.9) / 1000, at(times, 1) / 1000);
    }

    private void noCircuitIsLost() {
        for (Host host : cluster.hosts()) {
            assertThat(host.log()).doesNotContain("is lost", "was silent for");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1g, 0, 40, 4096",
        "100m, 0, 40, 4096",
        "10m, 50, 30, 4096",
        "100m, 0, 20, 2097152",
        "10m, 50, 3, 2097152",
    })
    void shouldServeAFaultWithinThreeTimesItsIdleTimeWhileTwoGibibytesTravel(
            String rate, long delayMs, int samples, int pageSize) {
        hosts(rate, delayMs);
        onA.ask("create", "bulk", SIZE, pageSize);
        onB.ask("map", "bulk");
        faults(samples);
        long[] idle = faults(samples);

        CompletableFuture<String> mapped = beginBulk();
        long before = filled();
        long began = System.nanoTime();
        long[] busy = faults(2 * samples);
        double seconds = (System.nanoTime() - began) / 1e9;
        long moved = filled() - before;

        String figures = rate + ", pages of " + pageSize + (link == null ? " relay" : " tbf") + ", idle: " + text(idle)
                + "; with " + Math.round(moved / seconds / 1e4) / 100.0 + " MB/s of bulk: " + text(busy);
        System.out.println(figures);
        assertThat(mapped).as("2 GiB are still under way").isNotDone();
        assertThat(moved).as("bulk moves meanwhile").isPositive();
        assertThat(at(busy, 0.5)).as(figures).isLessThanOrEqualTo(3 * at(idle, 0.5));
        noCircuitIsLost();
    }

    @Test
    void shouldKeepACircuitOverWhichAPageTakesLongerThanALease() {
        hosts("10m", 50);
        onA.ask("create", "bulk", SIZE, LARGE_PAGE);
        onB.ask("map", "bulk");
        assertThat(at(faults(3), 0)).as("ns of a fault").isGreaterThan(LEASE_NS);
        noCircuitIsLost();
    }

    @Test
    void shouldServeAFaultForWhichAPageTakesLongerThanAFaultMayWait() {
        hosts("2m", 10);
        onA.ask("create-any", "bulk", 8L * LARGE_PAGE, LARGE_PAGE);
        onA.ask("map", "bulk");
        onA.ask("put", "bulk", LARGE_PAGE, 41);
        onB.ask("map", "bulk");
        assertThat(onB.ask("get", "bulk", LARGE_PAGE)).isEqualTo("41"); // fetched
        onB.ask("put", "bulk", LARGE_PAGE, 42);
        assertThat(onA.ask("get", "bulk", LARGE_PAGE)).isEqualTo("42"); // recalled
        noCircuitIsLost();
    }

    @Test
    void shouldGoOnWithAFillWhereItsCircuitBroke() {
        hosts("100m", 1);
        onA.ask("create", "bulk", SIZE, PAGE);
        onB.ask("map", "bulk");
        beginBulk();

        long before = filled();
        way.reset();
        long[] least = {Long.MAX_VALUE};
        Await.until("the fill to go on").until(() -> {
            long now = filled();
            least[0] = Math.min(least[0], now);
            return now > before + SETTLED
                    && preloaded().path("circuit").asText().equals("up");
        });

        assertThat(b.log()).contains("is lost");
        assertThat(least[0]).as("bytes that are filled").isGreaterThanOrEqualTo(before);
    }
}
