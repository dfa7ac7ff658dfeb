/* Native methods of both ends of a frame stream. Those that wait do so in JNI native state, so they hold up no safepoint. */
#include "glue.h"

#include <errno.h>
#include <stdlib.h>

static struct pw_writer *writer_of(jlong handle) { return (struct pw_writer *)(intptr_t)handle; }
static struct pw_reader *reader_of(jlong handle) { return (struct pw_reader *)(intptr_t)handle; }

/* 0, or -1 with an exception pending: then the caller would never hear of the stream. */
static int hand_out_warning(JNIEnv *env, jobjectArray warning) {
    const jbyteArray words = glue_warning(env);
    if (words) {
        (*env)->SetObjectArrayElement(env, warning, 0, words);
    }
    return (*env)->ExceptionCheck(env) ? -1 : 0;
}

JNIEXPORT jlong JNICALL NATIVE(publishFrames)(JNIEnv *env, jclass type, jlong client, jbyteArray name, jlong frame_size,
                                              jint frames, jint flags, jint deadline_ms, jint drop_ms,
                                              jobjectArray warning) {
    (void)type;
    struct pw_writer *writer = NULL;
    const struct pw_stream_options options = {
        .frame_size = (uint64_t)frame_size,
        .frames = (uint32_t)frames,
        .flags = (uint32_t)flags,
        .deadline_ms = (uint32_t)deadline_ms,
        .drop_ms = (uint32_t)drop_ms,
    };
    char *text = glue_text(env, name);
    if (text &&
        glue_check(env, GLUE_PUBLISH_FRAMES, pw_publish_frames(glue_client(client), text, &options, &writer)) == 0 &&
        hand_out_warning(env, warning) < 0) {
        pw_writer_close(writer);
        writer = NULL;
    }
    free(text);
    return glue_handle(writer);
}

JNIEXPORT jlong JNICALL NATIVE(subscribeFrames)(JNIEnv *env, jclass type, jlong client, jbyteArray name, jint frames,
                                                jint flags, jint wait_ms, jint deadline_ms, jobjectArray warning) {
    (void)type;
    struct pw_reader *reader = NULL;
    const struct pw_stream_options options = {
        .frames = (uint32_t)frames,
        .flags = (uint32_t)flags,
        .wait_ms = (uint32_t)wait_ms,
        .deadline_ms = (uint32_t)deadline_ms,
    };
    char *text = glue_text(env, name);
    if (text &&
        glue_check(env, GLUE_SUBSCRIBE_FRAMES, pw_subscribe_frames(glue_client(client), text, &options, &reader)) == 0 &&
        hand_out_warning(env, warning) < 0) {
        pw_reader_close(reader);
        reader = NULL;
    }
    free(text);
    return glue_handle(reader);
}

JNIEXPORT jobject JNICALL NATIVE(writerWindow)(JNIEnv *env, jclass type, jlong writer) {
    (void)type;
    return (*env)->NewDirectByteBuffer(env, pw_writer_window(writer_of(writer)), (jlong)pw_writer_size(writer_of(writer)));
}

JNIEXPORT jobject JNICALL NATIVE(readerWindow)(JNIEnv *env, jclass type, jlong reader) {
    (void)type;
    void *window = (void *)(uintptr_t)pw_reader_window(reader_of(reader));
    return (*env)->NewDirectByteBuffer(env, window, (jlong)pw_reader_size(reader_of(reader)));
}

JNIEXPORT jlong JNICALL NATIVE(writerAddress)(JNIEnv *env, jclass type, jlong writer) {
    (void)env, (void)type;
    return glue_handle(pw_writer_window(writer_of(writer)));
}

JNIEXPORT jlong JNICALL NATIVE(readerAddress)(JNIEnv *env, jclass type, jlong reader) {
    (void)env, (void)type;
    return glue_handle(pw_reader_window(reader_of(reader)));
}

JNIEXPORT jint JNICALL NATIVE(swap)(JNIEnv *env, jclass type, jlong writer, jlong length, jint timeout_ms) {
    (void)type;
    const int rc = pw_swap(writer_of(writer), (uint64_t)length, timeout_ms);
    if (rc == -ETIMEDOUT && timeout_ms >= 0) {
        return 0;
    }
    return glue_check_stream(env, GLUE_SWAP, rc) == 0 ? 1 : rc;
}

JNIEXPORT jint JNICALL NATIVE(drain)(JNIEnv *env, jclass type, jlong writer, jint timeout_ms) {
    (void)type;
    return glue_check_stream(env, GLUE_DRAIN, pw_drain(writer_of(writer), timeout_ms));
}

JNIEXPORT jint JNICALL NATIVE(next)(JNIEnv *env, jclass type, jlong reader, jlongArray out, jint timeout_ms) {
    (void)type;
    struct pw_frame frame;
    const int rc = glue_check_stream(env, GLUE_NEXT, pw_next(reader_of(reader), &frame, timeout_ms));
    if (rc == 1) {
        const jlong values[] = {(jlong)frame.number, (jlong)frame.length, (jlong)frame.time_ns, (jlong)frame.skipped};
        (*env)->SetLongArrayRegion(env, out, 0, (jsize)(sizeof values / sizeof *values), values);
    }
    return rc;
}

static void fill(JNIEnv *env, jlongArray out, const struct pw_stream_stats *stats) {
    const jlong values[] = {
        (jlong)stats->frames,  (jlong)stats->bytes,   (jlong)stats->skipped,     (jlong)stats->waits,
        (jlong)stats->wait_ns, (jlong)stats->swap_ns, (jlong)stats->swap_max_ns, (jlong)stats->retries,
    };
    (*env)->SetLongArrayRegion(env, out, 0, (jsize)(sizeof values / sizeof *values), values);
}

JNIEXPORT void JNICALL NATIVE(writerStats)(JNIEnv *env, jclass type, jlong writer, jlongArray out) {
    (void)type;
    struct pw_stream_stats stats;
    pw_writer_stats(writer_of(writer), &stats);
    fill(env, out, &stats);
}

JNIEXPORT void JNICALL NATIVE(readerStats)(JNIEnv *env, jclass type, jlong reader, jlongArray out) {
    (void)type;
    struct pw_stream_stats stats;
    pw_reader_stats(reader_of(reader), &stats);
    fill(env, out, &stats);
}

JNIEXPORT void JNICALL NATIVE(closeWriter)(JNIEnv *env, jclass type, jlong writer) {
    (void)env, (void)type;
    pw_writer_close(writer_of(writer));
}

JNIEXPORT void JNICALL NATIVE(abandonWriter)(JNIEnv *env, jclass type, jlong writer) {
    (void)env, (void)type;
    pw_writer_abandon(writer_of(writer));
}

JNIEXPORT void JNICALL NATIVE(closeReader)(JNIEnv *env, jclass type, jlong reader) {
    (void)env, (void)type;
    pw_reader_close(reader_of(reader));
}
