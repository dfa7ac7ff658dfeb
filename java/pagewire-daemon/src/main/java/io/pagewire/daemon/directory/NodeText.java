package io.pagewire.daemon.directory;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The data of every node: lines of UTF-8, the first with kind and version, then one key and value each.
 *
 * <pre>
 *   pagewire-region 2
 *   name=prices
 *   id=7
 * </pre>
 *
 * In values '%' and control characters are written as %XX. The decoder takes exactly the keys it is told, each once, and
 * answers anything else with the reason why not.
 *
 * <p>Used by one thread.
 */
final class NodeText {
    static final int MAX_LENGTH = 16 << 10;

    private final String kind;
    private final Map<String, String> values = new LinkedHashMap<>();

    private NodeText(String kind) {
        this.kind = kind;
    }

    static NodeText of(String kind) {
        return new NodeText(kind);
    }

    NodeText put(String key, Object value) {
        values.put(key, value.toString());
        return this;
    }

    NodeText putHex(String key, long value) {
        return put(key, String.format("%016x", value));
    }

    byte[] encode() {
        StringBuilder text = new StringBuilder(kind).append('\n');
        values.forEach((key, value) ->
                text.append(key).append('=').append(escape(value)).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @param kind the first line expected, such as {@code pagewire-region 2}
     * @param keys the keys expected, no others
     */
    static NodeText decode(byte[] data, String kind, List<String> keys) throws BadNode {
        if (data == null || data.length == 0) {
            throw new BadNode("it is empty");
        }
        if (data.length > MAX_LENGTH) {
            throw new BadNode("it has " + data.length + " bytes, at most " + MAX_LENGTH + " are allowed");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(data))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new BadNode("it is not UTF-8 text");
        }
        if (!text.endsWith("\n")) {
            throw new BadNode("its last line is not complete");
        }
        String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
        checkKind(lines[0], kind);
        NodeText node = new NodeText(kind);
        for (int i = 1; i < lines.length; i++) {
            int equals = lines[i].indexOf('=');
            if (equals < 0) {
                throw new BadNode("line " + (i + 1) + " has no '='");
            }
            String key = lines[i].substring(0, equals);
            if (!keys.contains(key)) {
                throw new BadNode("line " + (i + 1) + " has the unknown key " + Names.quote(key));
            }
            if (node.values.putIfAbsent(key, unescape(lines[i].substring(equals + 1), i + 1)) != null) {
                throw new BadNode("line " + (i + 1) + " repeats the key " + key);
            }
        }
        for (String key : keys) {
            if (!node.values.containsKey(key)) {
                throw new BadNode("the key " + key + " is missing");
            }
        }
        return node;
    }

    private static void checkKind(String line, String kind) throws BadNode {
        if (line.equals(kind)) {
            return;
        }
        String name = kind.substring(0, kind.indexOf(' ') + 1);
        if (line.startsWith(name)) {
            throw new BadNode("its version is " + Names.quote(line.substring(name.length())) + ", this program knows "
                    + kind.substring(name.length()) + " (update this dsmd?)");
        }
        throw new BadNode("its first line is " + Names.quote(line) + " instead of \"" + kind + "\"");
    }

    String text(String key) {
        return values.get(key);
    }

    long number(String key, long min, long max) throws BadNode {
        String value = values.get(key);
        long number;
        try {
            number = Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new BadNode(key + " is " + Names.quote(value) + ", not a number");
        }
        if (number < min || number > max) {
            throw new BadNode(key + " is " + number + ", not between " + min + " and " + max);
        }
        return number;
    }

    long hex(String key) throws BadNode {
        String value = values.get(key);
        if (!value.matches("[0-9a-f]{16}")) {
            throw new BadNode(key + " is " + Names.quote(value) + ", not 16 hexadecimal digits");
        }
        return Long.parseUnsignedLong(value, 16);
    }

    boolean bool(String key) throws BadNode {
        String value = values.get(key);
        if (!value.equals("true") && !value.equals("false")) {
            throw new BadNode(key + " is " + Names.quote(value) + ", neither true nor false");
        }
        return value.equals("true");
    }

    private static String escape(String value) {
        StringBuilder text = new StringBuilder(value.length());
        value.chars().forEach(c -> {
            if (c == '%' || c < 0x20 || c == 0x7F) {
                text.append(String.format("%%%02X", c));
            } else {
                text.append((char) c);
            }
        });
        return text.toString();
    }

    private static String unescape(String value, int line) throws BadNode {
        StringBuilder text = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '%') {
                int high = i + 2 < value.length() ? Character.digit(value.charAt(i + 1), 16) : -1;
                int low = i + 2 < value.length() ? Character.digit(value.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw new BadNode("line " + line + " has a '%' without two hexadecimal digits");
                }
                text.append((char) (high << 4 | low));
                i += 2;
            } else if (c < 0x20 || c == 0x7F) {
                throw new BadNode("line " + line + " contains a control character");
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
