package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Programs of one host share the frames of a stream: nothing is copied between them (SPEC: V12). */
class FrameStreamSharingIT extends StreamHosts {
    private static final int SIZE = 8 * MIB;
    private static final int FRAMES = 3;

    @Test
    void shouldShowConsumersOfTheProducersHostTheProducersOwnMemory() {
        String address = publish(SIZE, FRAMES);
        App third = cluster.app(a);
        subscribe(alsoOnA, "lossless");
        subscribe(third, "lossless");
        Set<Long> slots = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            ProcessMaps.Mapping filled = ProcessMaps.at(onA.pid(), address);
            assertThat(filled.name()).startsWith("/memfd:pagewire");
            onA.ask("produce", stream, 1, 0);
            assertThat(ProcessMaps.at(onA.pid(), address))
                    .as("the producer has another frame at once")
                    .isNotEqualTo(filled);
            for (App app : List.of(alsoOnA, third)) {
                app.ask("take", stream, PATIENT_MS);
                ProcessMaps.Mapping seen = ProcessMaps.at(app.pid(), address);
                assertThat(seen.file()).isEqualTo(filled.file());
                assertThat(seen.offset()).isEqualTo(filled.offset());
                assertThat(seen.rights()).as("rights of a consumer").startsWith("r--");
            }
            slots.add(filled.offset());
        }
        assertThat(slots).as("frames in turn").hasSizeBetween(2, FRAMES + 1);
        onA.ask("finish", stream);
        List.of(alsoOnA, third).forEach(app -> app.ask("finish", stream));
    }

    @Test
    void shouldHaveOneCopyForAllConsumersOfAnotherHost() {
        String address = publish(SIZE, FRAMES);
        App also = cluster.app(b);
        subscribe(onB, "lossless");
        subscribe(also, "lossless");
        for (int i = 0; i < 10; i++) {
            onA.ask("produce", stream, 1, 0);
            onB.ask("take", stream, PATIENT_MS);
            also.ask("take", stream, PATIENT_MS);
            assertThat(ProcessMaps.at(onB.pid(), address)).isEqualTo(ProcessMaps.at(also.pid(), address));
        }
        onA.ask("finish", stream);
        List.of(onB, also).forEach(app -> app.ask("finish", stream));
    }

    @Test
    void shouldMoveNoBytesAndTakeNoMoreMemoryForConsumersOfTheProducersHost() {
        publish(SIZE, FRAMES);
        subscribe(alsoOnA, "lossless");
        onA.ask("produce", stream, 1, 0);
        alsoOnA.ask("take", stream, PATIENT_MS);
        long moved = IoBytes.of(a.pid());
        Taken taken = takeAll(alsoOnA, 0);

        onA.ask("produce", stream, 100, 0);
        onA.ask("finish", stream);

        taken.isAll(101);
        assertThat(IoBytes.of(a.pid()) - moved)
                .as("bytes that went through system calls of dsmd while %d went from program to program", 100L * SIZE)
                .isLessThan(SIZE);
        assertThat(Frames.allocated(a))
                .as("memory of all frames")
                .isLessThanOrEqualTo((FRAMES + 1L) * (SIZE + 2 * MIB));
        alsoOnA.ask("finish", stream);
    }
}
