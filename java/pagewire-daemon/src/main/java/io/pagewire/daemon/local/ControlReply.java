package io.pagewire.daemon.local;

import io.pagewire.wire.LocalStatus;
import java.nio.charset.StandardCharsets;

/**
 * The answer to a control request. {@code a}, {@code b} and {@code c} are the fields of its header; {@code descriptors} are
 * passed on after the payload and stay open here.
 *
 * <p>Immutable; safe for use by any thread.
 */
public record ControlReply(LocalStatus status, long a, long b, int c, byte[] payload, int[] descriptors) {
    private static final byte[] NOTHING = new byte[0];
    private static final int[] NONE = new int[0];

    public static ControlReply ok() {
        return ok(0);
    }

    public static ControlReply ok(long a) {
        return new ControlReply(LocalStatus.OK, a, 0, 0, NOTHING, NONE);
    }

    /** @param warning what did not go quite as wanted; null = nothing */
    public static ControlReply ok(long a, String warning) {
        byte[] text = warning == null ? NOTHING : warning.getBytes(StandardCharsets.UTF_8);
        return new ControlReply(LocalStatus.OK, a, 0, 0, text, NONE);
    }

    /** @param state {@link io.pagewire.wire.LocalLayout#PROGRESS_RUNNING}, {@code LEAVING_RUNNING} and their like */
    public static ControlReply progress(long done, long total, int state, String text) {
        return new ControlReply(LocalStatus.OK, done, total, state, text.getBytes(StandardCharsets.UTF_8), NONE);
    }

    public static ControlReply text(String json) {
        return new ControlReply(LocalStatus.OK, 0, 0, 0, json.getBytes(StandardCharsets.UTF_8), NONE);
    }

    public static ControlReply mapped(byte[] mapReply, int frames, int leasePage) {
        return new ControlReply(LocalStatus.OK, 0, 0, 0, mapReply, new int[] {frames, leasePage});
    }

    public static ControlReply stream(byte[] streamReply, int frames) {
        return new ControlReply(LocalStatus.OK, 0, 0, 0, streamReply, new int[] {frames});
    }

    /** The text of a reply that failed. */
    public String reason() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    public static ControlReply failed(LocalStatus status, String reason) {
        return new ControlReply(status, 0, 0, 0, reason.getBytes(StandardCharsets.UTF_8), NONE);
    }
}
