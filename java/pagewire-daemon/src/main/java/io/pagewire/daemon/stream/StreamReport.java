package io.pagewire.daemon.stream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.PeerLayout;

/**
 * Describes streams and their circuits in JSON.
 *
 * <p>Stateless; what takes a runtime belongs to the stream's event loop.
 */
public final class StreamReport {
    private StreamReport() {}

    /** What this host knows of a stream: its producer, as far as it is here, and its consumers here and on other hosts. */
    public static ObjectNode describe(ObjectNode node, StreamRuntime stream) {
        node.put("name", stream.record().name());
        node.put("id", stream.record().id());
        node.put("role", stream.isHome() ? "home" : "client");
        node.put("owner", stream.record().owner());
        node.put("frameSize", stream.record().size());
        node.put("frames", stream.frames());
        node.put("dropMs", stream.dropMs());
        node.put("last", stream.hub().lastNumber());
        node.put("kept", stream.hub().kept());
        node.put("discarded", stream.hub().discarded());
        node.put("waiting", stream.hub().isSourceWaiting());
        node.put("dropped", stream.droppedCount());
        ArrayNode consumers = node.putArray("consumers");
        if (stream instanceof HomeStream home) {
            producer(node, home);
            hosts(consumers, home);
        } else {
            upstream(node, (ClientStream) stream);
        }
        programs(consumers, stream);
        return node;
    }

    private static void producer(ObjectNode node, HomeStream home) {
        node.put("state", home.isEnded() ? "ended" : "ok");
        ObjectNode producer = node.putObject("producer");
        producer.put("program", home.producer().program());
        producer.put("pid", home.producer().pid());
    }

    private static void upstream(ObjectNode node, ClientStream client) {
        node.put("latest", client.latest());
        node.put("state", client.isEnded() ? "ended" : client.isUp() ? "ok" : "connecting");
        node.put("circuit", client.upstream().circuitId());
        node.put("receivedBytes", client.upstream().receivedBytes());
        node.put("sentBytes", client.upstream().sentBytes());
    }

    private static void programs(ArrayNode list, StreamRuntime stream) {
        for (LocalSink consumer : stream.consumers().all()) {
            ObjectNode entry = list.addObject();
            entry.put("program", consumer.end.process().program());
            entry.put("pid", consumer.end.process().pid());
            sink(entry, stream, consumer.end.sink(), consumer.latest, consumer.delivered, consumer.joined);
            entry.put("state", consumer.dropped != null ? "dropped" : consumer.over ? "ended" : "ok");
        }
    }

    private static void hosts(ArrayNode list, HomeStream home) {
        for (StreamCalls.Host host : home.calls().all()) {
            ObjectNode entry = list.addObject();
            entry.put("host", host.sink.setup().host());
            sink(entry, home, host.sink.sink(), host.latest(), host.delivered, true);
            entry.put("state", host.over ? "ended" : host.isAway() ? "away" : "ok");
            Circuit circuit = host.sink.circuit();
            if (circuit != null) {
                entry.put("circuit", circuit.id());
                entry.put("sentBytes", circuit.counters().sentBytes);
            }
        }
    }

    private static void sink(
            ObjectNode entry, StreamRuntime stream, int sink, boolean latest, long delivered, boolean joined) {
        entry.put("latest", latest);
        entry.put("delivered", delivered);
        entry.put("skipped", joined ? stream.hub().skipped(sink) : 0);
        entry.put("heldBack", joined ? stream.hub().heldBack(sink) : 0);
    }

    /** The circuits of a stream, at either end, in the words of those of regions. */
    public static ArrayNode circuits(ArrayNode list, StreamRuntime stream) {
        if (stream instanceof HomeStream home) {
            for (StreamCalls.Host host : home.calls().all()) {
                Circuit circuit = host.sink.circuit();
                if (circuit != null) {
                    ObjectNode entry =
                            circuit(list, stream, circuit, host.sink.setup().host(), "home");
                    entry.put("state", circuit.isOpen() ? "up" : "lost");
                    entry.put("sharingType", host.sink.setup().sharingType());
                    entry.put("qos", host.sink.setup().qosClass());
                    entry.put("user", host.sink.setup().user());
                }
            }
        } else {
            upstreamCircuit(list, (ClientStream) stream);
        }
        return list;
    }

    private static void upstreamCircuit(ArrayNode list, ClientStream client) {
        Circuit circuit = client.upstream().circuit();
        if (circuit != null) {
            ObjectNode entry = circuit(list, client, circuit, client.upstream().peer(), "client");
            entry.put("state", client.isUp() ? "up" : "connecting");
            entry.put(
                    "sharingType", client.latest() ? PeerLayout.Setup.LATEST_STREAM : PeerLayout.Setup.LOSSLESS_STREAM);
            entry.put("qos", 0);
            entry.put("user", client.user());
        }
    }

    private static ObjectNode circuit(ArrayNode list, StreamRuntime stream, Circuit circuit, String peer, String role) {
        ObjectNode entry = list.addObject();
        entry.put("id", circuit.id());
        entry.put("region", stream.record().name());
        entry.put("peer", peer);
        entry.put("address", String.valueOf(circuit.remoteAddress()).replaceFirst("^.*/", ""));
        entry.put("role", role);
        entry.put("incarnation", circuit.incarnation());
        entry.put("epoch", circuit.epoch());
        entry.put("right", "read");
        entry.put("sentBytes", circuit.counters().sentBytes);
        entry.put("receivedBytes", circuit.counters().receivedBytes);
        entry.put("sentMessages", circuit.counters().sentMessages);
        entry.put("receivedMessages", circuit.counters().receivedMessages);
        return entry;
    }
}
