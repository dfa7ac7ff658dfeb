package io.pagewire.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pagewire.cli.CommandFailed;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thread rule: one thread a test. */
class ChildTest {
    @TempDir
    private Path folder;

    private Child shell(String script) {
        return new Child("helper", folder, new ProcessBuilder("bash", "-c", script), 2);
    }

    @Test
    void shouldAnswerLineByLineAndEndWithItsInput() {
        Child child = shell("exec cat");
        assertThat(child.ask("one")).isEqualTo("one");
        assertThat(child.ask("two")).isEqualTo("two");
        child.close();
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void shouldReportExitCodeAndLastWordsOfAProcessThatDied() {
        try (Child child = shell("read line; echo first >&2; echo 'no memory' >&2; exit 3")) {
            assertThatThrownBy(() -> child.ask("work"))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessage("helper ended before its work was done (exit code 3); it said: first / no memory");
        }
    }

    @Test
    void shouldKillAProcessThatDoesNotAnswerInTime() {
        try (Child child = shell("read line; exec sleep 600")) {
            assertThatThrownBy(() -> child.ask("work"))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageStartingWith("helper did not answer within 2 s");
            assertThat(child.isAlive()).isFalse();
        }
    }

    @Test
    void shouldKillAProcessThatDoesNotEndWithItsInput() {
        Child child = shell("echo ready; exec sleep 600");
        assertThat(child.ask("")).isEqualTo("ready");
        child.close();
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void shouldNameAProgramThatCannotBeStarted() {
        assertThatThrownBy(() -> new Child("helper", folder, new ProcessBuilder("/nonexistent/program")))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("cannot start helper");
    }
}
