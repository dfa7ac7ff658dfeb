package io.pagewire.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Iterator;

/**
 * JSON in and out.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final ObjectMapper LINES = new ObjectMapper();

    private Json() {}

    public static ObjectNode object() {
        return LINES.createObjectNode();
    }

    /**
     * The tree of a text.
     *
     * @param from who sent the text, for the message
     * @throws CommandFailed when the text is no JSON
     */
    public static JsonNode parse(String from, String text) {
        try {
            JsonNode node = LINES.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw new CommandFailed(from + " answered with nothing where JSON was expected");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new CommandFailed(from + " answered with something that is not JSON: " + head(text), e);
        }
    }

    /** Indented, for people and {@code --json}. */
    static String pretty(JsonNode node) {
        return write(MAPPER, node);
    }

    /**
     * An object with this one array, as {@link #pretty} would write it, but a part of the array at a time. When a part cannot be
     * had the text ends in the middle, so that nobody takes it for the whole.
     */
    static void prettyList(PrintWriter out, String name, Iterator<JsonNode> parts) {
        JsonNode part = parts.next();
        try (JsonGenerator json = MAPPER.getFactory()
                .createGenerator(out)
                .useDefaultPrettyPrinter()
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT)) {
            json.writeStartObject();
            json.writeArrayFieldStart(name);
            while (part != null) {
                for (JsonNode entry : part) {
                    json.writeTree(entry);
                }
                json.flush();
                part = parts.hasNext() && !out.checkError() ? parts.next() : null;
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("a tree could not be written as JSON", e);
        }
        out.println();
    }

    /** On one line. */
    public static String line(JsonNode node) {
        return write(LINES, node);
    }

    private static String write(ObjectMapper mapper, JsonNode node) {
        try {
            return mapper.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree could not be written as JSON", e);
        }
    }

    private static String head(String text) {
        String line = text.strip().replace('\n', ' ');
        return line.length() > 80 ? line.substring(0, 80) + "…" : line;
    }
}
