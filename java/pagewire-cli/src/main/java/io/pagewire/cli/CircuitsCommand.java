package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.Pagewire;
import io.pagewire.cli.hosts.Latency;
import picocli.CommandLine.Command;

/**
 * {@code dsmctl circuits}: the virtual circuits of this host, one for each region and other host (SPEC: V1).
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "circuits",
        description = "Lists the circuits of this host: one for each shared region and other host.",
        footer = {"", "Example:  dsmctl circuits"})
final class CircuitsCommand extends DaemonCommand {
    @Override
    public Integer call() {
        JsonNode answer;
        try (Pagewire pagewire = connect()) {
            answer = query(pagewire, "circuits");
        }
        if (json()) {
            printJson(answer);
        } else {
            Table table = table(answer);
            out().print(table.isEmpty() ? "no circuits: no region is shared with another host yet\n" : table);
            out().flush();
        }
        return 0;
    }

    static Table table(JsonNode answer) {
        Table table = new Table(
                "ID", "REGION", "PEER", "ADDRESS", "HERE", "STATE", "TYPE", "QOS", "USER", "SENT", "RECEIVED", "RTT");
        for (JsonNode circuit : answer.path("circuits")) {
            table.row(
                    circuit.path("id").asText(),
                    circuit.path("region").asText(),
                    circuit.path("peer").asText(),
                    circuit.path("address").asText(),
                    circuit.path("role").asText(),
                    circuit.path("state").asText(),
                    SharingType.words(circuit.path("sharingType").asInt()),
                    circuit.path("qos").asText(),
                    circuit.path("user").asText(),
                    Sizes.human(circuit.path("sentBytes").asLong()),
                    Sizes.human(circuit.path("receivedBytes").asLong()),
                    circuit.has("rttUs") ? Latency.us(circuit.path("rttUs").asDouble()) : "");
        }
        return table;
    }
}
