package io.pagewire.daemon.directory;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/**
 * What regions, streams and hosts may be called, and how a region's or stream's name becomes one of ZooKeeper's node names.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Names {
    /** Longest region name in bytes of UTF-8. */
    public static final int MAX_REGION = 255;

    /** Longest host name, in characters. */
    public static final int MAX_HOST = 255;

    private static final String HEX = "0123456789ABCDEF";

    private Names() {}

    /**
     * The names of regions and streams are 1 to 255 bytes of UTF-8 made of letters and digits (of any script, composed form),
     * dot, underscore, minus and slash. They do not start with a minus (they would look like an option), and the parts between
     * slashes are not empty, "." or "..".
     *
     * @return null when good, else the reason why not
     */
    public static String checkRegion(String name) {
        if (name.isEmpty()) {
            return "a name must not be empty";
        }
        int length;
        try {
            length = utf8(name).remaining();
        } catch (CharacterCodingException e) {
            return "name " + quote(name) + " is not valid text (an unpaired surrogate)";
        }
        if (length > MAX_REGION) {
            return "name " + quote(name) + " has " + length + " bytes, at most " + MAX_REGION + " are allowed";
        }
        int bad = name.codePoints()
                .filter(c -> !Character.isLetterOrDigit(c) && "._-/".indexOf(c) < 0)
                .findFirst()
                .orElse(-1);
        if (bad >= 0) {
            return "name " + quote(name) + " contains " + describe(bad)
                    + "; letters, digits and the characters . _ - / are allowed";
        }
        if (name.charAt(0) == '-') {
            return "name " + quote(name) + " starts with '-'";
        }
        for (String part : name.split("/", -1)) {
            if (part.isEmpty()) {
                return "name " + quote(name) + " starts or ends with '/' or contains '//'";
            }
            if (part.equals(".") || part.equals("..")) {
                return "name " + quote(name) + " contains the part '" + part + "'";
            }
        }
        if (!Normalizer.isNormalized(name, Normalizer.Form.NFC)) {
            return "name " + quote(name) + " is not in composed form (Unicode NFC)";
        }
        return null;
    }

    /**
     * Host names are 1 to 255 ASCII letters, digits, dots, underscores and minus signs and start with a letter or digit.
     *
     * @return null when good, else the reason why not
     */
    public static String checkHost(String name) {
        if (name.isEmpty()) {
            return "a host name must not be empty";
        }
        if (name.length() > MAX_HOST) {
            return "host name " + quote(name) + " has " + name.length() + " characters, at most " + MAX_HOST
                    + " are allowed";
        }
        int bad = name.codePoints()
                .filter(c -> !isAsciiLetterOrDigit(c) && "._-".indexOf(c) < 0)
                .findFirst()
                .orElse(-1);
        if (bad >= 0) {
            return "host name " + quote(name) + " contains " + describe(bad)
                    + "; ASCII letters, digits and the characters . _ - are allowed";
        }
        if (!isAsciiLetterOrDigit(name.charAt(0))) {
            return "host name " + quote(name) + " must start with a letter or a digit";
        }
        return null;
    }

    /** The region's node name: bytes other than ASCII letters, digits, dot, underscore and minus become %XX. */
    static String toNode(String region) {
        StringBuilder node = new StringBuilder(region.length() + 8);
        for (byte b : region.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xFF;
            if (isAsciiLetterOrDigit(c) || c == '.' || c == '_' || c == '-') {
                node.append((char) c);
            } else {
                node.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return node.toString();
    }

    /** The name of the region with this node name; null when no region has such a node. */
    static String fromNode(String node) {
        ByteBuffer bytes = ByteBuffer.allocate(node.length());
        for (int i = 0; i < node.length(); i++) {
            char c = node.charAt(i);
            if (c == '%' && i + 2 < node.length()) {
                int high = Character.digit(node.charAt(i + 1), 16);
                int low = Character.digit(node.charAt(i + 2), 16);
                bytes.put((byte) (high << 4 | low)); // a digit that is none shows below
                i += 2;
            } else {
                bytes.put((byte) c);
            }
        }
        String name = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        return toNode(name).equals(node) ? name : null;
    }

    /** A name for an error text: quoted, without control characters, not longer than a line. */
    static String quote(String name) {
        StringBuilder text = new StringBuilder("\"");
        name.codePoints()
                .limit(80)
                .forEach(c -> text.append(
                        Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
                                ? String.format("\\u%04x", c)
                                : Character.toString(c)));
        return text.append(name.codePointCount(0, name.length()) > 80 ? "...\"" : "\"")
                .toString();
    }

    private static String describe(int c) {
        return Character.isISOControl(c) || Character.isWhitespace(c) || !Character.isDefined(c)
                ? String.format("the character U+%04X", c)
                : "'" + Character.toString(c) + "'";
    }

    private static boolean isAsciiLetterOrDigit(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static ByteBuffer utf8(String name) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .encode(CharBuffer.wrap(name));
    }
}
