package io.pagewire.daemon.circuit;

import io.pagewire.daemon.fuzz.Apparatus;

/**
 * What a client says first, and how inputs are put together: control bytes, then a stream.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class CallTalk {
    private CallTalk() {}

    /** A call for reading, on demand. */
    public static void call(Circuit circuit) {
        call(circuit, 1, 1, false);
    }

    public static void call(Circuit circuit, int sharingType, int right, boolean handsBack) {
        long span = (long) Apparatus.PAGES * Apparatus.PAGE;
        new SetupRequest(
                        77,
                        7,
                        0x6600_0020_0000L,
                        span,
                        Apparatus.PAGE,
                        1000,
                        Apparatus.INCARNATION,
                        sharingType,
                        right,
                        0,
                        1000,
                        handsBack,
                        0,
                        "b",
                        "prices")
                .send(circuit);
    }

    /** A control byte and a stream. */
    public static byte[] with(int control, byte[] stream) {
        byte[] input = new byte[stream.length + 1];
        input[0] = (byte) control;
        System.arraycopy(stream, 0, input, 1, stream.length);
        return input;
    }
}
