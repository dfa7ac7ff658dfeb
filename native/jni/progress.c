/*
 * Progress listeners. The library calls them in the thread that made the call, which came from Java, so this is an ordinary
 * call back; no lock of the library is held meanwhile. What a listener throws stays pending until the call has returned.
 */
#include "glue.h"

static jclass progress_class; /* keeps the method */
static jmethodID progressed;

int glue_load_progress(JNIEnv *env) {
    const jclass type = (*env)->FindClass(env, "io/pagewire/Progress");
    if (!type) {
        return -1;
    }
    progress_class = (*env)->NewGlobalRef(env, type);
    progressed = (*env)->GetMethodID(env, type, "progressed", "(JJ)V");
    return progress_class && progressed ? 0 : -1;
}

int glue_progressed(void *context, uint64_t done, uint64_t total) {
    const struct glue_progress *progress = context;
    JNIEnv *env = progress->env;
    (*env)->CallVoidMethod(env, progress->listener, progressed, (jlong)done, (jlong)total);
    return (*env)->ExceptionCheck(env);
}

int glue_check_progress(JNIEnv *env, enum glue_operation operation, int rc) {
    return (*env)->ExceptionCheck(env) ? rc : glue_check(env, operation, rc);
}

jbyteArray glue_warning(JNIEnv *env) {
    const char *text = pw_warning();
    return *text ? glue_bytes(env, text) : NULL;
}
