package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frame streams (SPEC: V12) while nothing breaks: every frame whole and in order, on every host, at the same address. */
class FrameStreamIT extends StreamHosts {
    @Test
    void shouldBringEveryFrameWholeAndInOrderToConsumersThatSleepAtRandom() {
        publish(300_000, 4);
        List<App> consumers = List.of(alsoOnA, onB, onC);
        consumers.forEach(app -> subscribe(app, "lossless"));
        List<Taken> taken =
                consumers.stream().map(app -> takeAll(app, app == onB ? 12 : 4)).toList();

        produceAll(400, 2);

        taken.forEach(one -> one.isAll(400));
        consumers.forEach(app -> app.ask("finish", stream));
    }

    @Test
    void shouldLetASlowConsumerSkipToTheNewestWholeFrameAndCountWhatItSkipped() {
        publish(300_000, 4, "discard");
        List<App> consumers = List.of(alsoOnA, onB, onC);
        consumers.forEach(app -> subscribe(app, "latest"));
        List<Taken> taken = consumers.stream().map(app -> takeAll(app, 20)).toList();

        produceAll(600, 1);

        for (Taken one : taken) {
            assertThat(one.endsWith(600)).isBetween(2L, 599L);
        }
        consumers.forEach(app -> app.ask("finish", stream));
    }

    @Test
    void shouldServeBothKindsOfConsumersOfOneHostAtOnce() {
        publish(100_000, 3);
        for (App app : List.of(alsoOnA, onB, onC)) {
            subscribe(app, stream, "lossless", 3);
            subscribe(app, stream + "-latest", "latest", 3);
        }
        List<Taken> all =
                List.of(alsoOnA, onB, onC).stream().map(app -> takeAll(app, 3)).toList();
        List<Taken> newest = List.of(alsoOnA, onB, onC).stream()
                .map(app -> Taken.by(app, stream + "-latest", 30))
                .toList();

        produceAll(500, 0);

        all.forEach(one -> one.isAll(500));
        newest.forEach(one -> assertThat(one.endsWith(500)).isPositive());
        for (App app : List.of(alsoOnA, onB, onC)) {
            app.ask("finish", stream);
            app.ask("finish", stream + "-latest");
        }
    }

    @Test
    void shouldLetConsumersComeAndGoWhileOthersLoseNothing() {
        publish(50_000, 4);
        subscribe(onC, "lossless");
        Taken steady = takeAll(onC, 1);
        CompletableFuture<String> produced = onA.send("produce", stream, 2000, 2);

        for (int visit = 0; visit < 12; visit++) {
            App app = List.of(onB, alsoOnA).get(visit % 2);
            String end = stream + "-" + visit;
            subscribe(app, end, visit % 3 == 0 ? "latest" : "lossless", 2 + visit % 3);
            String[] seen = app.ask("consume", end, 5 + 7 * visit, 3).split(" ");
            assertThat(seen[0]).isEqualTo(Integer.toString(5 + 7 * visit));
            app.ask("finish", end);
        }

        App.await(produced);
        onA.ask("drain", stream, PATIENT_MS);
        onA.ask("finish", stream);
        steady.isAll(2000);
        onC.ask("finish", stream);
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "2, 16", "16, 2", "16, 16"})
    void shouldWorkWithFewAndManyFrames(int frames, int ofConsumers) {
        publish(70_001, frames);
        for (App app : List.of(alsoOnA, onB)) {
            subscribe(app, stream, "lossless", ofConsumers);
        }
        List<Taken> taken =
                List.of(alsoOnA, onB).stream().map(app -> takeAll(app, 2)).toList();

        produceAll(200, 0);

        taken.forEach(one -> one.isAll(200));
        List.of(alsoOnA, onB).forEach(app -> app.ask("finish", stream));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096, 4097, 2 * MIB, 2 * MIB + 1, 64 * MIB})
    void shouldTakeFramesOfAnySize(int size) {
        int count = size > MIB ? 12 : 100;
        publish(size, 3);
        for (App app : List.of(alsoOnA, onB)) {
            subscribe(app, stream, "lossless", 2);
        }
        List<Taken> taken =
                List.of(alsoOnA, onB).stream().map(app -> takeAll(app, 0)).toList();

        produceAll(count, 0);

        taken.forEach(one -> one.isAll(count));
        List.of(alsoOnA, onB).forEach(app -> app.ask("finish", stream));
    }

    @Test
    void shouldTakeTheLargestFrame() throws IOException {
        long gib = available() >> 30;
        assumeTrue(gib >= 12, "needs 12 GiB of free memory, there are " + gib);
        int size = 1 << 30;
        onA.ask("publish-frames", stream, stream, size, 2, 120_000, 120_000, "keep");
        onB.ask("subscribe-frames", stream, stream, 2, "lossless", PATIENT_MS, 120_000);
        CompletableFuture<String> walked = onB.send("take-unchecked", stream, 120_000);
        String sum = onA.ask("frame-list", stream, 10_000);

        onA.ask("swap-unfilled", stream, size);

        assertThat(App.await(walked)).isEqualTo("1 " + size);
        assertThat(onB.ask("frame-walk", stream)).isEqualTo("10000 " + sum);
        onA.ask("finish", stream);
        assertThat(onB.ask("take-unchecked", stream, PATIENT_MS)).isEqualTo("end");
        onB.ask("finish", stream);
    }

    private static long available() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldStandAtOneAddressSoThatPointersWithinAFrameWork() {
        String address = publish(MIB, 3);
        for (App app : List.of(alsoOnA, onB, onC)) {
            assertThat(subscribe(app, "lossless")).isEqualTo(address);
            assertThat(app.ask("frame-warning", stream)).isEqualTo("none");
        }
        for (int nodes : new int[] {2000, 500, 1}) {
            String sum = onA.ask("frame-list", stream, nodes);
            onA.ask("swap-unfilled", stream, MIB);
            for (App app : List.of(alsoOnA, onB, onC)) {
                app.ask("take-unchecked", stream, PATIENT_MS);
                assertThat(app.ask("frame-walk", stream)).isEqualTo(nodes + " " + sum);
            }
        }
        onA.ask("finish", stream);
        List.of(alsoOnA, onB, onC).forEach(app -> app.ask("finish", stream));
    }

    @Test
    void shouldGiveTheSecondWindowOfAProcessAnotherAddressAndSaySo() {
        String address = publish(100_000, 4);
        String here = subscribe(onA, stream + "-here", "lossless", 4);
        assertThat(here).isNotEqualTo(address);
        assertThat(onA.ask("frame-warning", stream + "-here")).contains(stream);
        assertThat(subscribe(onB, "lossless")).isEqualTo(address);
        assertThat(subscribe(onB, stream + "-latest", "latest", 4)).isNotEqualTo(address);
        assertThat(onB.ask("frame-warning", stream + "-latest")).contains(stream);
        assertThat(onB.ask("frame-warning", stream)).isEqualTo("none");
        Taken inTheProducersProcess = Taken.by(onA, stream + "-here", 3);
        Taken onOther = takeAll(onB, 3);
        Taken alsoOnOther = Taken.by(onB, stream + "-latest", 3);

        produceAll(200, 0);

        inTheProducersProcess.isAll(200);
        onOther.isAll(200);
        assertThat(alsoOnOther.endsWith(200)).isPositive();
        onA.ask("finish", stream + "-here");
        onB.ask("finish", stream);
        onB.ask("finish", stream + "-latest");
    }

    @Test
    void shouldWaitForAProducerThatComesLater() {
        CompletableFuture<String> subscribed =
                onB.send("subscribe-frames", stream, stream, 4, "lossless", PATIENT_MS, PATIENT_MS);
        AppFailure missing = catchThrowableOfType(
                AppFailure.class, () -> onC.ask("subscribe-frames", stream, stream, 4, "lossless", 300, PATIENT_MS));
        assertThat(missing).hasMessageContaining(stream);
        assertThat(subscribed).isNotDone();

        String address = publish(10_000, 2);

        assertThat(App.await(subscribed)).isEqualTo(address);
        Taken taken = takeAll(onB, 0);
        produceAll(50, 0);
        taken.isAll(50);
        onB.ask("finish", stream);
    }

    @Test
    void shouldHaveOneProducerAtATimeAndSayWhereItIs() {
        publish(10_000, 2);
        AppFailure second = catchThrowableOfType(
                AppFailure.class,
                () -> onB.ask("publish-frames", stream, stream, 10_000, 2, PATIENT_MS, PATIENT_MS, "keep"));
        assertThat(second).hasMessageContaining("'" + stream + "'").hasMessageContaining("host a");
        onA.ask("finish", stream);

        Await.until("the name to be free")
                .ignoreExceptionsMatching(AppFailure.class::isInstance)
                .until(() -> {
                    onB.ask("publish-frames", stream, stream, 20_000, 2, PATIENT_MS, PATIENT_MS, "keep");
                    return true;
                });
        subscribe(onA, "lossless");
        Taken taken = takeAll(onA, 0);
        onB.ask("produce", stream, 20, 0);
        onB.ask("finish", stream);
        taken.isAll(20);
        onA.ask("finish", stream);
    }

    @Test
    void shouldKeepStreamsAndRegionsApart() {
        onA.ask("create", stream, 4096, 4096);
        AppFailure taken = catchThrowableOfType(
                AppFailure.class,
                () -> onB.ask("publish-frames", stream, stream, 10_000, 2, PATIENT_MS, PATIENT_MS, "keep"));
        assertThat(taken).hasMessageContaining(stream);
        AppFailure noStream = catchThrowableOfType(
                AppFailure.class, () -> onB.ask("subscribe-frames", stream, stream, 4, "lossless", 0, PATIENT_MS));
        assertThat(noStream).hasMessageContaining(stream);
        onA.ask("delete", stream);

        publish(10_000, 2);
        assertThat(catchThrowableOfType(AppFailure.class, () -> onB.ask("map", stream)))
                .hasMessageContaining(stream);
        assertThat(catchThrowableOfType(AppFailure.class, () -> onB.ask("create", stream, 4096, 4096)))
                .hasMessageContaining(stream);
        onA.ask("finish", stream);
    }

    @Test
    void shouldKeepFramesForTheFirstConsumerOnly() {
        publish(10_000, 4);
        assertThat(onA.askLong("produce", stream, 3, 0)).isEqualTo(3);
        subscribe(onB, "lossless");
        assertThat(onB.ask("consume", stream, 3, 0)).isEqualTo("3 1 3 0 more");
        onB.ask("finish", stream);
        Await.until("the consumer to be gone").until(() -> find(b, stream) == null);

        assertThat(onA.askLong("produce", stream, 20, 0)).isEqualTo(23);
        subscribe(onC, "lossless");
        onA.ask("produce", stream, 2, 0);

        assertThat(onC.ask("consume", stream, 2, 0)).isEqualTo("2 24 25 0 more");
        onA.ask("finish", stream);
        assertThat(onC.ask("take", stream, PATIENT_MS)).isEqualTo("end");
        onC.ask("finish", stream);
    }

    @Test
    void shouldLetFramesGoFromTheStartWhenToldTo() {
        publish(10_000, 2, "discard");
        assertThat(onA.askLong("produce", stream, 30, 0)).isEqualTo(30);
        onA.ask("drain", stream, PATIENT_MS);
        subscribe(onB, "lossless");
        onA.ask("produce", stream, 1, 0);
        assertThat(onB.ask("take", stream, PATIENT_MS)).startsWith("31 ");
        onA.ask("finish", stream);
        onB.ask("finish", stream);
    }

    @Test
    void shouldLetOtherThreadsThatMeetASwapGoOnWhenItIsOver() {
        publish(MIB, 2, "discard");
        String[] loads = onA.ask("swap-racing", stream, 3000, 2).split(" ");
        assertThat(Long.parseLong(loads[0])).as("loads").isPositive();
        onA.ask("finish", stream);
    }

    @Test
    void shouldNeverTakeAFinishForTheDeathOfTheProducer() {
        for (int i = 0; i < 150; i++) {
            nameTheStream();
            publish(4096, 16);
            subscribe(alsoOnA, "lossless");
            Taken taken = takeAll(alsoOnA, 0); // gives frames back while the producer leaves
            onA.ask("produce", stream, 12, 0);
            onA.ask("finish", stream);
            taken.isAll(12);
            alsoOnA.ask("finish", stream);
        }
    }

    @Test
    void shouldEndWithoutAFrame() {
        publish(10_000, 2);
        subscribe(onB, "lossless");
        subscribe(alsoOnA, "latest");
        onA.ask("finish", stream);
        for (App app : List.of(onB, alsoOnA)) {
            assertThat(app.ask("take", stream, PATIENT_MS)).isEqualTo("end");
            assertThat(app.ask("take", stream, PATIENT_MS)).as("asked again").isEqualTo("end");
            app.ask("finish", stream);
        }
    }

    @Test
    void shouldSayThatNoFrameHasComeInTimeAndGoOn() {
        publish(10_000, 2);
        for (String kind : List.of("lossless", "latest")) {
            String end = stream + "-" + kind;
            subscribe(onB, end, kind, 2);
            for (int i = 0; i < 3; i++) {
                AppFailure late = catchThrowableOfType(AppFailure.class, () -> onB.ask("take", end, 50));
                assertThat(late.type()).isEqualTo("RequestTimeoutException");
                assertThat(late).hasMessageContaining(stream);
            }
        }
        onA.ask("produce", stream, 1, 0);
        for (String kind : List.of("lossless", "latest")) {
            assertThat(onB.ask("take", stream + "-" + kind, PATIENT_MS)).startsWith("1 ");
            onB.ask("finish", stream + "-" + kind);
        }
        onA.ask("finish", stream);
    }
}
