package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class JsonTest {
    @Test
    void shouldSayWhoAnsweredWithGarbage() {
        assertThatThrownBy(() -> Json.parse("dsmd", "{\"host\":"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("dsmd answered with something that is not JSON: {\"host\":");
        assertThatThrownBy(() -> Json.parse("dsmd", " "))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("nothing");
    }

    @Test
    void shouldWriteOnOneLineForProcesses() {
        assertThat(Json.line(Json.object().put("a", 1).put("b", "x\ny"))).isEqualTo("{\"a\":1,\"b\":\"x\\ny\"}");
    }
}
