package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who hears of lost pages, and in what pieces. */
class LossReportTest {
    private final Losses losses = new Losses();
    private final List<String> told = new ArrayList<>();
    private final LossReport report =
            new LossReport("r", losses, (first, count, holder) -> told.add(first + "+" + count + " of " + holder));

    @Test
    void shouldTellOfPagesThatFollowEachOtherInOnePiece() {
        report.add(3, 1, "b");
        report.add(4, 2, "b");
        report.add(6, 1, "c");
        report.add(9, 1, "c");
        assertThat(told).containsExactly("3+3 of b", "6+1 of c");
        report.flush();
        report.flush();
        assertThat(told).containsExactly("3+3 of b", "6+1 of c", "9+1 of c");
        assertThat(losses.newest())
                .extracting(loss -> loss.region() + " " + loss.first() + "+" + loss.count() + " " + loss.holder())
                .containsExactly("r 3+3 b", "r 6+1 c", "r 9+1 c");
    }

    @Test
    void shouldRememberTheNewest64() {
        for (int i = 0; i < 100; i++) {
            report.add(2L * i, 1, "b");
        }
        report.tick();
        assertThat(told).hasSize(100);
        assertThat(losses.newest()).hasSize(64);
        assertThat(losses.newest().get(0).first()).isEqualTo(72);
        assertThat(losses.newest().get(63).first()).isEqualTo(198);
    }
}
