package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a frame stream leaves when it is over: nothing, in daemons, programs and the directory. */
class FrameStreamLeavingsIT extends StreamHosts {
    private static final int SIZE = 3 * MIB;

    @Test
    void shouldLeaveNothingWhenAllEndsAreClosed() {
        runOnce(); // what is made once is made
        List<Map<String, Integer>> daemons =
                List.of(a, b, c).stream().map(Host::steadyDescriptors).toList();
        List<App> apps = List.of(onA, alsoOnA, onB, onC);
        List<Map<String, Integer>> programs =
                apps.stream().map(app -> Descriptors.of(app.pid())).toList();
        List<Long> maps = apps.stream()
                .map(app -> ProcessMaps.count(app.pid(), "pagewire"))
                .toList();
        long memory = Frames.allocated(a) + Frames.allocated(b);

        for (int i = 0; i < 5; i++) {
            nameTheStream();
            runOnce();
        }

        for (int i = 0; i < daemons.size(); i++) {
            Host host = List.of(a, b, c).get(i);
            Map<String, Integer> before = daemons.get(i);
            Await.until("dsmd " + host + " to have closed what it opened")
                    .untilAsserted(() -> assertThat(host.descriptors()).isEqualTo(before));
        }
        for (int i = 0; i < apps.size(); i++) {
            assertThat(Descriptors.of(apps.get(i).pid())).isEqualTo(programs.get(i));
            assertThat(ProcessMaps.count(apps.get(i).pid(), "pagewire")).isEqualTo(maps.get(i));
        }
        assertThat(Frames.allocated(a) + Frames.allocated(b)).isEqualTo(memory);
    }

    private void runOnce() {
        publish(SIZE, 4);
        List<App> consumers = List.of(alsoOnA, onB, onC);
        consumers.forEach(app -> subscribe(app, app == onC ? "latest" : "lossless"));
        List<Taken> taken = consumers.stream().map(app -> takeAll(app, 1)).toList();
        produceAll(20, 0);
        taken.get(0).isAll(20);
        taken.get(1).isAll(20);
        taken.get(2).endsWith(20);
        consumers.forEach(app -> app.ask("finish", stream));
        for (Host host : List.of(a, b, c)) {
            Await.until("host " + host + " to forget the stream").until(() -> find(host, stream) == null);
        }
        AppFailure gone = catchThrowableOfType(
                AppFailure.class, () -> onB.ask("subscribe-frames", stream, stream, 4, "lossless", 0, PATIENT_MS));
        assertThat(gone).as("a stream that is over").hasMessageContaining(stream);
        onC.ask("create", stream, 4096, 4096); // the name is free
        onC.ask("delete", stream);
    }

    @Test
    void shouldLeaveNothingWhenProgramsEndWithoutClosingTheirEnds() {
        runOnce();
        Map<String, Integer> onHostA = a.steadyDescriptors();
        Map<String, Integer> onHostB = b.steadyDescriptors();
        App producer = cluster.app(a);
        App consumer = cluster.app(b);
        nameTheStream();
        producer.ask("publish-frames", stream, stream, SIZE, 4, PATIENT_MS, PATIENT_MS, "keep");
        subscribe(consumer, "lossless");
        producer.ask("produce", stream, 2, 0);
        consumer.ask("take", stream, PATIENT_MS);

        producer.kill();
        consumer.kill();

        Await.until("a to let go of the producer")
                .untilAsserted(() -> assertThat(a.descriptors()).isEqualTo(onHostA));
        Await.until("b to let go of the consumer")
                .untilAsserted(() -> assertThat(b.descriptors()).isEqualTo(onHostB));
        for (Host host : List.of(a, b)) {
            Await.until("host " + host + " to forget the stream").until(() -> find(host, stream) == null);
        }
    }

    @Test
    void shouldShowWhatIsGoingOnAtEachHost() {
        publish(SIZE, 4);
        subscribe(onB, "lossless");
        subscribe(alsoOnA, "latest");
        onA.ask("produce", stream, 2, 0);
        onB.ask("consume", stream, 2, 0);

        String home = listed(a, stream).toString();
        String away = listed(b, stream).toString();
        assertThat(home).contains("\"" + stream + "\"", Integer.toString(SIZE), Long.toString(alsoOnA.pid()), "b");
        assertThat(away).contains("\"" + stream + "\"", Integer.toString(SIZE), Long.toString(onB.pid()), "a");
        assertThat(a.query("circuits").toString()).contains(stream);
        assertThat(b.query("circuits").toString()).contains(stream);
        assertThat(find(c, stream)).as("a host that has nothing to do with it").isNull();
        onA.ask("finish", stream);
        onB.ask("finish", stream);
        alsoOnA.ask("finish", stream);
    }
}
