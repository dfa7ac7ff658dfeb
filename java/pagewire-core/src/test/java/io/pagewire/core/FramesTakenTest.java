package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** However faults and answers are mixed: when all is quiet, exactly the frames of the pages that are here are taken. */
class FramesTakenTest {
    private static final int SEEDS = 20;
    private static final int STEPS = 400;
    private static final int PAGES_USED = 24;
    private static final int FRAMES = 6;

    @Test
    void shouldGiveEveryFrameBackExactlyOnceAtHome() {
        long loaded = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            loaded += new HomeWalk(seed).run();
        }
        assertThat(loaded).as("pages that came back from the disk").isGreaterThan(SEEDS);
    }

    @Test
    void shouldGiveEveryFrameBackExactlyOnceAtAClient() {
        long loaded = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            loaded += new ClientWalk(seed).run();
        }
        assertThat(loaded).as("copies that came back from the disk").isGreaterThan(SEEDS);
    }

    private static String[] words(String line) {
        return line.split("[ :+,]+");
    }

    private static int cause(Random random) {
        return random.nextInt(8) == 0 ? Cause.FILE_ERROR : 0;
    }

    private static final class HomeWalk extends HomeFixture {
        private final Random random;
        private final List<Runnable> answers = new ArrayList<>();

        HomeWalk(int seed) {
            super(OWNER_WRITES, new FewFrames(FRAMES));
            random = new Random(seed);
            said.sectorsLeft = 20;
            join(3);
        }

        /** How many pages came back from the disk. */
        long run() {
            for (int step = 0; step < STEPS; step++) {
                long page = random.nextInt(PAGES_USED);
                switch (random.nextInt(4)) {
                    case 0 -> read(step, page);
                    case 1 -> write(step, page);
                    case 2 -> fetch(3, step, page);
                    default -> answer(answers.size());
                }
                collect();
            }
            while (!answers.isEmpty()) {
                answer(1);
                collect();
            }
            int present = 0;
            for (long page = 0; page < GEOMETRY.pages(); page++) {
                present += PageTable.isPresent(home.entry(page)) ? 1 : 0;
            }
            assertThat(home.busyPages()).isZero();
            assertThat(((FewFrames) frames).taken).isEqualTo(present).isLessThanOrEqualTo(FRAMES);
            return home.counters().pagesLoaded;
        }

        private void answer(int most) {
            if (most > 0) {
                answers.remove(random.nextInt(most)).run();
            }
        }

        private void collect() {
            for (String line : said.take()) {
                String[] words = words(line);
                if (line.startsWith("revoke from")) {
                    long newest = said.lastSequence;
                    answers.add(() -> {
                        for (long sequence = 1; sequence <= newest; sequence++) {
                            home.revoked(1, sequence, 0);
                        }
                    });
                } else if (line.startsWith("spill page")) {
                    answers.add(() -> home.spilled(Long.parseLong(words[2]), cause(random), 0));
                } else if (line.startsWith("load page")) {
                    answers.add(() -> home.loaded(Long.parseLong(words[2]), cause(random), 0));
                } else if (line.startsWith("purge to")) {
                    long page = Long.parseLong(words[3]);
                    int operation = said.operationOf(page);
                    answers.add(() ->
                            assertThat(home.purged(3, page, 1, operation, 0)).isNull());
                }
            }
        }
    }

    private static final class ClientWalk extends ClientFixture {
        private final Random random;
        private final List<Runnable> answers = new ArrayList<>();
        /** What home says comes in the order in which it was asked. */
        private final Deque<Runnable> fromHome = new ArrayDeque<>();

        private int grant;

        ClientWalk(int seed) {
            super(ANY_WRITES, new FewFrames(FRAMES));
            random = new Random(seed);
            said.sectorsLeft = 10;
        }

        /** How many pages came back from the disk. */
        long run() {
            for (int step = 0; step < STEPS; step++) {
                long page = random.nextInt(PAGES_USED);
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> read(step, page);
                    case 3 -> write(step, page);
                    case 4 -> fromHome.add(demand(step, page));
                    case 5, 6, 7 -> hearHome();
                    default -> answer(answers.size());
                }
                collect();
            }
            finish();
            assertThat(taken()).isEqualTo(present()).isLessThanOrEqualTo(FRAMES);
            assertThat(client.waitingPurges()).isZero();
            client.circuitLost(Cause.OWNER_LOST, 0);
            collect();
            finish();
            client.handBack(0);
            collect();
            finish();
            assertThat(taken()).isZero();
            assertThat(said.sectorsLeft).as("sectors").isEqualTo(10);
            return client.counters().pagesLoaded;
        }

        private Runnable demand(int operation, long page) {
            return () -> {
                if (PageTable.hostState(client.entry(page)) == HostState.EXCLUSIVE) {
                    client.recall(page, random.nextBoolean() ? Right.READ : Right.NONE, operation, 0);
                } else {
                    client.purge(page, 1, operation, 0);
                }
            };
        }

        private void finish() {
            while (!answers.isEmpty() || !fromHome.isEmpty()) {
                answer(answers.isEmpty() ? 0 : 1);
                collect();
                hearHome();
                collect();
            }
        }

        private int taken() {
            return ((FewFrames) frames).taken;
        }

        private int present() {
            int present = 0;
            for (long page = 0; page < GEOMETRY.pages(); page++) {
                present += PageTable.isPresent(client.entry(page)) ? 1 : 0;
            }
            return present;
        }

        private void answer(int most) {
            if (most > 0) {
                answers.remove(random.nextInt(most)).run();
            }
        }

        private void hearHome() {
            if (!fromHome.isEmpty()) {
                fromHome.remove().run();
            }
        }

        private void collect() {
            for (String line : said.take()) {
                String[] words = words(line);
                if (line.startsWith("revoke from")) {
                    long newest = said.lastSequence;
                    answers.add(() -> {
                        for (long sequence = 1; sequence <= newest; sequence++) {
                            client.revoked(1, sequence, 0);
                        }
                    });
                } else if (line.startsWith("spill page")) {
                    answers.add(() -> client.spilled(Long.parseLong(words[2]), cause(random), 0));
                } else if (line.startsWith("load page")) {
                    answers.add(() -> client.loaded(Long.parseLong(words[2]), cause(random), 0));
                } else if (line.startsWith("fetch") || line.startsWith("ahead") || line.startsWith("want")) {
                    send(Long.parseLong(words[1]), Integer.parseInt(words[2]), line.startsWith("want"));
                } else if (line.startsWith("write back")) {
                    acknowledge(Long.parseLong(words[2]), Integer.parseInt(words[3]), words[words.length - 1]);
                } else if (line.startsWith("hand back")) {
                    acknowledge(Long.parseLong(words[2]), Integer.parseInt(words[3]), words[words.length - 1]);
                } else if (line.contains("bytes of grant")) {
                    acknowledge(Long.parseLong(words[2]), 1, words[words.length - 1]);
                }
            }
        }

        private void send(long page, int count, boolean exclusive) {
            int request = said.requestFrom(page);
            int number = ++grant;
            fromHome.add(() -> {
                if (PageTable.isUpgrading(client.entry(page))) {
                    client.upgraded(request, page, number, 0);
                } else {
                    client.arrived(request, page, count, number, true, exclusive, 0);
                }
            });
        }

        private void acknowledge(long page, int count, String number) {
            fromHome.add(() -> assertThat(client.acknowledged(page, count, Integer.parseInt(number), 0, 0))
                    .isNull());
        }
    }
}
