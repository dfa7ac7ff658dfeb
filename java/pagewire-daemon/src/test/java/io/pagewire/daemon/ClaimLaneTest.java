package io.pagewire.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Very many claims, so many at a time. */
class ClaimLaneTest {
    private static final int MANY = 3 * ClaimLane.WIDTH;

    private final ClaimLane lane = new ClaimLane();
    private final List<CompletableFuture<Void>> begun = new ArrayList<>();

    private CompletableFuture<?> begin() {
        begun.add(new CompletableFuture<>());
        return begun.get(begun.size() - 1);
    }

    @Test
    void shouldBeginSoManyAtATimeAndTheOthersAsThoseEnd() {
        for (int i = 0; i < MANY; i++) {
            lane.run(this::begin);
        }
        assertThat(begun).hasSize(ClaimLane.WIDTH);

        begun.get(7).complete(null);
        begun.get(3).completeExceptionally(new IllegalStateException("a claim that fails"));
        assertThat(begun).hasSize(ClaimLane.WIDTH + 2);

        for (int i = 0; i < begun.size(); i++) {
            begun.get(i).complete(null);
        }
        assertThat(begun).hasSize(MANY);
    }

    @Test
    void shouldGoOnBehindClaimsThatCannotBegin() {
        for (int i = 0; i < MANY; i++) {
            lane.run(() -> {
                throw new IllegalStateException("a claim that cannot begin");
            });
        }
        lane.run(this::begin);
        assertThat(begun).hasSize(1);
    }
}
