/*
 * Failed faults on their way to Java: the questions of the accessors, and the delivery of an exception to a thread that used
 * a raw buffer, by JVMTI StopThread.
 *
 * A failure carries the JNIEnv of the thread that faulted: GetEnv reads a thread-local of the JVM and may be called in a
 * signal handler. HotSpot keeps the address of its own thread structure in java.lang.Thread.eetop, and the JNIEnv lies in
 * that structure at an offset that is the same for all threads; it is measured once on a thread that is known.
 *
 * Before JDK 20 a thread goes on for a while after StopThread, and may fail on more. Its own structure says so at that moment
 * (a field that HotSpot describes to debuggers), and what it fails on then is told by the exception that is on its way.
 */
#include "glue.h"

#include <dlfcn.h>
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
static intptr_t pending_offset; /* of JavaThread::_pending_async_exception; 0 = this JVM has none */
static int can_deliver;
static int can_suspend;

static void *current_env(void) {
    void *env = NULL;
    return (*glue_vm)->GetEnv(glue_vm, &env, JNI_VERSION_1_8) == JNI_OK ? env : NULL;
}

/* In the fault handler: 1 = an exception is in place for this thread, which has not noticed it yet. */
static int exception_pending(void) {
    const char *env = current_env();
    return env != NULL && *(void *volatile const *)(const void *)(env - env_offset + pending_offset) != NULL;
}

/* The offset of a field in a structure of the JVM, from the table that HotSpot keeps for debuggers; 0 when it has none. */
static intptr_t vm_field(void *jvm, const char *type, const char *field) {
    const char *const *table = dlsym(jvm, "gHotSpotVMStructs");
    const uint64_t *stride = dlsym(jvm, "gHotSpotVMStructEntryArrayStride");
    const uint64_t *type_at = dlsym(jvm, "gHotSpotVMStructEntryTypeNameOffset");
    const uint64_t *field_at = dlsym(jvm, "gHotSpotVMStructEntryFieldNameOffset");
    const uint64_t *offset_at = dlsym(jvm, "gHotSpotVMStructEntryOffsetOffset");
    if (!table || !stride || !type_at || !field_at || !offset_at) {
        return 0;
    }
    for (const char *entry = *table; entry; entry += *stride) {
        const char *of = *(const char *const *)(const void *)(entry + *type_at);
        const char *name = *(const char *const *)(const void *)(entry + *field_at);
        if (!of || !name) {
            return 0;
        }
        if (strcmp(of, type) == 0 && strcmp(name, field) == 0) {
            return (intptr_t) * (const uint64_t *)(const void *)(entry + *offset_at);
        }
    }
    return 0;
}

static void find_pending(void) {
    Dl_info info;
    void *get_env = NULL;
    memcpy(&get_env, &(*glue_vm)->GetEnv, sizeof get_env);
    void *jvm = dladdr(get_env, &info) && info.dli_fname ? dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (jvm) {
        pending_offset = vm_field(jvm, "JavaThread", "_pending_async_exception");
        dlclose(jvm);
    }
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

JNIEXPORT jboolean JNICALL NATIVE(failureClaimed)(JNIEnv *env, jclass type, jlong region, jlong id) {
    (void)env, (void)type;
    return pw_failure_claimed(glue_region(region), (uint64_t)id) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jint JNICALL NATIVE(failureExpire)(JNIEnv *env, jclass type, jlong region, jlong age_ns) {
    (void)env, (void)type;
    return (jint)pw_failure_expire(glue_region(region), (uint64_t)age_ns);
}

JNIEXPORT jlong JNICALL NATIVE(failureNewest)(JNIEnv *env, jclass type, jlong region, jint kernel_thread) {
    (void)env, (void)type;
    return (jlong)pw_failure_newest(glue_region(region), kernel_thread);
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
    find_pending();
    if (pending_offset != 0) {
        pw_failure_set_told(exception_pending);
    }
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

/* How far down the stack an accessor is looked for: it calls nothing but a few methods of the JDK. */
#define DEPTH 32

/* 1 = an accessor, 0 = the JDK's, which an accessor may have called, -1 = something else. */
static int kind_of(JNIEnv *env, jmethodID method) {
    static const char *const accessors[] = {"Lio/pagewire/RegionMemory;", "Lio/pagewire/RegionAtomics;",
                                            "Lio/pagewire/internal/Mapping;"};
    jclass type = NULL;
    char *name = NULL;
    int kind = -1;
    if ((*jvmti)->GetMethodDeclaringClass(jvmti, method, &type) != JVMTI_ERROR_NONE) {
        return -1;
    }
    if ((*jvmti)->GetClassSignature(jvmti, type, &name, NULL) == JVMTI_ERROR_NONE) {
        kind = strncmp(name, "Ljava/", 6) == 0 || strncmp(name, "Ljdk/", 5) == 0 ? 0 : -1;
        for (size_t i = 0; i < sizeof accessors / sizeof *accessors; i++) {
            kind = strcmp(name, accessors[i]) == 0 ? 1 : kind;
        }
        (*jvmti)->Deallocate(jvmti, (unsigned char *)name);
    }
    (*env)->DeleteLocalRef(env, type);
    return kind;
}

/* True when the topmost frame that is not the JDK's belongs to an accessor, which throws its failures itself. */
static int in_accessor(JNIEnv *env, jobject thread) {
    jvmtiFrameInfo frames[DEPTH];
    jint count = 0;
    int kind = 0;
    if ((*jvmti)->GetStackTrace(jvmti, thread, 0, DEPTH, frames, &count) != JVMTI_ERROR_NONE) {
        return 0;
    }
    for (jint i = 0; i < count && kind == 0; i++) {
        kind = kind_of(env, frames[i].method);
    }
    return kind == 1;
}

static int interrupted(JNIEnv *env, jobject thread) {
    return thread_interrupted && (*env)->GetBooleanField(env, thread, thread_interrupted);
}

static void clear_interrupt(JNIEnv *env, jobject thread) {
    if (thread_interrupted) {
        (*env)->SetBooleanField(env, thread, thread_interrupted, JNI_FALSE);
    }
}

/* The outcomes of io.pagewire.internal.FailureDeliverer.Outcome, in its order. */
enum outcome { DELIVERED, WAKING, CLAIMED, ACCESSOR, NATIVE_CODE, UNREACHABLE };

/* Flags of deliver; the other half stands in FailureDeliverer. */
#define SPARE_ACCESSOR 1
#define SPARE_NATIVE 2

/* With the thread suspended, if it can be. Until it goes on nothing here may allocate in the Java heap or wait for a lock: the
 * thread may hold that lock, and it may be in a critical section, which collections wait for. */
static enum outcome deliver(JNIEnv *env, jobject thread, jobject exception, const struct pw_failure *failure, jint flags,
                            const jlong *mappings, jsize count) {
    jint state = 0;
    if ((*jvmti)->GetThreadState(jvmti, thread, &state) != JVMTI_ERROR_NONE || !(state & JVMTI_THREAD_STATE_ALIVE)) {
        pw_failure_claim(failure->region, failure->id);
        return UNREACHABLE;
    }
    if (flags & SPARE_NATIVE && state & JVMTI_THREAD_STATE_IN_NATIVE) {
        return NATIVE_CODE;
    }
    if (flags & SPARE_ACCESSOR && in_accessor(env, thread)) {
        return ACCESSOR;
    }
    if (!pw_failure_claim(failure->region, failure->id)) {
        return CLAIMED;
    }
    const int was_interrupted = interrupted(env, thread);
    const jvmtiError error = (*jvmti)->StopThread(jvmti, thread, exception);
    for (jsize i = 0; i < count; i++) { /* after that, so that no failure falls between this and exception_pending */
        pw_failure_settle(glue_region(mappings[i]), failure->thread);
    }
    if (error != JVMTI_ERROR_NONE) {
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

JNIEXPORT jint JNICALL NATIVE(failureDeliver)(JNIEnv *env, jclass type, jobject thread, jobject exception, jlongArray record,
                                              jlongArray handles, jint flags) {
    (void)type;
    jlong fields[6];
    (*env)->GetLongArrayRegion(env, record, 0, 6, fields);
    const struct pw_failure failure = {.id = (uint64_t)fields[0], .region = glue_region(fields[1]), .thread = (int32_t)fields[4]};
    const jsize count = (*env)->GetArrayLength(env, handles);
    jlong *mappings = (*env)->GetLongArrayElements(env, handles, NULL);
    if (!mappings) {
        return ACCESSOR; /* no memory; an error is pending, and a later attempt may have some */
    }
    const int suspended = can_suspend && (*jvmti)->SuspendThread(jvmti, thread) == JVMTI_ERROR_NONE;
    const enum outcome outcome = deliver(env, thread, exception, &failure, flags, mappings, count);
    if (suspended) {
        const jvmtiError error = (*jvmti)->ResumeThread(jvmti, thread);
        if (error != JVMTI_ERROR_NONE && error != JVMTI_ERROR_THREAD_NOT_ALIVE) {
            char text[] = "pagewire: a thread that was suspended for a moment cannot be resumed";
            (*env)->FatalError(env, text); /* it would hang for ever without a word */
        }
    }
    (*env)->ReleaseLongArrayElements(env, handles, mappings, JNI_ABORT);
    return (jint)outcome;
}

JNIEXPORT jboolean JNICALL NATIVE(isInterrupted)(JNIEnv *env, jclass type, jobject thread) {
    (void)type;
    return interrupted(env, thread) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT void JNICALL NATIVE(clearInterrupt)(JNIEnv *env, jclass type, jobject thread) {
    (void)type;
    clear_interrupt(env, thread);
}
