package io.pagewire.system;

import io.pagewire.testkit.FairClock;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Plays one litmus test in one language with one placement of its variables: round after round on many instances at once, from
 * random starts and with random delays, while pages are dirtied, mappings made anew and circuits broken. After each round the
 * first process looks at every variable, and in some every process: all must see the same, and nothing older than the round.
 *
 * <p>For use by one thread.
 */
final class LitmusRun implements AutoCloseable {
    /** Where x and y stand, and whether only processes of the owner write, or those of other hosts. */
    enum Placement {
        SAME_PAGE(true, false),
        OTHER_PAGES(false, false),
        SAME_PAGE_ANY(true, true),
        OTHER_PAGES_ANY(false, true);

        final boolean samePage;
        final boolean anyWriter;

        Placement(boolean samePage, boolean anyWriter) {
            this.samePage = samePage;
            this.anyWriter = anyWriter;
        }
    }

    enum Language {
        C(3),
        JAVA(LitmusWorker.MODE_COUNT);

        /** Kinds of access; the last one is sequentially consistent. */
        final int modes;

        Language(int modes) {
            this.modes = modes;
        }
    }

    /** Bugs that can be planted into the C worker, to see that they are seen. */
    enum Plant {
        NONE,
        SWAP,
        STALE
    }

    /** Before that no page has changed hands to and fro. */
    private static final int LEAST_ROUNDS = 8;

    /** Hundredths of the longest start delays, ns. */
    private static final int[] DELAYS = {1, 10, 100, 3000};

    private static final int[] STRIDES = {16, 16, 16, 64, 256};
    private static final int MOST_INSTANCES = 8064;

    /**
     * Where every host writes and all go the same way, pages change hands at nearly every access: such rounds get as many
     * instances as fit into this.
     */
    private static final long ROUND_NS = TimeUnit.MILLISECONDS.toNanos(300);

    /** Where every host writes, one round in so many is of that kind; in the others each begins somewhere else. */
    private static final int CLOSE_ROUNDS = 4;

    private static final int LEAST_INSTANCES = 32;

    /** For one worker in one round. Each access has a deadline of its own, so this only ends a run that would hang. */
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(10);

    private static final int MOST_PAGES = 64;
    private static final int LEAST_PAGES = 8;
    private static final int MOST_BYTES = 16 << 20;
    private static final int SMALLEST_PAGE = 4096;

    private final LitmusTest test;
    private final Language language;
    private final Placement placement;
    private final LitmusHosts hosts;
    private final SplittableRandom random;
    private final LitmusBoard board;
    private final List<Process> workers = new ArrayList<>();
    private final Path log;

    /** The value that each long of the region must have when nobody writes. */
    private final long[] settled;

    private final int page;

    private final LitmusResult result;
    private long phase;
    private long round;
    private boolean everybodyLooks;
    private int mostInstances;

    /** A fresh region with pages of so many bytes, a multiple of 4 KiB, of the writers that the placement needs. */
    LitmusRun(LitmusTest test, Language language, Placement placement, LitmusHosts hosts, int page, long seed)
            throws IOException {
        this.test = test;
        this.language = language;
        this.placement = placement;
        this.hosts = hosts;
        this.page = page;
        this.random = new SplittableRandom(seed);
        this.result = new LitmusResult(test, language, placement);
        this.mostInstances = placement.anyWriter ? 8 * LEAST_INSTANCES : MOST_INSTANCES;
        String region = hosts.freshRegion(placement.anyWriter, page);
        int bytes = pages(page) * page;
        settled = new long[bytes / 8];
        int count = test.parts().size();
        Path file = Files.createTempFile(hosts.folder(), "board", ".bin");
        this.log = Path.of(file + ".log");
        this.board = LitmusBoard.create(file, count, MOST_INSTANCES);
        board.set(LitmusBoard.BYTES, bytes);
        board.set(LitmusBoard.PAGE, page);
        for (int i = 0; i < count; i++) {
            LitmusTest.Part part = test.parts().get(i);
            int host = placement.anyWriter ? part.elsewhere() : part.host();
            workers.add(hosts.worker(language, host, file, i, region, log));
        }
        for (int i = 0; i < count; i++) {
            LitmusTest.Part part = test.parts().get(i);
            await(i, 0);
            board.set(i, LitmusBoard.KIND_1, part.kind1());
            board.set(i, LitmusBoard.VAR_1, part.variable1());
            board.set(i, LitmusBoard.KIND_2, part.kind2());
            board.set(i, LitmusBoard.VAR_2, part.variable2());
            board.set(i, LitmusBoard.WEAK, part.weak() ? 1 : 0);
        }
    }

    /** How many pages a region has: not more than travel in a moment. */
    static int pages(int page) {
        return Math.max(LEAST_PAGES, Math.min(MOST_PAGES, MOST_BYTES / page));
    }

    /** Plays until there were so many iterations, or so many rounds, or {@code plant} was caught. */
    LitmusResult play(long iterations, long rounds, Plant plant, Consumer<LitmusResult> progress) throws IOException {
        LitmusHosts.Counts before = hosts.counts();
        board.set(LitmusBoard.PLANT, plant.ordinal());
        while (!caught(plant) && (round < LEAST_ROUNDS || result.iterations < iterations && round < rounds)) {
            one();
            if (round % 64 == 0) {
                progress.accept(result);
            }
        }
        result.add(hosts.counts(), before);
        return result;
    }

    private boolean caught(Plant plant) {
        return plant != Plant.NONE && result.forbidden > 0;
    }

    private void one() throws IOException {
        round++;
        // Most rounds go over many instances at full speed; in the others there are pauses, and pages change hands more
        // often.
        boolean planted = board.get(LitmusBoard.PLANT) != 0;
        boolean slow = planted || random.nextInt(6) == 0;
        boolean close = !placement.anyWriter || planted || random.nextInt(CLOSE_ROUNDS) == 0;
        int stride = (slow ? STRIDES[random.nextInt(STRIDES.length)] : STRIDES[0]) * (page / SMALLEST_PAGE);
        int areaPages = pages(page) / 2;
        int usedPages = slow ? Math.min(areaPages, 4 << random.nextInt(3)) : areaPages;
        int count = Math.min(close ? mostInstances : MOST_INSTANCES, usedPages * LitmusBoard.cellsIn(page, stride));
        board.set(LitmusBoard.PAUSE, slow ? 7 : random.nextInt(2));
        board.set(LitmusBoard.ROUND, round);
        board.set(LitmusBoard.MODE, round % language.modes);
        board.set(LitmusBoard.COUNT, count);
        board.set(LitmusBoard.STRIDE, stride);
        board.set(LitmusBoard.START, random.nextInt(count));
        board.set(LitmusBoard.STEP, close ? step(count) : 1);
        board.set(LitmusBoard.DIRT, random.nextInt(4) == 0 ? 1 : 0);
        board.set(LitmusBoard.OFFSET_X, 0);
        board.set(LitmusBoard.OFFSET_Y, placement.samePage ? 8 : areaPages * page);
        for (int i = 0; i < workers.size(); i++) {
            board.set(i, LitmusBoard.DELAY, DELAYS[random.nextInt(DELAYS.length)] * random.nextInt(100));
            board.set(i, LitmusBoard.SHIFT, close ? 0 : random.nextInt(count));
        }
        if (round % 12 == 0) {
            tell(LitmusBoard.REMAP);
            result.remaps++;
        } else if (random.nextInt(8) == 0) {
            tell(LitmusBoard.PREFETCH);
        }
        if (planted) {
            tell(LitmusBoard.SNAPSHOT);
        }
        long begin = System.nanoTime();
        if (round % 10 == 5) {
            start(LitmusBoard.RACE);
            result.breaks += hosts.breakCircuits();
            awaitAll();
        } else {
            tell(LitmusBoard.RACE);
            if (placement.anyWriter && close) {
                resize(System.nanoTime() - begin);
            }
        }
        everybodyLooks = random.nextInt(8) == 0;
        board.set(LitmusBoard.LOOKERS, everybodyLooks ? workers.size() : 1);
        tell(LitmusBoard.LOOK);
        judge(count, stride);
        result.iterations += count;
    }

    private void resize(long tookNs) {
        if (tookNs > ROUND_NS) {
            mostInstances = Math.max(LEAST_INSTANCES, mostInstances / 2);
        } else if (tookNs < ROUND_NS / 4) {
            mostInstances = Math.min(MOST_INSTANCES, mostInstances * 2);
        }
    }

    /** How far to go from one instance to the next, so that each is met once. */
    private int step(int count) {
        int step = random.nextBoolean() ? 1 : 1 + random.nextInt(count - 1);
        while (BigInteger.valueOf(step).gcd(BigInteger.valueOf(count)).intValue() != 1) {
            step++;
        }
        return step;
    }

    // ---- telling the workers
    // ------------------------------------------------------------------------------------------

    private void tell(int command) throws IOException {
        start(command);
        awaitAll();
    }

    private void start(int command) {
        board.set(LitmusBoard.COMMAND, command);
        board.set(LitmusBoard.PHASE, ++phase);
    }

    private void awaitAll() throws IOException {
        for (int i = 0; i < workers.size(); i++) {
            await(i, phase);
        }
    }

    private void await(int worker, long wanted) throws IOException {
        long end = System.nanoTime() + PATIENCE_NS;
        for (int tries = 0; board.get(worker, LitmusBoard.DONE) != wanted; tries++) {
            LitmusBoard.rest(tries);
            boolean dead = board.get(worker, LitmusBoard.FAILED) != 0
                    || !workers.get(worker).isAlive();
            if (dead || System.nanoTime() - end > 0) {
                throw new IOException("worker " + worker + " of " + test.name() + (dead ? " failed" : " hangs")
                        + " in round " + round + ":\n" + Files.readString(log));
            }
        }
    }

    // ---- judging
    // ------------------------------------------------------------------------------------------------------

    private void judge(int count, int stride) {
        boolean strong = round % language.modes == language.modes - 1;
        int[] seen = new int[2 * workers.size()];
        int[] last = new int[2];
        int[] areas = {(int) board.get(LitmusBoard.OFFSET_X), (int) board.get(LitmusBoard.OFFSET_Y)};
        for (int i = 0; i < count; i++) {
            String problem = null;
            int at = LitmusBoard.cell(i, stride, page);
            for (int variable = 0; variable < 2; variable++) {
                problem = problem == null ? lookedAt(i, variable, areas[variable] + at, last) : problem;
            }
            boolean anyOld = false;
            boolean anyNew = false;
            for (int w = 0; w < workers.size(); w++) {
                LitmusTest.Part part = test.parts().get(w);
                for (int access = 0; access < 2; access++) {
                    boolean read = (access == 0 ? part.kind1() : part.kind2()) == LitmusTest.READ;
                    int variable = access == 0 ? part.variable1() : part.variable2();
                    long value = read ? board.result(board.results(w, i) + access) : 0;
                    int code = read ? code(value) : 0;
                    seen[2 * w + access] = code;
                    anyOld |= read && code == 0;
                    anyNew |= code != 0;
                    if (read && code == 0 && value != settled[(areas[variable] + at) / 8] && problem == null) {
                        problem = "thread " + w + " saw " + variable(variable) + " = " + value + ", older than "
                                + settled[(areas[variable] + at) / 8] + ", which everybody had seen before";
                    }
                }
            }
            if (problem == null && test.forbidden().test(seen, last, strong)) {
                problem = "forbidden: " + outcome(seen, last);
            }
            if (problem != null) {
                result.violation(problem + " (round " + round + ", instance " + i + ", access mode "
                        + round % language.modes + ")");
            }
            result.relaxed += test.relaxed().test(seen, last, strong) ? 1 : 0;
            result.met += anyOld && anyNew ? 1 : 0;
            for (int variable = 0; variable < 2; variable++) {
                settled[(areas[variable] + at) / 8] = board.result(board.results(0, i) + 2 + variable);
            }
        }
    }

    /** 0 for a value of an earlier round, else the number of the thread that stored it, from 1. */
    private int code(long value) {
        return value >>> 2 == round ? (int) (value & 3) : 0;
    }

    /** After the race: everybody sees the same, and of a variable that was stored to no older value. */
    private String lookedAt(int instance, int variable, int at, int[] last) {
        long first = board.result(board.results(0, instance) + 2 + variable);
        last[variable] = code(first);
        boolean written = test.parts().stream()
                .anyMatch(part -> part.kind1() == LitmusTest.WRITE && part.variable1() == variable
                        || part.kind2() == LitmusTest.WRITE && part.variable2() == variable);
        if (written ? last[variable] == 0 : first != settled[at / 8]) {
            return "after the race thread 0 sees " + variable(variable) + " = " + first;
        }
        for (int w = 1; everybodyLooks && w < workers.size(); w++) {
            long there = board.result(board.results(w, instance) + 2 + variable);
            if (there != first) {
                return "after the race thread " + w + " sees " + variable(variable) + " = " + there + ", thread 0 sees "
                        + first;
            }
        }
        return null;
    }

    private static String variable(int variable) {
        return variable == 0 ? "x" : "y";
    }

    private String outcome(int[] seen, int[] last) {
        StringBuilder text = new StringBuilder();
        for (int w = 0; w < workers.size(); w++) {
            LitmusTest.Part part = test.parts().get(w);
            if (part.kind1() == LitmusTest.READ) {
                text.append(w)
                        .append(':')
                        .append(variable(part.variable1()))
                        .append('=')
                        .append(seen[2 * w])
                        .append(' ');
            }
            if (part.kind2() == LitmusTest.READ) {
                text.append(w)
                        .append(':')
                        .append(variable(part.variable2()))
                        .append('=')
                        .append(seen[2 * w + 1])
                        .append(' ');
            }
        }
        return text + "at the end x=" + last[0] + " y=" + last[1];
    }

    @Override
    public void close() throws IOException {
        start(LitmusBoard.END);
        for (Process worker : workers) {
            try {
                if (!FairClock.ends(worker, Duration.ofSeconds(10))) {
                    worker.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                worker.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
