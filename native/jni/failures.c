/*
 * Failed faults on their way to Java: the questions of the accessors, and the delivery of an exception to a thread that used
 * a raw buffer, by JVMTI StopThread.
 *
 * A failure carries the JNIEnv of the thread that faulted: GetEnv reads a thread-local of the JVM and may be called in a
 * signal handler.
 *
 * An exception speaks for what its thread failed on before it was thrown, and only when those pages had been armed again by
 * then: what the thread does next must not find a page of zeros that it will never hear of. So failures are settled with the
 * thread suspended, before StopThread, and again for as long as the thread, suspended, has not noticed its exception. Whatever
 * it fails on beyond that is told by an exception of its own.
 */
#include "threads.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"

static jfieldID thread_interrupted;

static void *current_env(void) {
    void *env = NULL;
    return (*glue_vm)->GetEnv(glue_vm, &env, JNI_VERSION_1_8) == JNI_OK ? env : NULL;
}

int glue_load_failures(JNIEnv *env) {
    const jclass thread = (*env)->FindClass(env, "java/lang/Thread");
    if (!thread) {
        return -1;
    }
    thread_interrupted = (*env)->GetFieldID(env, thread, "interrupted", "Z");
    (*env)->ExceptionClear(env);
    pw_failure_set_ident(current_env);
    return 0;
}

/* True when com.sun.jna.Native is loaded and initialised by any class loader and says that it is in protected mode. Looks at
 * loaded classes only, so that asking loads nothing. */
JNIEXPORT jboolean JNICALL NATIVE(jnaProtected)(JNIEnv *env, jclass type) {
    (void)type;
    jint count = 0;
    jclass *classes = NULL;
    jboolean answer = JNI_FALSE;
    if (!threads_jvmti || (*threads_jvmti)->GetLoadedClasses(threads_jvmti, &count, &classes) != JVMTI_ERROR_NONE) {
        return JNI_FALSE;
    }
    (*env)->EnsureLocalCapacity(env, count + 16);
    for (jint i = 0; i < count; i++) {
        char *signature = NULL;
        if (!answer && (*threads_jvmti)->GetClassSignature(threads_jvmti, classes[i], &signature, NULL) == JVMTI_ERROR_NONE) {
            jint status = 0;
            if (strcmp(signature, "Lcom/sun/jna/Native;") == 0 &&
                (*threads_jvmti)->GetClassStatus(threads_jvmti, classes[i], &status) == JVMTI_ERROR_NONE &&
                (status & JVMTI_CLASS_STATUS_INITIALIZED)) {
                const jmethodID method = (*env)->GetStaticMethodID(env, classes[i], "isProtected", "()Z");
                if (method) {
                    answer = (*env)->CallStaticBooleanMethod(env, classes[i], method);
                }
                (*env)->ExceptionClear(env);
            }
            (*threads_jvmti)->Deallocate(threads_jvmti, (unsigned char *)signature);
        }
        (*env)->DeleteLocalRef(env, classes[i]);
    }
    (*threads_jvmti)->Deallocate(threads_jvmti, (unsigned char *)classes);
    return answer;
}

/* The fields of io.pagewire.internal.FailureRecord, in its order. */
#define FIELDS 10

static void fill(JNIEnv *env, jlongArray out, jsize at, const struct pw_untold *untold) {
    const struct pw_failure *failure = &untold->failure;
    const jlong values[FIELDS] = {
        (jlong)failure->id,
        glue_handle(failure->region),
        (jlong)failure->page,
        (jlong)failure->cause,
        (jlong)failure->thread,
        glue_handle(failure->ident),
        glue_handle(untold->slot),
        (jlong)untold->ticket,
        (jlong)untold->age_ns,
        (jlong)untold->count,
    };
    (*env)->SetLongArrayRegion(env, out, at * FIELDS, FIELDS, values);
}

JNIEXPORT jint JNICALL NATIVE(failureCheck)(JNIEnv *env, jclass type, jlong region, jlong offset, jlong length, jlong before,
                                            jlongArray out) {
    (void)type;
    struct pw_untold untold = {0};
    const int verdict =
        pw_failure_check(glue_region(region), (uint64_t)offset, (uint64_t)length, (uint64_t)before, &untold.failure);
    if (verdict != 0) {
        fill(env, out, 0, &untold);
    }
    return verdict;
}

JNIEXPORT void JNICALL NATIVE(failureRearm)(JNIEnv *env, jclass type, jlong region, jlong id) {
    (void)env, (void)type;
    pw_failure_rearm(glue_region(region), (uint64_t)id);
}

JNIEXPORT void JNICALL NATIVE(untoldAwait)(JNIEnv *env, jclass type, jint timeout_ms) {
    (void)env, (void)type;
    pw_untold_await(timeout_ms);
}

JNIEXPORT jint JNICALL NATIVE(untoldList)(JNIEnv *env, jclass type, jlongArray out) {
    (void)type;
    const jsize room = (*env)->GetArrayLength(env, out) / FIELDS;
    struct pw_untold *all = calloc((size_t)room, sizeof *all);
    if (!all) {
        return 0; /* seen again in a moment */
    }
    const uint32_t count = pw_untold_list(all, (uint32_t)room);
    for (jsize i = 0; i < room && (uint32_t)i < count; i++) {
        fill(env, out, i, &all[i]);
    }
    free(all);
    return (jint)count;
}

JNIEXPORT jboolean JNICALL NATIVE(untoldClaim)(JNIEnv *env, jclass type, jlong slot, jlong ticket) {
    (void)env, (void)type;
    return pw_untold_claim((void *)(intptr_t)slot, (uint64_t)ticket) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jboolean JNICALL NATIVE(untoldWant)(JNIEnv *env, jclass type, jlong slot, jlong ticket) {
    (void)env, (void)type;
    return pw_untold_want((void *)(intptr_t)slot, (uint64_t)ticket) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT void JNICALL NATIVE(failureSettle)(JNIEnv *env, jclass type, jlong region, jint kernel_thread) {
    (void)env, (void)type;
    pw_failure_settle(glue_region(region), kernel_thread);
}

static int interrupted(JNIEnv *env, jobject thread) {
    return thread_interrupted && (*env)->GetBooleanField(env, thread, thread_interrupted);
}

static void clear_interrupt(JNIEnv *env, jobject thread) {
    if (thread_interrupted) {
        (*env)->SetBooleanField(env, thread, thread_interrupted, JNI_FALSE);
    }
}

/* The outcomes of io.pagewire.internal.Recipient.Outcome, in its order. */
enum outcome { DELIVERED, WAKING, CLAIMED, LIBRARY, NATIVE_CODE, UNREACHABLE };

/* Flags of failureDeliver; the other half stands in Recipient. */
#define SPARE_LIBRARY 1
#define SPARE_NATIVE 2

/* What a delivery is about. The mappings are all there ever were. */
struct delivery {
    jobject thread;
    void *slot;
    uint64_t ticket;
    int32_t kernel_thread;
    const jlong *mappings;
    jsize count;
};

static void settle(const struct delivery *delivery) {
    for (jsize i = 0; i < delivery->count; i++) {
        pw_failure_settle(glue_region(delivery->mappings[i]), delivery->kernel_thread);
    }
}

static enum outcome deliver(JNIEnv *env, const struct delivery *delivery, jobject exception, jint flags) {
    const jobject thread = delivery->thread;
    jint state = 0;
    if ((*threads_jvmti)->GetThreadState(threads_jvmti, thread, &state) != JVMTI_ERROR_NONE ||
        !(state & JVMTI_THREAD_STATE_ALIVE)) {
        return pw_untold_claim(delivery->slot, delivery->ticket) ? UNREACHABLE : CLAIMED;
    }
    if (flags & SPARE_NATIVE && state & JVMTI_THREAD_STATE_IN_NATIVE) {
        return NATIVE_CODE;
    }
    const enum threads_place place = threads_place_of(env, thread);
    if (place == THREADS_IN_INTERNAL || (flags & SPARE_LIBRARY && place == THREADS_IN_LIBRARY)) {
        return LIBRARY;
    }
    if (!pw_untold_claim(delivery->slot, delivery->ticket)) {
        return CLAIMED;
    }
    settle(delivery);
    const int was_interrupted = interrupted(env, thread);
    if ((*threads_jvmti)->StopThread(threads_jvmti, thread, exception) != JVMTI_ERROR_NONE) {
        return UNREACHABLE;
    }
    if (was_interrupted) {
        return DELIVERED;
    }
    /* Sleep and wait go on unless they find the flag set, and clear it when they do. Any other wait ends by being unparked. */
    if (state & (JVMTI_THREAD_STATE_SLEEPING | JVMTI_THREAD_STATE_IN_OBJECT_WAIT)) {
        return WAKING;
    }
    clear_interrupt(env, thread);
    return DELIVERED;
}

JNIEXPORT jint JNICALL NATIVE(failureDeliver)(JNIEnv *env, jclass type, jobject thread, jobject exception, jlong slot,
                                              jlong ticket, jint kernel_thread, jlongArray handles, jint flags) {
    (void)type;
    struct delivery delivery = {
        .thread = thread,
        .slot = (void *)(intptr_t)slot,
        .ticket = (uint64_t)ticket,
        .kernel_thread = kernel_thread,
        .count = (*env)->GetArrayLength(env, handles),
    };
    jlong *mappings = (*env)->GetLongArrayElements(env, handles, NULL);
    if (!mappings) {
        return LIBRARY; /* no memory; an error is pending, and a later attempt may have some */
    }
    delivery.mappings = mappings;
    const int suspended = threads_suspend(thread);
    const enum outcome outcome = deliver(env, &delivery, exception, flags);
    if (suspended) {
        threads_resume(env, thread);
    }
    (*env)->ReleaseLongArrayElements(env, handles, mappings, JNI_ABORT);
    return (jint)outcome;
}

JNIEXPORT jboolean JNICALL NATIVE(failureUnnoticed)(JNIEnv *env, jclass type, jobject thread, jlong slot, jint kernel_thread,
                                                    jlongArray handles) {
    (void)type;
    struct delivery delivery = {
        .thread = thread, .kernel_thread = kernel_thread, .count = (*env)->GetArrayLength(env, handles)};
    jlong *mappings = (*env)->GetLongArrayElements(env, handles, NULL);
    if (!mappings) {
        return JNI_FALSE; /* an error is pending */
    }
    delivery.mappings = mappings;
    int unnoticed = 0;
    if (threads_suspend(thread)) {
        unnoticed = threads_exception_unnoticed(env, thread);
        if (unnoticed) {
            if (slot != 0) {
                (void)pw_untold_claim_any((void *)(intptr_t)slot);
            }
            settle(&delivery);
        }
        threads_resume(env, thread);
    }
    (*env)->ReleaseLongArrayElements(env, handles, mappings, JNI_ABORT);
    return unnoticed ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jboolean JNICALL NATIVE(isInterrupted)(JNIEnv *env, jclass type, jobject thread) {
    (void)type;
    return interrupted(env, thread) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT void JNICALL NATIVE(clearInterrupt)(JNIEnv *env, jclass type, jobject thread) {
    (void)type;
    clear_interrupt(env, thread);
}
