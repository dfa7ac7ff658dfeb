package io.pagewire.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class SamplesTest {
    @Test
    void shouldGivePercentilesOfAllRounds() {
        Samples samples = new Samples();
        samples.add(LongStream.rangeClosed(51, 5000).map(us -> us * 1000).toArray());
        samples.add(LongStream.rangeClosed(1, 50).map(us -> us * 1000).toArray());

        assertThat(samples.count()).isEqualTo(5000);
        assertThat(samples.us(0)).isEqualTo(1);
        assertThat(samples.us(0.5)).isEqualTo(2500);
        assertThat(samples.us(0.99)).isEqualTo(4950);
        assertThat(samples.us(1)).isEqualTo(5000);

        samples.add(new long[] {1});
        assertThat(samples.us(0)).isEqualTo(0.001);
    }

    @Test
    void shouldHaveNoPercentileOfNothing() {
        assertThatThrownBy(() -> new Samples().us(0.5)).isInstanceOf(IllegalStateException.class);
    }
}
