package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Thread rule: one thread a test. */
class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "4K, 4096",
        "64M, 67108864",
        "64MiB, 67108864",
        "64mb, 67108864",
        "1.5G, 1610612736",
        "2T, 2199023255552",
        "10b, 10",
        "9223372036854775807, 9223372036854775807",
    })
    void shouldReadSizesAsPeopleWriteThem(String text, long bytes) {
        assertThat(Sizes.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "-1", "5Q", "1,5G", "4 K", "0x10", "1e3", "iB", "5iB", "1.M", "K4", "1..5K"})
    void shouldSayWhatASizeLooksLike(String text) {
        assertThatThrownBy(() -> Sizes.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not a size")
                .hasMessageContaining("64K");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "8192P", "1.0001K", "0.5"})
    void shouldRefuseSizesThatAreNoWholeNumberOfBytes(String text) {
        assertThatThrownBy(() -> Sizes.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "67108864, 64 MiB",
        "128651445, 122.7 MiB",
        "9223372036854775807, 8192.0 PiB",
    })
    void shouldPrintSizesForAReader(long bytes, String text) {
        assertThat(Sizes.human(bytes)).isEqualTo(text);
    }

    @Test
    void shouldCountPages() {
        assertThat(Sizes.pages(1, 4096)).isEqualTo("1 page of 4 KiB");
        assertThat(Sizes.pages(16, 65536)).isEqualTo("16 pages of 64 KiB");
    }

    @Test
    void shouldReadBackWhatItPrintsWhenItIsRound() {
        for (long bytes = 1; bytes < 1L << 52; bytes *= 2) {
            assertThat(Sizes.parse(Sizes.human(bytes).replace(" ", ""))).isEqualTo(bytes);
        }
    }
}
