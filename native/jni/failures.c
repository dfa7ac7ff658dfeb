/*
 * Failed faults on their way to Java: the questions of the accessors, and the delivery of an exception to a thread that used
 * a raw buffer, by JVMTI StopThread.
 *
 * A failure carries the JNIEnv of the thread that faulted: GetEnv reads a thread-local of the JVM and may be called in a
 * signal handler. HotSpot keeps the address of its own thread structure in java.lang.Thread.eetop, and the JNIEnv lies in
 * that structure at an offset that is the same for all threads; it is measured once on a thread that is known.
 */
#include "glue.h"

#include <jvmti.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "failure.h"

static jvmtiEnv *jvmti;
static jfieldID thread_eetop;
static jfieldID thread_interrupted;
static jclass carrier_class;
static intptr_t env_offset;
static int can_deliver;
static int can_suspend;

static void *current_env(void) {
    void *env = NULL;
    return (*glue_vm)->GetEnv(glue_vm, &env, JNI_VERSION_1_8) == JNI_OK ? env : NULL;
}

int glue_load_failures(JNIEnv *env) {
    const jclass thread = (*env)->FindClass(env, "java/lang/Thread");
    if (!thread) {
        return -1;
    }
    thread_eetop = (*env)->GetFieldID(env, thread, "eetop", "J");
    (*env)->ExceptionClear(env); /* not HotSpot: raw buffers then get no exception, the accessors do */
    thread_interrupted = (*env)->GetFieldID(env, thread, "interrupted", "Z");
    (*env)->ExceptionClear(env);
    const jclass carrier = (*env)->FindClass(env, "jdk/internal/misc/CarrierThread"); /* since 20 */
    (*env)->ExceptionClear(env);
    if (carrier) {
        carrier_class = (*env)->NewGlobalRef(env, carrier);
    }
    if ((*glue_vm)->GetEnv(glue_vm, (void **)&jvmti, JVMTI_VERSION_11) == JNI_OK) {
        jvmtiCapabilities wanted;
        memset(&wanted, 0, sizeof wanted);
        wanted.can_signal_thread = 1;
        can_deliver = thread_eetop && (*jvmti)->AddCapabilities(jvmti, &wanted) == JVMTI_ERROR_NONE;
        /* Only one agent of a JVM may have this: under a debugger we do without. */
        memset(&wanted, 0, sizeof wanted);
        wanted.can_suspend = 1;
        can_suspend = (*jvmti)->AddCapabilities(jvmti, &wanted) == JVMTI_ERROR_NONE;
    }
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
    if (!jvmti || (*jvmti)->GetLoadedClasses(jvmti, &count, &classes) != JVMTI_ERROR_NONE) {
        return JNI_FALSE;
    }
    (*env)->EnsureLocalCapacity(env, count + 16);
    for (jint i = 0; i < count; i++) {
        char *signature = NULL;
        if (!answer && (*jvmti)->GetClassSignature(jvmti, classes[i], &signature, NULL) == JVMTI_ERROR_NONE) {
            jint status = 0;
            if (strcmp(signature, "Lcom/sun/jna/Native;") == 0 &&
                (*jvmti)->GetClassStatus(jvmti, classes[i], &status) == JVMTI_ERROR_NONE &&
                (status & JVMTI_CLASS_STATUS_INITIALIZED)) {
                const jmethodID method = (*env)->GetStaticMethodID(env, classes[i], "isProtected", "()Z");
                if (method) {
                    answer = (*env)->CallStaticBooleanMethod(env, classes[i], method);
                }
                (*env)->ExceptionClear(env);
            }
            (*jvmti)->Deallocate(jvmti, (unsigned char *)signature);
        }
        (*env)->DeleteLocalRef(env, classes[i]);
    }
    (*jvmti)->Deallocate(jvmti, (unsigned char *)classes);
    return answer;
}

static void fill(JNIEnv *env, jlongArray out, const struct pw_failure *failure) {
    const jlong values[] = {
        (jlong)failure->id,    glue_handle(failure->region), (jlong)failure->page,
        (jlong)failure->cause, (jlong)failure->thread,       glue_handle(failure->ident),
    };
    (*env)->SetLongArrayRegion(env, out, 0, (jsize)(sizeof values / sizeof *values), values);
}

JNIEXPORT jint JNICALL NATIVE(failureCheck)(JNIEnv *env, jclass type, jlong region, jlong offset, jlong length, jlong before,
                                            jlongArray out) {
    (void)type;
    struct pw_failure failure = {0};
    const int verdict =
        pw_failure_check(glue_region(region), (uint64_t)offset, (uint64_t)length, (uint64_t)before, &failure);
    if (verdict != 0) {
        fill(env, out, &failure);
    }
    return verdict;
}

JNIEXPORT jboolean JNICALL NATIVE(failureNext)(JNIEnv *env, jclass type, jlongArray out, jint timeout_ms) {
    (void)type;
    struct pw_failure failure = {0};
    if (pw_failure_next(&failure, timeout_ms) != 1) {
        return JNI_FALSE;
    }
    fill(env, out, &failure);
    return JNI_TRUE;
}

JNIEXPORT jboolean JNICALL NATIVE(failureClaim)(JNIEnv *env, jclass type, jlong region, jlong id) {
    (void)env, (void)type;
    return pw_failure_claim(glue_region(region), (uint64_t)id) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT void JNICALL NATIVE(failureSettle)(JNIEnv *env, jclass type, jlong region, jint kernel_thread) {
    (void)env, (void)type;
    pw_failure_settle(glue_region(region), kernel_thread);
}

JNIEXPORT void JNICALL NATIVE(failureRearm)(JNIEnv *env, jclass type, jlong region, jlong id) {
    (void)env, (void)type;
    pw_failure_rearm(glue_region(region), (uint64_t)id);
}

JNIEXPORT jboolean JNICALL NATIVE(calibrate)(JNIEnv *env, jclass type, jobject current_platform_thread) {
    (void)type;
    if (!can_deliver) {
        return JNI_FALSE;
    }
    const jlong structure = (*env)->GetLongField(env, current_platform_thread, thread_eetop);
    if (structure == 0) {
        return JNI_FALSE;
    }
    env_offset = (intptr_t)env - (intptr_t)structure;
    return JNI_TRUE;
}

/* The Java thread of a failure, or NULL: it has ended, never was a Java thread, or carries a virtual thread, which
 * StopThread does not reach. */
JNIEXPORT jobject JNICALL NATIVE(findThread)(JNIEnv *env, jclass type, jlong ident, jint kernel_thread) {
    (void)type;
    jint count = 0;
    jthread *threads = NULL;
    jobject found = NULL;
    /* A thread that has ended may have left its structure's address to a new one, which must not be hit. */
    if (!can_deliver || ident == 0 || syscall(SYS_tgkill, getpid(), (pid_t)kernel_thread, 0) != 0 ||
        (*jvmti)->GetAllThreads(jvmti, &count, &threads) != JVMTI_ERROR_NONE) {
        return NULL;
    }
    for (jint i = 0; i < count; i++) {
        const jlong structure = (*env)->GetLongField(env, threads[i], thread_eetop);
        if (!found && structure != 0 && (intptr_t)structure + env_offset == (intptr_t)ident &&
            !(carrier_class && (*env)->IsInstanceOf(env, threads[i], carrier_class))) {
            found = threads[i];
        } else {
            (*env)->DeleteLocalRef(env, threads[i]);
        }
    }
    (*jvmti)->Deallocate(jvmti, (unsigned char *)threads);
    return found;
}

JNIEXPORT jboolean JNICALL NATIVE(suspendThread)(JNIEnv *env, jclass type, jobject thread) {
    (void)env, (void)type;
    return can_suspend && (*jvmti)->SuspendThread(jvmti, thread) == JVMTI_ERROR_NONE ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT void JNICALL NATIVE(resumeThread)(JNIEnv *env, jclass type, jobject thread) {
    (void)type;
    const jvmtiError error = (*jvmti)->ResumeThread(jvmti, thread);
    if (error != JVMTI_ERROR_NONE && error != JVMTI_ERROR_THREAD_NOT_ALIVE) {
        char text[] = "pagewire: a thread that was suspended for a moment cannot be resumed";
        (*env)->FatalError(env, text); /* it would hang for ever without a word */
    }
}

JNIEXPORT jboolean JNICALL NATIVE(isInterrupted)(JNIEnv *env, jclass type, jobject thread) {
    (void)type;
    return thread_interrupted ? (*env)->GetBooleanField(env, thread, thread_interrupted) : JNI_FALSE;
}

JNIEXPORT void JNICALL NATIVE(clearInterrupt)(JNIEnv *env, jclass type, jobject thread) {
    (void)type;
    if (thread_interrupted) {
        (*env)->SetBooleanField(env, thread, thread_interrupted, JNI_FALSE);
    }
}

/* Throws the exception in the thread when it next comes to a safepoint poll or back from a wait. The JVM interrupts the thread
 * to wake it. */
JNIEXPORT jboolean JNICALL NATIVE(stopThread)(JNIEnv *env, jclass type, jobject thread, jthrowable exception) {
    (void)env, (void)type;
    return (*jvmti)->StopThread(jvmti, thread, exception) == JVMTI_ERROR_NONE ? JNI_TRUE : JNI_FALSE;
}
