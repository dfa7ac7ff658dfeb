package io.pagewire.cli.hosts;

import java.util.SplittableRandom;

/**
 * Orders of pages that no read-ahead guesses; the same in every run.
 *
 * <p>Not thread safe: one thread asks.
 */
public final class PageOrder {
    private final SplittableRandom random = new SplittableRandom(7);

    /** Some of the even numbers below 2 * half, in random order: no two pages are neighbours. */
    public int[] apart(int half, int count) {
        int[] pages = new int[half];
        for (int i = 0; i < half; i++) {
            pages[i] = 2 * i;
        }
        int[] some = new int[count];
        System.arraycopy(shuffle(pages), 0, some, 0, count);
        return some;
    }

    /** All numbers below count in random order. */
    public int[] all(int count) {
        int[] pages = new int[count];
        for (int i = 0; i < count; i++) {
            pages[i] = i;
        }
        return shuffle(pages);
    }

    /** Puts pages into another order and gives them back. */
    public int[] shuffle(int[] pages) {
        for (int i = pages.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int page = pages[i];
            pages[i] = pages[j];
            pages[j] = page;
        }
        return pages;
    }
}
