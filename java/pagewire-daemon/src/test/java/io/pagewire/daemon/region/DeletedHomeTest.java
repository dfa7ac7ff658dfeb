package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.local.LocalDoor;
import io.pagewire.daemon.local.Mapping;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a deleted region is no more. Its one program has rights, and answers a revoke in the loop's next turn. */
class DeletedHomeTest {
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<String> seen = new ArrayList<>();
    private HomeRuntime home;
    private Mapping program;

    @BeforeEach
    void open() throws Exception {
        RegionContext context = Apparatus.context();
        home = new HomeRuntime(
                context,
                Apparatus.region("a", false),
                loop.eventLoop(),
                MemorySource.create("deleted", (long) Apparatus.PAGES * Apparatus.PAGE),
                Apparatus.owner("a"),
                false);
        program = LocalDoor.open(home, context);
        home.fault(program, 0, 1, 3, 2);
        home.onForgotten(() -> seen.add("forgotten"));
    }

    @AfterEach
    void close() {
        home.close();
        loop.runPendingTasks();
        loop.finishAndReleaseAll();
    }

    @Test
    void shouldTellOnlyWhenTheProgramHasLostItsRights() {
        home.delete(() -> seen.add("rightless"));
        assertThat(home.core().isTakingRights()).isTrue();
        assertThat(seen).isEmpty();
        loop.runPendingTasks();
        assertThat(home.core().isTakingRights()).isFalse();
        assertThat(seen).containsExactly("rightless");
    }

    @Test
    void shouldTellWhenTheProgramHasEndedInsteadOfAnswering() {
        home.delete(() -> seen.add("rightless"));
        home.unmapped(program);
        assertThat(seen).containsExactly("rightless", "forgotten");
    }

    @Test
    void shouldKeepItsFileUntilTheLastMappingIsGone() {
        home.delete(() -> seen.add("rightless"));
        loop.runPendingTasks();
        assertThat(seen).containsExactly("rightless");
        home.unmapped(program);
        assertThat(seen).containsExactly("rightless", "forgotten");
    }

    @Test
    void shouldTellWhoeverDeletesItOnceMore() {
        home.delete(() -> seen.add("first"));
        loop.runPendingTasks();
        home.delete(() -> seen.add("second"));
        assertThat(seen).containsExactly("first", "second");
    }

    @Test
    void shouldKeepItsFile_whenItIsNotDeleted() {
        home.unmapped(program);
        loop.runPendingTasks();
        assertThat(seen).isEmpty();
    }
}
