package io.pagewire.daemon.config;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Amounts of memory as people write them: bytes, or a number with K, M, G or T (powers of 1024), such as {@code 512M}, {@code
 * 1.5G} or {@code 64MiB}.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class ByteCount {
    private static final String UNITS = "KMGT";
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18})(\\.[0-9]{1,6})?(?:([KMGT])(?:IB|B)?|B)?");

    private ByteCount() {}

    /** @throws IllegalArgumentException with the reason */
    static long parse(String text) {
        Matcher parts = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!parts.matches() || (parts.group(2) != null && parts.group(3) == null)) {
            throw new IllegalArgumentException(
                    "it is not a size; write bytes or a number with K, M, G or T, such as 512M or 1.5G");
        }
        int unit = parts.group(3) == null ? 0 : 1 + UNITS.indexOf(parts.group(3));
        String number = parts.group(2) == null ? parts.group(1) : parts.group(1) + parts.group(2);
        try {
            return new BigDecimal(number)
                    .multiply(BigDecimal.valueOf(1L << (10 * unit)))
                    .longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("it is not a whole number of bytes below 8 EiB", e);
        }
    }
}
