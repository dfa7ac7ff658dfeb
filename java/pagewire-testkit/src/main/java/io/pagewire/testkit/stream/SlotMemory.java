package io.pagewire.testkit.stream;

/**
 * The memfd of a host's slots. A slot has a few cells, each of which says of which frame it is; whoever sends from a
 * slot refers to its page, whoever has it in a window sees what the memfd has there.
 *
 * <p>Not thread-safe.
 */
final class SlotMemory {
    /** Most cells that a frame uses. */
    static final int CELLS = 4;

    /** Memory of a slot: it lives for as long as somebody refers to it. */
    static final class Page {
        final long[] cells = new long[CELLS];
    }

    private final Page[] pages;

    SlotMemory(int slots) {
        pages = new Page[slots];
        for (int slot = 0; slot < slots; slot++) {
            pages[slot] = new Page();
        }
    }

    /** What stands in a cell of a whole frame. */
    static long content(long number, int cell) {
        return number * CELLS + cell;
    }

    /** The frame that a cell's content is of. */
    static long frameOf(long content) {
        return content / CELLS;
    }

    Page page(int slot) {
        return pages[slot];
    }

    void renew(int slot) {
        pages[slot] = new Page();
    }
}
