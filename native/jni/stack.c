/* The stack of one thread as Java shows it. Thread.getStackTrace stops all threads for that before JDK 20, and a thread that is
 * in a page fault would keep them all stopped; JVMTI waits for the one thread only. */
#include "threads.h"

#include <string.h>

#define MOST_FRAMES 256
#define NATIVE_METHOD (-2) /* in the place of a line number, as StackTraceElement has it */

static jclass element_class;
static jmethodID element_new;

int glue_load_stack(JNIEnv *env) {
    const jclass type = (*env)->FindClass(env, "java/lang/StackTraceElement");
    if (!type) {
        return -1;
    }
    element_class = (*env)->NewGlobalRef(env, type);
    element_new =
        (*env)->GetMethodID(env, type, "<init>", "(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;I)V");
    return element_class && element_new ? 0 : -1;
}

static void release(void *memory) {
    if (memory) {
        (*threads_jvmti)->Deallocate(threads_jvmti, memory);
    }
}

static jint line_of(const jvmtiFrameInfo *frame) {
    jboolean is_native = JNI_FALSE;
    jint count = 0, line = -1;
    jvmtiLineNumberEntry *table = NULL;
    (*threads_jvmti)->IsMethodNative(threads_jvmti, frame->method, &is_native);
    if (is_native) {
        return NATIVE_METHOD;
    }
    if ((*threads_jvmti)->GetLineNumberTable(threads_jvmti, frame->method, &count, &table) != JVMTI_ERROR_NONE) {
        return line;
    }
    jlocation best = -1;
    for (jint i = 0; i < count; i++) {
        if (table[i].start_location <= frame->location && table[i].start_location > best) {
            best = table[i].start_location;
            line = table[i].line_number;
        }
    }
    release(table);
    return line;
}

/* "Ljava/lang/Thread;" becomes "java.lang.Thread", in place. */
static const char *as_name(char *signature) {
    const size_t length = strlen(signature);
    for (char *at = signature; *at; at++) {
        *at = *at == '/' ? '.' : *at;
    }
    if (length > 1 && signature[length - 1] == ';') {
        signature[length - 1] = 0;
    }
    return signature[0] == 'L' ? signature + 1 : signature;
}

/* NULL when the method is gone, or with an exception pending. */
static jobject element_of(JNIEnv *env, const jvmtiFrameInfo *frame) {
    jclass type = NULL;
    char *signature = NULL, *method = NULL, *file = NULL;
    jobject element = NULL;
    if ((*threads_jvmti)->GetMethodDeclaringClass(threads_jvmti, frame->method, &type) == JVMTI_ERROR_NONE &&
        (*threads_jvmti)->GetClassSignature(threads_jvmti, type, &signature, NULL) == JVMTI_ERROR_NONE &&
        (*threads_jvmti)->GetMethodName(threads_jvmti, frame->method, &method, NULL, NULL) == JVMTI_ERROR_NONE) {
        (*threads_jvmti)->GetSourceFileName(threads_jvmti, type, &file);
        const jstring of = (*env)->NewStringUTF(env, as_name(signature));
        const jstring name = of ? (*env)->NewStringUTF(env, method) : NULL;
        const jstring source = name && file ? (*env)->NewStringUTF(env, file) : NULL;
        if (!(*env)->ExceptionCheck(env)) {
            element = (*env)->NewObject(env, element_class, element_new, of, name, source, line_of(frame));
        }
    }
    release(signature);
    release(method);
    release(file);
    return element;
}

JNIEXPORT jobjectArray JNICALL NATIVE(stack)(JNIEnv *env, jclass type, jobject thread) {
    (void)type;
    jvmtiFrameInfo frames[MOST_FRAMES];
    jint count = 0;
    if (!threads_jvmti ||
        (*threads_jvmti)->GetStackTrace(threads_jvmti, thread, 0, MOST_FRAMES, frames, &count) != JVMTI_ERROR_NONE) {
        return NULL;
    }
    jobjectArray all = (*env)->NewObjectArray(env, count, element_class, NULL);
    for (jint i = 0; all && i < count; i++) {
        if ((*env)->PushLocalFrame(env, 8) != 0) {
            return NULL;
        }
        const jobject element = element_of(env, &frames[i]);
        if (element) {
            (*env)->SetObjectArrayElement(env, all, i, element);
        }
        (*env)->PopLocalFrame(env, NULL);
        if (!element) {
            return NULL; /* half a stack would mislead */
        }
    }
    return all;
}
