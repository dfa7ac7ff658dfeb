package io.pagewire.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Sizes as people write them ({@code 4096}, {@code 64K}, {@code 64M}, {@code 1.5G}, {@code 64MiB}) and read them. A unit is a
 * power of 1024.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Sizes implements ITypeConverter<Long> {
    private static final String UNITS = "KMGTP";

    @Override
    public Long convert(String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /**
     * The bytes that text stands for.
     *
     * @throws IllegalArgumentException with a message that says what is wrong
     */
    public static long parse(String text) {
        String rest = text.strip().toUpperCase(Locale.ROOT);
        if (rest.endsWith("IB")) {
            rest = rest.substring(0, rest.length() - 2);
            if (rest.isEmpty() || UNITS.indexOf(rest.charAt(rest.length() - 1)) < 0) {
                throw bad(text);
            }
        } else if (rest.endsWith("B")) {
            rest = rest.substring(0, rest.length() - 1);
        }
        int unit = rest.isEmpty() ? -1 : UNITS.indexOf(rest.charAt(rest.length() - 1));
        if (unit >= 0) {
            rest = rest.substring(0, rest.length() - 1);
        }
        if (!rest.matches(unit >= 0 ? "[0-9]{1,18}(\\.[0-9]{1,6})?" : "[0-9]{1,19}")) {
            throw bad(text);
        }
        java.math.BigDecimal bytes =
                new java.math.BigDecimal(rest).multiply(java.math.BigDecimal.valueOf(1L << (10 * (unit + 1))));
        try {
            return bytes.longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number of bytes below 8 EiB", e);
        }
    }

    /** Bytes for a reader: exact where the number is round ({@code 64 MiB}), else with one decimal ({@code 1.5 MiB}). */
    public static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = Math.min((63 - Long.numberOfLeadingZeros(bytes)) / 10, UNITS.length());
        long whole = 1L << (10 * unit);
        String name = " " + UNITS.charAt(unit - 1) + "iB";
        if (bytes % whole == 0) {
            return bytes / whole + name;
        }
        return String.format(Locale.ROOT, "%.1f%s", (double) bytes / whole, name);
    }

    /** So many pages of a size for a reader: {@code 16 pages of 64 KiB}. */
    static String pages(long count, long pageSize) {
        return count + (count == 1 ? " page of " : " pages of ") + human(pageSize);
    }

    /** Numbers of pages for a reader: {@code #7} or {@code #7-9}. */
    static String range(long first, long count) {
        return "#" + first + (count > 1 ? "-" + (first + count - 1) : "");
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is not a size; write bytes or a number with K, M, G or T, such as 4096, 64K or 1.5G");
    }
}
