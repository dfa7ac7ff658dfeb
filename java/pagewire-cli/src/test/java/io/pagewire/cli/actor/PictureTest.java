package io.pagewire.cli.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thread rule: one thread a test. */
class PictureTest {
    private final Picture picture = new Picture();

    private int[] draw(long number) {
        int[] pixels = new int[Picture.PIXELS];
        picture.draw(number, pixels);
        return pixels;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 200, 320, 999_999, 1_000_000, Long.MAX_VALUE})
    void shouldSayItsNumberAndBeWhole(long number) {
        int[] pixels = draw(number);
        assertThat(Picture.number(pixels)).isEqualTo(number);
        assertThat(picture.isWhole(pixels)).isTrue();
    }

    @Test
    void shouldDrawTheSameOverWhateverWasThere() {
        int[] pixels = draw(7);
        picture.draw(1234, pixels);
        assertThat(pixels).isEqualTo(draw(1234));
    }

    @Test
    void shouldDifferFromItsNeighbourInEveryRow() {
        int[] one = draw(41);
        int[] other = draw(42);
        for (int y = 0; y < Picture.HEIGHT; y++) {
            int from = y * Picture.WIDTH;
            assertThat(Arrays.mismatch(one, from, from + Picture.WIDTH, other, from, from + Picture.WIDTH))
                    .as("row " + y)
                    .isNotNegative();
        }
    }

    @Test
    void shouldShowThatItIsTornAboveTheMiddleOfItsStrip() {
        int[] one = draw(41);
        int[] other = draw(42);
        for (int y = 1; y <= 700; y += 3) {
            int[] torn = one.clone();
            System.arraycopy(other, y * Picture.WIDTH, torn, y * Picture.WIDTH, Picture.PIXELS - y * Picture.WIDTH);
            boolean seen = !picture.isWhole(torn) || Picture.number(torn) != 41;
            assertThat(seen).as("torn at row " + y).isTrue();
        }
    }

    @Test
    void shouldShowASingleWrongPixel() {
        int[] pixels = draw(5);
        pixels[123_456] ^= 1;
        assertThat(picture.isWhole(pixels)).isFalse();
    }
}
