package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
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

    @Test
    void shouldWriteAListInPartsAsItWritesTheWhole() {
        for (int entries = 0; entries < 4; entries++) {
            var whole = Json.object();
            var list = whole.putArray("regions");
            List<JsonNode> parts = new ArrayList<>();
            for (int i = 0; i < entries; i++) {
                list.addObject().put("name", "r" + i).putObject("counters").put("faults", i);
                parts.add(Json.object().putArray("x").add(list.get(i)));
            }
            parts.add(Json.object().putArray("x"));
            StringWriter text = new StringWriter();
            PrintWriter out = new PrintWriter(text);
            Json.prettyList(out, "regions", parts.iterator());
            assertThat(text.toString()).isEqualTo(Json.pretty(whole) + System.lineSeparator());
        }
    }
}
