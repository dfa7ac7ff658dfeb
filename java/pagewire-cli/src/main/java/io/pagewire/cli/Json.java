package io.pagewire.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;

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
