package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs whose agents are gone: those that may still store are ended, all others are left alone (ARCHITECTURE: Daemon). */
class SilentProgramsIT extends FaultyHosts {
    private static final int KILLED = 128 + 9;

    private final List<Process> programs = new ArrayList<>();

    /** Starts a program that gets silent in this way, and waits until it has. */
    private Process silent(String way, int ms) throws IOException {
        Path program = CProgram.silent();
        Process process = new ProcessBuilder(
                        program.toString(), way, a.socket().toString(), region, Integer.toString(ms))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        programs.add(process);
        String line = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
        assertThat(line).isEqualTo("ready");
        return process;
    }

    private static int exitOf(Process process) throws InterruptedException {
        return Await.exitOf(process);
    }

    private void awaitMappings(int count) {
        Await.until("a to have " + count + " mappings of the region")
                .untilAsserted(() ->
                        assertThat(a.region(region).path("mappings").asInt()).isEqualTo(count));
    }

    @AfterEach
    void endPrograms() {
        programs.forEach(Process::destroyForcibly);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unmap-late", "exec", "exec-and-map"})
    void shouldLeaveAProgramAloneThatHasNothingOfItsOldMappingAnyMore(String way) throws Exception {
        share(16, 1);

        Process program = silent(way, 1500);

        assertThat(exitOf(program)).as("exit code").isZero();
        awaitMappings(1);
    }

    @Test
    void shouldLeaveAProgramAloneWhoseForkedChildHasTheAgentsSocketWhenItsPageIsWanted() throws Exception {
        share(16, 1);
        Process program = silent("exec-beside-child", 3000);

        assertThat(onB.askLong("get-until", region, 0, TRY_MS))
                .as("needs a revoke that nobody answers")
                .isNotEqualTo(1);

        assertThat(exitOf(program)).as("exit code").isZero();
        awaitMappings(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"store-on", "store-on-in-thread"})
    void shouldEndAProgramThatMayStoreOnWithoutAnAgent(String way) throws Exception {
        share(16, 1);

        Process program = silent(way, 60_000);

        assertThat(exitOf(program)).as("exit code").isEqualTo(KILLED);
        awaitMappings(1);
    }

    @Test
    void shouldForgetAProgramThatHasEndedAndLeftItsSocketsToAForkedChild() throws Exception {
        share(16, 1);
        Process program = silent("exec-beside-child", 30_000);

        program.destroyForcibly();

        awaitMappings(1);
    }

    @Test
    void shouldEndAStoppedWriterWhoseFirstThreadHasEndedBeforeAFileIsServedAgain() throws Exception {
        Path file = Files.write(folder.resolve("threads"), new byte[16 * PAGE]);
        onA.ask("export", region, file, PAGE);
        Process writer = silent("store-in-thread", 60_000);
        Signals.stop(writer.pid());
        a.kill();

        a.start();

        assertThat(exitOf(writer)).as("exit code").isEqualTo(KILLED);
    }
}
