package io.pagewire.daemon.stream;

import io.pagewire.wire.FaultCause;

/**
 * What stands behind the causes for which a stream ended or a program was dropped, for the user who asks.
 *
 * <p>Belongs to the stream's event loop.
 */
final class Explanations {
    private final String[] texts = new String[FaultCause.values().length + 1];

    /** Remembers one clause; the newest counts. {@code cause}: 0 = the end of the stream, about which nobody asks. */
    void add(int cause, String text) {
        if (cause > 0 && cause < texts.length) {
            texts[cause] = text;
        }
    }

    /** As precise as is known. */
    String of(FaultCause cause) {
        String text = texts[cause.code()];
        return text == null ? cause.text() : text;
    }
}
