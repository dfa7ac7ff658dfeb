/* Loading of the library into a JVM, and the one way from -errno to a Java exception. */
#include "glue.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

JavaVM *glue_vm;

static jclass errors_class;
static jmethodID errors_make;
static jmethodID errors_page_fault;
static jmethodID errors_stream_lost;
static jmethodID errors_not_home;

jbyteArray glue_bytes(JNIEnv *env, const char *text) {
    const jsize length = (jsize)strlen(text);
    const jbyteArray bytes = (*env)->NewByteArray(env, length);
    if (bytes) {
        (*env)->SetByteArrayRegion(env, bytes, 0, length, (const jbyte *)text);
    }
    return bytes;
}

static void throw_made(JNIEnv *env, jobject error) {
    if (!(*env)->ExceptionCheck(env) && error) {
        (*env)->Throw(env, (jthrowable)error);
    }
}

int glue_check(JNIEnv *env, enum glue_operation operation, int rc) {
    if (rc >= 0) {
        return rc;
    }
    const jbyteArray text = glue_bytes(env, pw_error());
    if (!text) {
        return rc;
    }
    throw_made(env, (*env)->CallStaticObjectMethod(env, errors_class, errors_make, (jint)operation, (jint)-rc, text));
    return rc;
}

int glue_check_pages(JNIEnv *env, enum glue_operation operation, const struct pw_region *region, int rc) {
    uint64_t page = 0;
    const uint32_t cause = rc < 0 ? pw_error_cause(&page) : 0;
    if (cause == 0) {
        return glue_check(env, operation, rc);
    }
    throw_made(env, (*env)->CallStaticObjectMethod(env, errors_class, errors_page_fault, glue_handle(region), (jlong)page,
                                                   (jint)cause));
    return rc;
}

int glue_check_stream(JNIEnv *env, enum glue_operation operation, int rc) {
    uint64_t page;
    const uint32_t cause = rc < 0 ? pw_error_cause(&page) : 0;
    if (cause == 0) {
        return glue_check(env, operation, rc);
    }
    const jbyteArray text = glue_bytes(env, pw_error());
    if (text) {
        throw_made(env, (*env)->CallStaticObjectMethod(env, errors_class, errors_stream_lost, (jint)cause, text));
    }
    return rc;
}

void glue_throw_not_home(JNIEnv *env, const jlong *runs, jsize count) {
    const jbyteArray text = glue_bytes(env, pw_error());
    const jlongArray pages = text ? (*env)->NewLongArray(env, count) : NULL;
    if (pages) {
        (*env)->SetLongArrayRegion(env, pages, 0, count, runs);
        throw_made(env, (*env)->CallStaticObjectMethod(env, errors_class, errors_not_home, text, pages));
    }
}

char *glue_text(JNIEnv *env, jbyteArray bytes) {
    if (!bytes) {
        return NULL;
    }
    const jsize length = (*env)->GetArrayLength(env, bytes);
    char *text = malloc((size_t)length + 1);
    if (!text) {
        const jclass memory = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
        if (memory) {
            (*env)->ThrowNew(env, memory, "no native memory for the text of a request");
        }
        return NULL;
    }
    (*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte *)text);
    text[length] = 0;
    return text;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
    (void)reserved;
    JNIEnv *env;
    if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) != JNI_OK) {
        return JNI_ERR;
    }
    glue_vm = vm;
    const jclass errors = (*env)->FindClass(env, "io/pagewire/internal/Errors");
    if (!errors) {
        return JNI_ERR;
    }
    errors_class = (*env)->NewGlobalRef(env, errors);
    errors_make =
        (*env)->GetStaticMethodID(env, errors, "fromNative", "(II[B)Lio/pagewire/PagewireException;");
    errors_page_fault = (*env)->GetStaticMethodID(env, errors, "pageFault", "(JJI)Lio/pagewire/PagewireException;");
    errors_stream_lost = (*env)->GetStaticMethodID(env, errors, "streamLost", "(I[B)Lio/pagewire/PagewireException;");
    errors_not_home = (*env)->GetStaticMethodID(env, errors, "notHome", "([B[J)Lio/pagewire/PagewireException;");
    if (!errors_class || !errors_make || !errors_page_fault || !errors_stream_lost || !errors_not_home || glue_load_events(env) < 0 ||
        glue_load_failures(env) < 0 || glue_load_progress(env) < 0) {
        return JNI_ERR;
    }
    pw_set_failure_mode(PW_FAIL_RECORD);
    return JNI_VERSION_1_8;
}
