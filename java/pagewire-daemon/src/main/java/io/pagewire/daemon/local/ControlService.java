package io.pagewire.daemon.local;

import java.util.concurrent.CompletionStage;

/**
 * What programs and administrators can ask of the daemon. Results may come from any thread; a failure is a {@link
 * ControlReply} with a status and one line of text, never an exceptional completion for something the caller did wrong.
 *
 * <p>Called on the control loop; must not block.
 */
public interface ControlService {
    long session();

    String host();

    int faultDeadlineMs();

    /** No request takes longer that moves no bytes. */
    long longestRequestMs();

    /** Null when this user may talk to the daemon, otherwise the reason why not. */
    String refuseUser(int uid);

    CompletionStage<ControlReply> create(LocalProcess by, String name, long size, int pageSize, boolean anyWriter);

    CompletionStage<ControlReply> export(
            LocalProcess by, String name, String path, int pageSize, boolean anyWriter, boolean resident);

    CompletionStage<ControlReply> delete(LocalProcess by, String name);

    CompletionStage<ControlReply> map(LocalProcess by, String name, MapOptions options);

    /** The mapping is gone when this answers; the reply says how many bytes that were written here are not at home. */
    CompletionStage<ControlReply> unmap(LocalProcess by, long token);

    /** What became of them; {@code withPages}: also which pages they are, from {@code fromPage} on. */
    CompletionStage<ControlReply> leaving(LocalProcess by, long token, long fromPage, boolean withPages);

    CompletionStage<ControlReply> force(LocalProcess by, long token, long firstPage, long pageCount);

    /** Of a preloaded mapping: sends what was changed home, or brings what changed there. The reply counts pages. */
    CompletionStage<ControlReply> publish(LocalProcess by, long token);

    CompletionStage<ControlReply> refresh(LocalProcess by, long token);

    /** How far a mapping (token) or, with token 0, a resident region of this host (name) is filled. */
    CompletionStage<ControlReply> progress(LocalProcess by, long token, String name);

    /**
     * Makes a frame stream and its producer's end in that program (SPEC: V12).
     *
     * @param frameSize bytes; unchecked
     * @param frames 2 to 16
     * @param dropMs how long a lossless consumer may hold the producer up; unchecked; 0 = the default
     * @param discard frames for which there is no consumer are let go
     */
    CompletionStage<ControlReply> publishFrames(
            LocalProcess by, String name, long frameSize, int frames, long dropMs, boolean discard);

    /** Makes a consumer's end in that program. {@code frames}: 2 to 16. */
    CompletionStage<ControlReply> subscribeFrames(LocalProcess by, String name, int frames, boolean latest);

    CompletionStage<ControlReply> query(LocalProcess by, String what);

    /** The mapping with this token, or null. */
    Mapping mapping(long token);

    /** The end of a stream with this token, or null. */
    StreamEnd streamEnd(long token);

    /** The program's control connection closed: what it asked for and never used is dropped. May be said more than once. */
    void disconnected(LocalProcess process);
}
