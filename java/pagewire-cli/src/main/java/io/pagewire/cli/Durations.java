package io.pagewire.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Lengths of time as people write them ({@code 500ms}, {@code 2s}, {@code 1.5}, {@code 10m}, {@code 1h}); a number alone is
 * seconds. At least 1 ms, at most a year.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Durations implements ITypeConverter<Duration> {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,6})?)(ms|s|m|h|)");
    private static final BigDecimal MOST_MS =
            BigDecimal.valueOf(Duration.ofDays(365).toMillis());

    @Override
    public Duration convert(String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /**
     * The time that text stands for, rounded down to whole milliseconds.
     *
     * @throws IllegalArgumentException with a message that says what is wrong
     */
    static Duration parse(String text) {
        Matcher parts = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a length of time; write a number with ms, s, m or h, such as 500ms or 10s");
        }
        BigDecimal ms = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unitMs(parts.group(2))));
        if (ms.compareTo(BigDecimal.ONE) < 0 || ms.compareTo(MOST_MS) > 0) {
            throw new IllegalArgumentException("'" + text + "' is not between 1 ms and a year");
        }
        return Duration.ofMillis(ms.longValue());
    }

    /** Whether text has the form of a length of time. */
    static boolean matches(String text) {
        return TEXT.matcher(text.strip().toLowerCase(Locale.ROOT)).matches();
    }

    private static long unitMs(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 1000;
        };
    }
}
