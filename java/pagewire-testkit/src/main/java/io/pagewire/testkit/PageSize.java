package io.pagewire.testkit;

/**
 * The value of {@code --page-size}.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class PageSize {
    private static final int SMALLEST = 4096;
    private static final int LARGEST = 2 << 20;

    private PageSize() {}

    /** Bytes, from a text like 65536, 64K or 2M; 0 when it is no size that pages may have. */
    public static int parse(String text) {
        if (text == null || !text.matches("[0-9]{1,7}[KM]?")) {
            return 0;
        }
        char unit = text.charAt(text.length() - 1);
        int shift = unit == 'M' ? 20 : unit == 'K' ? 10 : 0;
        long bytes = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1)) << shift;
        return bytes >= SMALLEST && bytes <= LARGEST && Long.bitCount(bytes) == 1 ? (int) bytes : 0;
    }
}
