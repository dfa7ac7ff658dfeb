package io.pagewire.daemon.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SectorsTest {
    private final Sectors sectors = new Sectors();

    @Test
    void shouldCountFromOneAndGrowWhenNothingIsFree() {
        assertThat(sectors.take()).isZero();
        assertThat(sectors.grow()).isEqualTo(1);
        assertThat(sectors.take()).isZero();
        assertThat(sectors.grow()).isEqualTo(2);
        assertThat(sectors.length()).isEqualTo(2);
        assertThat(sectors.used()).isEqualTo(2);
    }

    @Test
    void shouldTakeTheLowestFreeSectorFirst() {
        for (int i = 1; i <= 200; i++) {
            assertThat(sectors.grow()).isEqualTo(i);
        }
        for (int free : new int[] {199, 70, 3, 64}) {
            sectors.free(free);
        }
        assertThat(new int[] {sectors.take(), sectors.take(), sectors.take(), sectors.take(), sectors.take()})
                .containsExactly(3, 64, 70, 199, 0);
    }

    @Test
    void shouldKeepAChecksumForEverySector() {
        for (int i = 1; i <= 1000; i++) {
            sectors.grow();
            sectors.checksum(i, i * 31);
        }
        for (int i = 1; i <= 1000; i++) {
            assertThat(sectors.checksum(i)).isEqualTo(i * 31);
        }
    }

    @Test
    void shouldRefuseToFreeWhatIsNotInUse() {
        sectors.grow();
        assertThatIllegalStateException().isThrownBy(() -> sectors.free(2));
        sectors.free(1);
        assertThatIllegalStateException().isThrownBy(() -> sectors.free(1));
        assertThatIllegalStateException().isThrownBy(() -> sectors.free(0));
    }

    @Test
    void shouldCutOffALongFreeEnd() {
        for (int i = 0; i < 1000; i++) {
            sectors.grow();
        }
        for (int i = 1000; i > 501; i--) {
            sectors.free(i);
            assertThat(sectors.cut()).as("more than half is in use").isZero();
        }
        sectors.free(3);
        sectors.free(501);
        assertThat(sectors.cut()).isEqualTo(500);
        assertThat(sectors.length()).isEqualTo(500);
        assertThat(sectors.take()).isEqualTo(3);
        assertThat(sectors.take()).isZero();
        assertThat(sectors.grow()).isEqualTo(501);
    }

    @Test
    void shouldAgreeWithASetWhateverIsTakenFreedAndCut() {
        Random random = new Random(42);
        BitSet model = new BitSet();
        for (int step = 0; step < 200_000; step++) {
            boolean filling = (step / 20_000) % 2 == 0;
            if (random.nextInt(10) < (filling ? 7 : 3)) {
                int sector = sectors.take();
                if (sector == 0) {
                    sector = sectors.grow();
                }
                assertThat(model.get(sector)).isFalse();
                assertThat(sector).isEqualTo(model.nextClearBit(1));
                model.set(sector);
            } else if (!model.isEmpty()) {
                int sector = model.nextSetBit(random.nextInt(model.length()));
                model.clear(sector);
                sectors.free(sector);
                if (sectors.cut() > 0) {
                    assertThat(sectors.length()).isEqualTo(Math.max(0, model.length() - 1));
                }
            }
            assertThat(sectors.used()).isEqualTo(model.cardinality());
            assertThat(sectors.length()).isGreaterThanOrEqualTo(model.length() - 1);
        }
    }
}
