package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What one character of a page map stands for: the entry's bits (SPEC: V3), and for a page in its frame whether it is written
 * here.
 *
 * <p>Immutable; safe for use by any thread.
 */
enum PageKind {
    UNTOUCHED('.', "never written"),
    PRESENT('#', "present"),
    WRITTEN('w', "written here"),
    IN_PROGRESS('~', "in progress"),
    DISK('d', "on disk"),
    REMOTE('r', "on another host"),
    UNLISTED('?', "not listed");

    private final char sign;
    private final String words;

    PageKind(char sign, String words) {
        this.sign = sign;
        this.words = words;
    }

    char sign() {
        return sign;
    }

    String words() {
        return words;
    }

    /** The kind of the pages in a run of the daemon's answer. */
    static PageKind of(JsonNode run) {
        boolean present = false;
        boolean disk = false;
        boolean remote = false;
        for (JsonNode bit : run.path("bits")) {
            switch (bit.asText()) {
                case "inProgress" -> {
                    return IN_PROGRESS;
                }
                case "present" -> present = true;
                case "disk" -> disk = true;
                case "remote" -> remote = true;
                default -> {
                    // A bit of a newer daemon; those known here say where the page is.
                }
            }
        }
        if (present) {
            boolean written = run.path("right").asText().equals("write")
                    || run.path("state").asText().equals("exclusive");
            return written ? WRITTEN : PRESENT;
        }
        if (disk) {
            return run.path("value").asLong() == 0 ? UNTOUCHED : DISK;
        }
        return remote ? REMOTE : UNLISTED;
    }
}
