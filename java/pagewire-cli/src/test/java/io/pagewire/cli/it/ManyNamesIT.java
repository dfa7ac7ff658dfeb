package io.pagewire.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.Pagewire;
import io.pagewire.cli.hosts.Host;
import io.pagewire.cli.hosts.PrivateHosts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** More names than ZooKeeper tells of in one packet, and than dsmd tells of in one answer. Thread rule: one thread a test. */
class ManyNamesIT {
    private static final int MANY = 1500;

    @Test
    void shouldStartListAndDeleteWithNamesBeyondTheLongestPacket() {
        try (PrivateHosts hosts = new PrivateHosts()) {
            Host first = hosts.startFirst("a");
            List<String> names = new ArrayList<>();
            try (Pagewire pagewire = Pagewire.connect(first.socket())) {
                for (int i = 0; i < MANY; i++) {
                    names.add(kana(i));
                    pagewire.create(names.get(i), 4096);
                }
            }
            listsAll(first, names);
            first.close();

            Host again = hosts.startFirst("a");
            Host beside = hosts.startBeside("b", again);
            JsonNode listed = listsAll(beside, names);
            assertThat(listed.get(0).path("state").asText()).isEqualTo("lost");
            assertThat(listed.get(0).path("owner").asText()).isEqualTo("a");
            listsAll(again, names);

            Run deleted = Run.dsmctl(again.socket(), "delete", names.get(1234));
            assertThat(deleted.status()).as(deleted.err()).isZero();
            names.remove(1234);
            Run created = Run.dsmctl(again.socket(), "create", "\u30f3", "--size", "4K");
            assertThat(created.status()).as(created.err()).isZero();
            names.add("\u30f3");
            listsAll(beside, names);
        }
    }

    private static JsonNode listsAll(Host host, List<String> names) {
        Run json = Run.dsmctl(host.socket(), "regions", "--json");
        assertThat(json.status()).as(json.err()).isZero();
        assertThat(json.json().path("regions").findValuesAsText("name")).isEqualTo(names);
        Run table = Run.dsmctl(host.socket(), "regions");
        assertThat(table.status()).as(table.err()).isZero();
        List<String> lines = table.out().lines().toList();
        assertThat(lines).hasSize(names.size() + 1);
        assertThat(lines.get(0)).startsWith("NAME ");
        assertThat(lines.get(names.size())).startsWith(names.get(names.size() - 1) + " ");
        return json.json().path("regions");
    }

    /** 80 kana, in order. */
    private static String kana(int i) {
        StringBuilder name = new StringBuilder("\u3042".repeat(75));
        for (char digit : String.format("%05d", i).toCharArray()) {
            name.append((char) ('\u30a2' + 2 * (digit - '0')));
        }
        return name.toString();
    }
}
