package io.pagewire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows under a heading, each column as wide as its widest cell; columns whose cells are numbers stand to the right.
 *
 * <p>Not thread safe: one thread fills and prints it.
 */
final class Table {
    /** A number with or without a unit, or nothing. */
    private static final Pattern NUMBER = Pattern.compile("-|[0-9][0-9.]*( [A-Za-z]{1,3})?");

    private final List<String[]> rows = new ArrayList<>();
    private final String[] heading;
    /** How wide each column was so far, and whether it stands to the right; for {@link #take}. */
    private final int[] wide;

    private boolean[] toRight;

    Table(String... heading) {
        this.heading = heading;
        this.wide = new int[heading.length];
    }

    void row(Object... cells) {
        if (cells.length != heading.length) {
            throw new IllegalArgumentException(cells.length + " cells under " + heading.length + " headings");
        }
        String[] row = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            row[i] = cells[i] == null || cells[i].toString().isEmpty() ? "-" : cells[i].toString();
        }
        rows.add(row);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    @Override
    public String toString() {
        int[] width = new int[heading.length];
        boolean[] right = new boolean[heading.length];
        measure(width, right);
        StringBuilder text = new StringBuilder();
        line(text, heading, width, right);
        for (String[] row : rows) {
            line(text, row, width, right);
        }
        return text.toString();
    }

    /** The rows since the last call, for tables that are too long to wait for; the heading stands above the first. */
    String take() {
        boolean[] right = new boolean[heading.length];
        measure(wide, right);
        StringBuilder text = new StringBuilder();
        if (toRight == null) {
            toRight = right;
            line(text, heading, wide, toRight);
        }
        for (String[] row : rows) {
            line(text, row, wide, toRight);
        }
        rows.clear();
        return text.toString();
    }

    private void measure(int[] width, boolean[] right) {
        for (int i = 0; i < heading.length; i++) {
            width[i] = Math.max(width[i], heading[i].length());
            right[i] = !rows.isEmpty();
            for (String[] row : rows) {
                width[i] = Math.max(width[i], row[i].length());
                right[i] &= NUMBER.matcher(row[i]).matches();
            }
        }
    }

    private static void line(StringBuilder text, String[] cells, int[] width, boolean[] right) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String gap = " ".repeat(width[i] - cells[i].length());
            line.append(i == 0 ? "" : "  ").append(right[i] ? gap + cells[i] : cells[i] + gap);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }
}
