/*
 * glue.h - what the JNI files share. Every native method stands in io.pagewire.internal.Native; errors leave C as
 * exceptions that io.pagewire.internal.Errors makes out of an operation, an errno and the text of pw_error().
 */
#ifndef PAGEWIRE_JNI_GLUE_H
#define PAGEWIRE_JNI_GLUE_H

#include <jni.h>
#include <stdint.h>

#include "pagewire/pagewire.h"

#define NATIVE(name) Java_io_pagewire_internal_Native_##name

/* The operations of io.pagewire.internal.Errors.Operation, in its order. A Java test compares names and order. */
enum glue_operation {
    GLUE_CONNECT,
    GLUE_CREATE,
    GLUE_EXPORT,
    GLUE_DELETE,
    GLUE_MAP,
    GLUE_UNMAP,
    GLUE_PREFETCH,
    GLUE_PIN,
    GLUE_UNPIN,
    GLUE_FORCE,
    GLUE_PUBLISH,
    GLUE_REFRESH,
    GLUE_STATS,
    GLUE_QUERY,
    GLUE_LISTEN,
    GLUE_PUBLISH_FRAMES,
    GLUE_SUBSCRIBE_FRAMES,
    GLUE_SWAP,
    GLUE_DRAIN,
    GLUE_NEXT,
};

extern JavaVM *glue_vm;

/* Throws the exception for rc < 0 (a negative errno) with the text of pw_error(); nothing for rc >= 0. Gives rc back. */
int glue_check(JNIEnv *env, enum glue_operation operation, int rc);

/* The same for operations that touch pages: when a page could not be served, throws what an access to it would throw. */
int glue_check_pages(JNIEnv *env, enum glue_operation operation, const struct pw_region *region, int rc);

/* Throws what says that these pages (first and count in turn) are not home, with the text of pw_error(). */
void glue_throw_not_home(JNIEnv *env, const jlong *runs, jsize count);

/* The same for an open stream: when it is over, throws what says how it was lost. */
int glue_check_stream(JNIEnv *env, enum glue_operation operation, int rc);

/* The same for calls with a progress listener: what the listener threw is what the caller gets. */
int glue_check_progress(JNIEnv *env, enum glue_operation operation, int rc);

/* A progress function of the C library whose context is a struct glue_progress. It calls the listener, and ends the call when
 * that throws. */
struct glue_progress {
    JNIEnv *env;
    jobject listener; /* io.pagewire.Progress, or NULL */
};
int glue_progressed(void *context, uint64_t done, uint64_t total);

/* A new Java byte array with the library's warning, or NULL: there is none, or an exception is pending. */
jbyteArray glue_warning(JNIEnv *env);

/* A new Java byte array with the text; NULL with an exception pending when memory ran out. */
jbyteArray glue_bytes(JNIEnv *env, const char *text);

/* Copies a Java byte array (UTF-8 with a closing zero byte) to the heap; NULL for a null array, or with an exception pending
 * when memory ran out. The caller frees it. */
char *glue_text(JNIEnv *env, jbyteArray bytes);

/* Pieces of JNI_OnLoad, one a file; each returns 0, or -1 with an exception pending. */
int glue_load_events(JNIEnv *env);
int glue_load_failures(JNIEnv *env);
int glue_load_progress(JNIEnv *env);

static inline struct pw_region *glue_region(jlong handle) { return (struct pw_region *)(intptr_t)handle; }
static inline struct pw_client *glue_client(jlong handle) { return (struct pw_client *)(intptr_t)handle; }
static inline jlong glue_handle(const void *pointer) { return (jlong)(intptr_t)pointer; }

#endif
