package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.testkit.FairClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Frame streams between C programs, and between them and Java programs. */
class FrameStreamCProgramsIT extends StreamHosts {
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endPrograms() {
        started.forEach(Process::destroyForcibly);
    }

    /** Returns once its end is open. */
    private Process start(Host host, Object... words) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(CProgram.stream().toString(), host.socket().toString()));
        for (Object word : words) {
            command.add(word.toString());
        }
        Path errors = folder.resolve("c-" + stream + "-" + started.size() + ".log");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        started.add(process);
        assertThat(process.inputReader().readLine())
                .as(Files.readString(errors))
                .isIn("published", "subscribed");
        return process;
    }

    private static void go(Process producer) throws IOException {
        producer.getOutputStream().write('\n');
        producer.getOutputStream().flush();
    }

    /** What a program prints; it must end well. */
    private static String[] outcome(Process process) throws IOException, InterruptedException {
        assertThat(FairClock.ends(process, Await.LONG)).isTrue();
        String text = process.inputReader().readLine();
        assertThat(process.exitValue()).as(text).isZero();
        return text.split(" ");
    }

    @Test
    void shouldStreamBetweenCProgramsOfThreeHosts() throws Exception {
        Process producer = start(a, "produce", stream, 500_000, 4, 400);
        List<Process> all = List.of(
                start(a, "consume", stream, 3, "lossless"),
                start(b, "consume", stream, 3, "lossless"),
                start(c, "consume", stream, 2, "lossless"));
        Process newest = start(c, "consume", stream, 3, "latest");

        go(producer);

        String bytes = outcome(producer)[2];
        for (Process consumer : all) {
            assertThat(outcome(consumer)).containsExactly("consumed", "400", "1", "400", "0", bytes);
        }
        String[] seen = outcome(newest);
        assertThat(seen[3]).isEqualTo("400");
        assertThat(Long.parseLong(seen[1]) + Long.parseLong(seen[4])).isEqualTo(401 - Long.parseLong(seen[2]));
    }

    @Test
    void shouldStreamFromCToJava() throws Exception {
        Process producer = start(a, "produce", stream, 123_457, 4, 300);
        subscribe(onB, "lossless");
        Taken taken = takeAll(onB, 1);
        go(producer);
        taken.isAll(300);
        assertThat(outcome(producer)[1]).isEqualTo("300");
        onB.ask("finish", stream);
    }

    @Test
    void shouldStreamFromJavaToC() throws Exception {
        publish(123_457, 4);
        Process consumer = start(b, "consume", stream, 4, "lossless");
        produceAll(300, 0);
        assertThat(outcome(consumer)).startsWith("consumed", "300", "1", "300", "0");
    }
}
