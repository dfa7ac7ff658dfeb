package io.pagewire.cli.actor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The test picture that belongs to a number: colour bars that move with it, the number in large digits, and below a strip of black
 * and white cells that a program can read. A picture that is torn, or shows another number than it says, is found out.
 *
 * <pre>
 *   rows 0 to 679    bars: a row is the one above shifted by a pixel, all of it shifted by 4 pixels a number
 *   in their middle  the number in six digits, white on black
 *   rows 680 to 719  96 cells of 13 pixels: 64 bits of the number, then the CRC-32 of the rows above, highest bit first
 * </pre>
 *
 * Pixels are ints, 0xAARRGGBB; the checksum takes their lowest byte first.
 *
 * <p>Not thread safe: keeps rows between calls.
 */
public final class Picture {
    public static final int WIDTH = 1280;
    public static final int HEIGHT = 720;
    public static final int PIXELS = WIDTH * HEIGHT;

    private static final int STRIP = 40;
    private static final int STRIP_TOP = HEIGHT - STRIP;
    private static final int NUMBER_BITS = 64;
    private static final int BITS = NUMBER_BITS + 32;
    private static final int CELL = WIDTH / BITS;
    private static final int STEP = 4;
    private static final int DIGITS = 6;
    private static final int DOT = 20;
    private static final int BLACK = 0xFF000000;
    private static final int WHITE = 0xFFFFFFFF;
    private static final int[] COLOURS = {
        0xFFFFFFFF, 0xFFFFFF00, 0xFF00FFFF, 0xFF00FF00, 0xFFFF00FF, 0xFFFF0000, 0xFF0000FF, 0xFF202020
    };

    /** Two rows of bars, so that each row of a picture is a piece of it. */
    private final int[] bars = new int[2 * WIDTH];

    private final ByteBuffer row = ByteBuffer.allocate(WIDTH * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    public Picture() {
        for (int x = 0; x < bars.length; x++) {
            bars[x] = COLOURS[x % WIDTH * COLOURS.length / WIDTH];
        }
    }

    /** Draws the picture of this number, 0 or more, into PIXELS pixels. */
    public void draw(long number, int[] pixels) {
        for (int y = 0; y < STRIP_TOP; y++) {
            int shift = (int) ((number % WIDTH * STEP + y) % WIDTH);
            System.arraycopy(bars, shift, pixels, y * WIDTH, WIDTH);
        }
        drawDigits(number, pixels);
        long crc = checksum(pixels);
        Arrays.fill(pixels, STRIP_TOP * WIDTH, PIXELS, BLACK);
        for (int bit = 0; bit < BITS; bit++) {
            boolean white = bit < NUMBER_BITS
                    ? (number >>> (NUMBER_BITS - 1 - bit) & 1) != 0
                    : (crc >>> (BITS - 1 - bit) & 1) != 0;
            fill(pixels, bit * CELL, STRIP_TOP, CELL, STRIP, white ? WHITE : BLACK);
        }
    }

    private static void drawDigits(long number, int[] pixels) {
        int step = (Digits.WIDTH + 1) * DOT;
        int left = (WIDTH - DIGITS * step - DOT) / 2;
        int top = (STRIP_TOP - (Digits.HEIGHT + 2) * DOT) / 2;
        fill(pixels, left, top, DIGITS * step + DOT, (Digits.HEIGHT + 2) * DOT, BLACK);
        long rest = number;
        for (int place = DIGITS - 1; place >= 0; place--) {
            int digit = (int) (rest % 10);
            rest /= 10;
            for (int y = 0; y < Digits.HEIGHT; y++) {
                for (int x = 0; x < Digits.WIDTH; x++) {
                    if (Digits.dot(digit, x, y)) {
                        fill(pixels, left + DOT + place * step + x * DOT, top + DOT + y * DOT, DOT, DOT, WHITE);
                    }
                }
            }
        }
    }

    private static void fill(int[] pixels, int left, int top, int width, int height, int colour) {
        for (int y = top; y < top + height; y++) {
            Arrays.fill(pixels, y * WIDTH + left, y * WIDTH + left + width, colour);
        }
    }

    /** The number that the strip of a picture says, as it is. */
    public static long number(int[] pixels) {
        return bits(pixels, 0, NUMBER_BITS);
    }

    private static long bits(int[] pixels, int from, int to) {
        long value = 0;
        for (int bit = from; bit < to; bit++) {
            int middle = (STRIP_TOP + STRIP / 2) * WIDTH + bit * CELL + CELL / 2;
            value = value << 1 | (pixels[middle] == WHITE ? 1 : 0);
        }
        return value;
    }

    /** Whether the checksum in the strip is that of the rows above. */
    public boolean isWhole(int[] pixels) {
        return bits(pixels, NUMBER_BITS, BITS) == checksum(pixels);
    }

    private long checksum(int[] pixels) {
        CRC32 crc = new CRC32();
        for (int y = 0; y < STRIP_TOP; y++) {
            row.asIntBuffer().put(pixels, y * WIDTH, WIDTH);
            crc.update(row.array());
        }
        return crc.getValue();
    }
}
