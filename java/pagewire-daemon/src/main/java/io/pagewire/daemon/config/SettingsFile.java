package io.pagewire.daemon.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A configuration file in TOML. A key that nobody knows is an error: a misspelt deadline must not be the default in silence.
 *
 * <p>Immutable once read; safe for use by any thread.
 */
final class SettingsFile {
    private static final Set<String> TABLES = Set.of("deadlines", "circuits", "frames", "writeback");

    private final Path path;
    private final Map<String, JsonNode> values = new TreeMap<>();

    private SettingsFile(Path path) {
        this.path = path;
    }

    /** No file: everything is absent. */
    static SettingsFile none() {
        return new SettingsFile(Path.of("none"));
    }

    /** @param keys the keys that are known, with their tables: {@code circuits.max-peers} */
    static SettingsFile read(Path path, Set<String> keys) throws SettingsException {
        SettingsFile file = new SettingsFile(path);
        try {
            JsonNode root = new TomlMapper().readTree(Files.readString(path));
            file.collect("", root);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new SettingsException(
                    path + (line > 0 ? ", line " + line : "") + ": not valid TOML: "
                            + firstLine(e.getOriginalMessage()),
                    e);
        } catch (NoSuchFileException e) {
            throw new SettingsException("the configuration file " + path + " does not exist", e);
        } catch (CharacterCodingException e) {
            throw new SettingsException("the configuration file " + path + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new SettingsException("the configuration file " + path + " cannot be read: " + Reasons.why(e), e);
        }
        for (String key : file.values.keySet()) {
            if (!keys.contains(key)) {
                throw new SettingsException(
                        "unknown key \"" + key + "\" in " + path + "; known are " + String.join(", ", keys));
            }
        }
        return file;
    }

    private void collect(String prefix, JsonNode table) {
        for (Map.Entry<String, JsonNode> field : table.properties()) {
            String key = prefix + field.getKey();
            if (!field.getValue().isObject()) {
                values.put(key, field.getValue());
            } else if (field.getValue().isEmpty() && !TABLES.contains(key)) {
                values.put(key, field.getValue()); // unknown, and to be named as such
            } else {
                collect(key + ".", field.getValue());
            }
        }
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** Where a value came from, for error texts. */
    String origin(String key) {
        return "key \"" + key + "\" in " + path;
    }

    String text(String key) throws SettingsException {
        JsonNode value = values.get(key);
        if (!value.isTextual()) {
            throw new SettingsException(origin(key) + " must be a text in quotes, not " + value);
        }
        return value.textValue();
    }

    long number(String key) throws SettingsException {
        return whole(key, values.get(key));
    }

    /** A text such as "512M", or a number of bytes. */
    String size(String key) throws SettingsException {
        JsonNode value = values.get(key);
        return value.isIntegralNumber() ? String.valueOf(whole(key, value)) : text(key);
    }

    Set<Integer> numbers(String key, long max) throws SettingsException {
        JsonNode list = values.get(key);
        if (!list.isArray()) {
            throw new SettingsException(origin(key) + " must be a list of whole numbers, such as [1000, 1001]");
        }
        Set<Integer> numbers = new LinkedHashSet<>();
        for (JsonNode value : list) {
            long number = whole(key, value);
            if (number < 0 || number > max) {
                throw new SettingsException(origin(key) + " has " + number + ", which is not between 0 and " + max);
            }
            numbers.add((int) number);
        }
        return Set.copyOf(numbers);
    }

    /** A relative path in a file is meant from where the file stands. */
    Path path(String key) throws SettingsException {
        return path.toAbsolutePath().getParent().resolve(text(key)).normalize();
    }

    private long whole(String key, JsonNode value) throws SettingsException {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new SettingsException(origin(key) + " must be a whole number, not " + value);
        }
        return value.longValue();
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
