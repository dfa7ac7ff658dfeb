package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/**
 * A page table as a picture: one character a page, or for so many pages that it fits about 32 lines; a character then shows
 * the commonest kind of its pages.
 *
 * <p>Not thread safe: one thread fills and prints it.
 */
final class PageMap {
    static final int WIDTH = 64;
    static final int LINES = 32;

    private static final int LEGEND_COLUMNS = 3;
    private static final PageKind[] KINDS = PageKind.values();

    private final long pages;
    private final long pagesPerCell;
    private final long[][] counts;
    private final long[] totals = new long[KINDS.length];

    private PageMap(long pages) {
        this.pages = pages;
        long perCell = 1;
        while (cells(pages, perCell) > (long) WIDTH * LINES) {
            perCell *= 2;
        }
        pagesPerCell = perCell;
        counts = new long[(int) cells(pages, perCell)][KINDS.length];
    }

    /** The picture of the daemon's answer to {@code pages NAME}. */
    static PageMap of(JsonNode answer) {
        PageMap map = new PageMap(answer.path("pages").asLong());
        long listed = 0;
        for (JsonNode run : answer.path("runs")) {
            long first = run.path("first").asLong();
            long count = run.path("count").asLong();
            map.add(first, count, PageKind.of(run));
            listed = first + count;
        }
        map.add(listed, map.pages - listed, PageKind.UNLISTED);
        return map;
    }

    private static long cells(long pages, long perCell) {
        return (pages + perCell - 1) / perCell;
    }

    private void add(long first, long count, PageKind kind) {
        long end = Math.min(pages, first + count);
        for (long page = first; page < end; ) {
            long cell = page / pagesPerCell;
            long next = Math.min(end, (cell + 1) * pagesPerCell);
            counts[(int) cell][kind.ordinal()] += next - page;
            totals[kind.ordinal()] += next - page;
            page = next;
        }
    }

    private char sign(long[] cell) {
        int most = 0;
        for (int i = 1; i < cell.length; i++) {
            if (cell[i] > cell[most]) {
                most = i;
            }
        }
        return KINDS[most].sign();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        int digits = Long.toString(Math.max(0, pages - 1)).length() + 1;
        for (int line = 0; line * WIDTH < counts.length; line++) {
            text.append(String.format(Locale.ROOT, "%" + digits + "s  ", "#" + line * WIDTH * pagesPerCell));
            for (int i = line * WIDTH; i < Math.min(counts.length, (line + 1) * WIDTH); i++) {
                text.append(sign(counts[i]));
            }
            text.append('\n');
        }
        if (pagesPerCell > 1) {
            text.append("each character shows the commonest kind of ")
                    .append(pagesPerCell)
                    .append(" pages\n");
        }
        return text.append(legend()).toString();
    }

    private String legend() {
        StringBuilder text = new StringBuilder();
        for (PageKind kind : KINDS) {
            if (kind == PageKind.UNLISTED && totals[kind.ordinal()] == 0) {
                continue;
            }
            boolean fresh = kind.ordinal() % LEGEND_COLUMNS == 0;
            text.append(fresh ? (text.isEmpty() ? "" : "\n") : "    ")
                    .append(kind.sign())
                    .append(' ')
                    .append(kind.words())
                    .append(' ')
                    .append(totals[kind.ordinal()]);
        }
        return text.append('\n').toString();
    }
}
