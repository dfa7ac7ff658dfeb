package io.pagewire.system;

import io.pagewire.Access;
import io.pagewire.ConnectOptions;
import io.pagewire.MapOptions;
import io.pagewire.NotHomeException;
import io.pagewire.PageFaultException;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.RegionEvent;
import io.pagewire.RegionOptions;
import io.pagewire.RegionStats;
import io.pagewire.Writers;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * What the Java program of the tests can do. Connects with the first command that needs it.
 *
 * <p>Safe for use by any thread.
 */
final class AppCommands implements AutoCloseable {
    /** Far above what a request takes; a daemon that is stopped is what tests mean to hit. */
    private static final Duration REQUEST_DEADLINE = Duration.ofSeconds(30);

    private final Path socket;
    private final Map<String, Region> regions = new ConcurrentHashMap<>();
    private final Map<String, List<String>> lost = new ConcurrentHashMap<>();
    private final ClockLoops loops = new ClockLoops();
    private final StreamCommands streams = new StreamCommands(this::pagewire);
    private Pagewire connection;

    AppCommands(Path socket) {
        this.socket = socket;
    }

    String run(String[] w) throws Exception {
        if (StreamCommands.WORDS.contains(w[0])) {
            return streams.run(w);
        }
        return switch (w[0]) {
            case "hello" -> "hello";
            case "connect" -> pagewire().host();
            case "reconnect" -> reconnect();
            case "create" -> done(() -> pagewire().create(w[1], Long.parseLong(w[2]), Integer.parseInt(w[3])));
            case "export" -> done(() -> pagewire().export(w[1], Path.of(w[2]), Integer.parseInt(w[3])));
            case "create-any" -> done(() -> pagewire().create(w[1], Long.parseLong(w[2]), anyWriter(w[3])));
            case "export-any" -> done(() -> pagewire().export(w[1], Path.of(w[2]), anyWriter(w[3])));
            case "delete" -> done(() -> pagewire().delete(w[1]));
            case "map" -> map(w[1], MapOptions.defaults());
            case "map-eager" -> map(w[1], MapOptions.defaults().withEager(true));
            case "map-read-only" -> map(w[1], MapOptions.defaults().withReadOnly(true));
            case "preload" -> map(w[1], PreloadedCommands.options(Long.parseLong(w[2])));
            case "preload-read-only" -> map(w[1], PreloadedCommands.options(0).withReadOnly(true));
            case "preload-watched" -> preloadWatched(w[1]);
            case "publish" -> Long.toString(region(w[1]).publish());
            case "refresh" -> Long.toString(region(w[1]).refresh());
            case "put-byte" -> done(() -> region(w[1]).putByte(Long.parseLong(w[2]), Byte.parseByte(w[3])));
            case "put-every" -> PreloadedCommands.putEvery(region(w[1]), Integer.parseInt(w[2]), Byte.parseByte(w[3]));
            case "storm" -> PreloadedCommands.storm(region(w[1]), Integer.parseInt(w[2]), Integer.parseInt(w[3]));
            case "stamp" ->
                PreloadedCommands.stamp(
                        region(w[1]), Integer.parseInt(w[2]), Long.parseLong(w[3]), Long.parseLong(w[4]));
            case "check-stamps" ->
                PreloadedCommands.checkStamps(region(w[1]), Integer.parseInt(w[2]), Long.parseLong(w[3]));
            case "all-stats" -> PreloadedCommands.stats(region(w[1]).stats());
            case "export-told" ->
                pagewire().export(w[1], Path.of(w[2]), RegionOptions.defaults()).orElse("nothing");
            case "export-resident" ->
                done(() ->
                        pagewire().export(w[1], Path.of(w[2]), anyWriter(w[3]).withResident(true)));
            case "close" -> done(() -> regions.remove(w[1]).close());
            case "close-within" -> closeWithin(regions.remove(w[1]), Long.parseLong(w[2]));
            case "info" -> info(region(w[1]));
            case "get" -> Long.toString(region(w[1]).getLongVolatile(Long.parseLong(w[2])));
            case "put" -> done(() -> region(w[1]).putLongVolatile(Long.parseLong(w[2]), Long.parseLong(w[3])));
            case "get-until" -> getUntil(region(w[1]), Long.parseLong(w[2]), Long.parseLong(w[3]));
            case "byte" -> Integer.toString(region(w[1]).getByte(Long.parseLong(w[2])));
            case "fill" ->
                done(() ->
                        region(w[1]).fill(Long.parseLong(w[2]), Long.parseLong(w[3]), (byte) Integer.parseInt(w[4])));
            case "sha256" -> sha256(region(w[1]));
            case "touch" -> touch(region(w[1]), Long.parseLong(w[2]), Long.parseLong(w[3]));
            case "fault-times" ->
                faultTimes(region(w[1]), Integer.parseInt(w[2]), Integer.parseInt(w[3]), Integer.parseInt(w[4]));
            case "touch-together" -> touchTogether(region(w[1]), Long.parseLong(w[2]), Integer.parseInt(w[3]));
            case "touch-apart" -> Crowd.touch(region(w[1]), Integer.parseInt(w[2]), Integer.parseInt(w[3]));
            case "fill-seeded" ->
                Scrambling.fill(region(w[1]), Integer.parseInt(w[2]), Integer.parseInt(w[3]), Integer.parseInt(w[4]));
            case "scramble" ->
                Scrambling.scramble(region(w[1]), Integer.parseInt(w[2]), Long.parseLong(w[3]), Integer.parseInt(w[4]));
            case "check-seeded" ->
                Scrambling.check(
                        region(w[1]),
                        Integer.parseInt(w[2]),
                        Long.parseLong(w[3]),
                        Integer.parseInt(w[4]),
                        Integer.parseInt(w[5]),
                        w[6].equals("forward"));
            case "export-owned-resident" ->
                pagewire()
                        .export(w[1], Path.of(w[2]), RegionOptions.defaults().withResident(true))
                        .orElse("no warning");
            case "prefetch" ->
                done(() -> region(w[1]).prefetch(Long.parseLong(w[2]), Long.parseLong(w[3]), Access.READ));
            case "force" -> done(() -> region(w[1]).force());
            case "force-range" -> done(() -> region(w[1]).force(Long.parseLong(w[2]), Long.parseLong(w[3])));
            case "increment" -> increment(region(w[1]), Long.parseLong(w[2]), Long.parseLong(w[3]));
            case "listen" -> listen(region(w[1]), w[1]);
            case "lost" -> String.join(" ", lost.get(w[1]));
            case "stats" -> stats(region(w[1]).stats(), w[2]);
            case "list-build" -> Long.toString(PointerList.build(region(w[1]), Integer.parseInt(w[2])));
            case "list-walk" -> PointerList.walk(region(w[1]));
            case "write-clock" -> loops.write(region(w[1]), Integer.parseInt(w[2]), Path.of(w[3]));
            case "read-clock" -> loops.read(region(w[1]), Long.parseLong(w[2]), Path.of(w[3]));
            case "stop-loops" -> done(loops::stop);
            case "collect" -> done(System::gc);
            default -> throw new IllegalArgumentException("no command " + w[0]);
        };
    }

    private static RegionOptions anyWriter(String pageSize) {
        return RegionOptions.defaults().withWriters(Writers.ANY).withPageSize(Integer.parseInt(pageSize));
    }

    /** Remembers from now on which pages are told to be lost. */
    private String listen(Region region, String name) {
        lost.put(name, new CopyOnWriteArrayList<>(List.of("lost:")));
        region.addListener(event -> {
            if (event.kind() == RegionEvent.Kind.LOST) {
                lost.get(name).add(event.page() + "+" + event.pageCount());
            }
        });
        return "done";
    }

    /** Adds one again and again by compare-and-set, for that many ms; returns how often. */
    private static String increment(Region region, long offset, long ms) {
        long end = System.nanoTime() + ms * 1_000_000;
        long done = 0;
        while (System.nanoTime() - end < 0) {
            long before = region.getLongVolatile(offset);
            if (region.compareAndSetLong(offset, before, before + 1)) {
                done++;
            }
        }
        return Long.toString(done);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static String done(Work work) throws Exception {
        work.run();
        return "done";
    }

    private synchronized Pagewire pagewire() {
        if (connection == null) {
            connection = Pagewire.connect(
                    ConnectOptions.defaults().withSocket(socket).withDeadline(REQUEST_DEADLINE));
        }
        return connection;
    }

    private synchronized String reconnect() {
        close();
        regions.clear();
        return pagewire().host();
    }

    private String map(String name, MapOptions options) {
        Region region = pagewire().map(name, options);
        regions.put(name, region);
        return info(region);
    }

    private String preloadWatched(String name) {
        PreloadedCommands.Watched watched = new PreloadedCommands.Watched();
        map(name, watched.options());
        return watched.outcome();
    }

    /** The pages that are not home when the time is over, or the empty text. */
    private static String closeWithin(Region region, long ms) {
        try {
            region.close(Duration.ofMillis(ms));
            return "";
        } catch (NotHomeException e) {
            return e.pages().stream()
                    .map(run -> run.first() + "+" + run.count())
                    .collect(Collectors.joining(" "));
        }
    }

    private static String info(Region region) {
        return "0x" + Long.toHexString(region.address()) + " " + region.size() + " " + region.pageSize() + " "
                + region.isHome();
    }

    private Region region(String name) {
        Region region = regions.get(name);
        if (region == null) {
            throw new IllegalArgumentException("region " + name + " is not mapped");
        }
        return region;
    }

    /** Loads until it succeeds, for at most that many ms; returns the value. */
    private static String getUntil(Region region, long offset, long ms) throws InterruptedException {
        long end = System.nanoTime() + ms * 1_000_000;
        while (true) {
            try {
                return Long.toString(region.getLongVolatile(offset));
            } catch (PageFaultException e) {
                if (System.nanoTime() - end >= 0) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    private static String sha256(Region region) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] part = new byte[1 << 16];
        for (long at = 0; at < region.size(); at += part.length) {
            int length = (int) Math.min(part.length, region.size() - at);
            region.get(at, part, 0, length);
            digest.update(part, 0, length);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Reads one long of every page from first to the one before last, each by its own load. */
    private static String touch(Region region, long first, long last) {
        long sum = 0;
        for (long page = first; page < last; page++) {
            sum += region.getLong(page * region.pageSize());
        }
        return Long.toString(sum);
    }

    /** Loads from so many pages, each so far behind the one before; ns that each load took. */
    private static String faultTimes(Region region, int first, int count, int step) throws InterruptedException {
        StringBuilder times = new StringBuilder();
        for (int i = 0; i < count; i++) {
            Thread.sleep(1 + i % 7); // at any moment of what else the link carries
            long begin = System.nanoTime();
            region.getLong(((long) first + (long) i * step) * region.pageSize() % region.size());
            times.append(System.nanoTime() - begin).append(' ');
        }
        return times.toString().trim();
    }

    /** Several threads read the same page at the same moment. */
    private static String touchTogether(Region region, long page, int threads) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread[] all = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            all[i] = new Thread(() -> {
                try {
                    start.await();
                    region.getLong(page * region.pageSize());
                } catch (Throwable e) {
                    failed.set(e);
                }
            });
            all[i].start();
        }
        start.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        if (failed.get() != null) {
            throw new AssertionError(failed.get());
        }
        return "done";
    }

    private static String stats(RegionStats stats, String what) {
        return Long.toString(
                switch (what) {
                    case "read-faults" -> stats.readFaults();
                    case "write-faults" -> stats.writeFaults();
                    case "failed-faults" -> stats.failedFaults();
                    case "revokes" -> stats.revokes();
                    default -> throw new IllegalArgumentException("no count " + what);
                });
    }

    @Override
    public synchronized void close() {
        loops.stop();
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
