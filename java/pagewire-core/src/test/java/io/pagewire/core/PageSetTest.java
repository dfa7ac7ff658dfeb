package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Books that take memory by need behave as arrays for all pages would. */
class PageSetTest {
    private static final int STEPS = 20_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 63, 64, 4095, 4096, 4097, 20_000, 100_000})
    void shouldBehaveAsASortedSet(long pages) {
        Random random = new Random(pages);
        PageSet set = new PageSet(pages);
        TreeSet<Long> model = new TreeSet<>();
        for (int i = 0; i < STEPS; i++) {
            // Few places, far from each other, so that most runs stay empty.
            long page = Math.min(pages - 1, random.nextInt(8) * (pages / 8) + random.nextInt(3));
            if (random.nextBoolean()) {
                set.add(page);
                model.add(page);
            } else {
                set.remove(page);
                model.remove(page);
            }
            long from = (long) (random.nextDouble() * pages);
            long end = from + (long) (random.nextDouble() * (pages - from + 1));
            Long above = model.ceiling(from);
            assertThat(set.has(page)).isEqualTo(model.contains(page));
            assertThat(set.nextBelow(from, end)).isEqualTo(above != null && above < end ? above : -1);
            assertThat(set.next(from)).isEqualTo(model.isEmpty() ? -1 : above != null ? above : (long) model.first());
        }
    }

    @Test
    void shouldKeepANumberForEachPageThatHasOne() {
        int pages = 5 * PageInts.RUN + 1;
        PageInts numbers = new PageInts(pages);
        int[] model = new int[pages];
        Random random = new Random(1);
        for (int i = 0; i < STEPS; i++) {
            int page = random.nextInt(2) * 4 * PageInts.RUN + random.nextInt(2);
            int bits = random.nextInt();
            switch (random.nextInt(200) == 0 ? 3 : random.nextInt(3)) {
                case 0 -> numbers.set(page, model[page] = bits);
                case 1 -> numbers.or(page, model[page] |= bits);
                case 2 -> numbers.and(page, model[page] &= bits);
                default -> {
                    int kept = bits;
                    numbers.andAll(kept);
                    for (int p = 0; p < pages; p++) {
                        model[p] &= kept;
                    }
                }
            }
            assertThat(numbers.get(page)).isEqualTo(model[page]);
        }
        for (int page = 0; page < pages; page++) {
            assertThat(numbers.get(page)).as("page %d", page).isEqualTo(model[page]);
        }
    }
}
