package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongIndexTest {
    @Test
    void shouldBehaveLikeAMapWhateverIsPutAndRemoved() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            LongIndex index = new LongIndex();
            Map<Long, Integer> model = new HashMap<>();
            for (int step = 0; step < 2000; step++) {
                long key = random.nextInt(60) * (seed % 2 == 0 ? 1L : 1L << 33);
                if (!model.containsKey(key)) {
                    index.put(key, step);
                    model.put(key, step);
                } else if (random.nextBoolean()) {
                    index.remove(key);
                    model.remove(key);
                }
                assertThat(index.get(key)).isEqualTo(model.getOrDefault(key, LongIndex.NONE));
                assertThat(index.size()).isEqualTo(model.size());
            }
            for (long key = 0; key < 60; key++) {
                long spread = key * (seed % 2 == 0 ? 1L : 1L << 33);
                assertThat(index.get(spread)).isEqualTo(model.getOrDefault(spread, LongIndex.NONE));
            }
        }
    }
}
