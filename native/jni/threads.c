/*
 * HotSpot keeps the address of its own thread structure in java.lang.Thread.eetop, and the JNIEnv lies in that structure at an
 * offset that is the same for all threads; it is measured once on a thread that is known.
 *
 * Before JDK 20 a thread goes on for a while after StopThread. A field of its structure says so; the table that HotSpot keeps
 * for debuggers says where. A JVM without that table, or without the field in it, is taken at its word that nothing is known.
 */
#include "threads.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

jvmtiEnv *threads_jvmti;

static jfieldID thread_eetop;
static jclass carrier_class;
static intptr_t env_offset;
static intptr_t unnoticed_offset; /* of JavaThread::_pending_async_exception; 0 = unknown */
static int can_stop;
static int can_suspend;

int threads_can_stop(void) {
    return can_stop;
}

static int add_capability(const jvmtiCapabilities *wanted) {
    return (*threads_jvmti)->AddCapabilities(threads_jvmti, wanted) == JVMTI_ERROR_NONE;
}

int glue_load_threads(JNIEnv *env) {
    const jclass thread = (*env)->FindClass(env, "java/lang/Thread");
    if (!thread) {
        return -1;
    }
    thread_eetop = (*env)->GetFieldID(env, thread, "eetop", "J");
    (*env)->ExceptionClear(env); /* not HotSpot: raw buffers then get no exception, the accessors do */
    const jclass carrier = (*env)->FindClass(env, "jdk/internal/misc/CarrierThread"); /* since 20 */
    (*env)->ExceptionClear(env);
    if (carrier) {
        carrier_class = (*env)->NewGlobalRef(env, carrier);
    }
    if ((*glue_vm)->GetEnv(glue_vm, (void **)&threads_jvmti, JVMTI_VERSION_11) != JNI_OK) {
        threads_jvmti = NULL;
        return 0;
    }
    can_stop = thread_eetop && add_capability(&(jvmtiCapabilities){.can_signal_thread = 1});
    /* Only one agent of a JVM may have this: under a debugger we do without. */
    can_suspend = add_capability(&(jvmtiCapabilities){.can_suspend = 1});
    add_capability(&(jvmtiCapabilities){.can_get_source_file_name = 1, .can_get_line_numbers = 1});
    return 0;
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

static intptr_t find_unnoticed(void) {
    Dl_info info;
    void *get_env = NULL;
    intptr_t offset = 0;
    memcpy(&get_env, &(*glue_vm)->GetEnv, sizeof get_env);
    void *jvm = dladdr(get_env, &info) && info.dli_fname ? dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (jvm) {
        offset = vm_field(jvm, "JavaThread", "_pending_async_exception");
        dlclose(jvm);
    }
    /* Another one's idea of the table must not make us read elsewhere. */
    return offset > 0 && offset % (intptr_t)sizeof(void *) == 0 && offset < 1 << 16 ? offset : 0;
}

JNIEXPORT jboolean JNICALL NATIVE(calibrate)(JNIEnv *env, jclass type, jobject current_platform_thread) {
    (void)type;
    const jlong structure = can_stop ? (*env)->GetLongField(env, current_platform_thread, thread_eetop) : 0;
    if (structure == 0) {
        return JNI_FALSE;
    }
    env_offset = (intptr_t)env - (intptr_t)structure;
    if (!getenv("PAGEWIRE_NO_VM_FIELDS")) { /* for tests: as in a JVM that does not say */
        unnoticed_offset = find_unnoticed();
    }
    return JNI_TRUE;
}

JNIEXPORT jboolean JNICALL NATIVE(knowsUnnoticed)(JNIEnv *env, jclass type) {
    (void)env, (void)type;
    return unnoticed_offset != 0 && can_suspend ? JNI_TRUE : JNI_FALSE;
}

/* The Java thread of a failure, or NULL: it has ended, never was a Java thread, or carries a virtual thread, which
 * StopThread does not reach. */
JNIEXPORT jobject JNICALL NATIVE(findThread)(JNIEnv *env, jclass type, jlong ident, jint kernel_thread) {
    (void)type;
    jint count = 0;
    jthread *threads = NULL;
    jobject found = NULL;
    /* A thread that has ended may have left its structure's address to a new one, which must not be hit. */
    if (!can_stop || ident == 0 || syscall(SYS_tgkill, getpid(), (pid_t)kernel_thread, 0) != 0 ||
        (*threads_jvmti)->GetAllThreads(threads_jvmti, &count, &threads) != JVMTI_ERROR_NONE) {
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
    (*threads_jvmti)->Deallocate(threads_jvmti, (unsigned char *)threads);
    return found;
}

int threads_suspend(jthread thread) {
    return can_suspend && (*threads_jvmti)->SuspendThread(threads_jvmti, thread) == JVMTI_ERROR_NONE;
}

void threads_resume(JNIEnv *env, jthread thread) {
    const jvmtiError error = (*threads_jvmti)->ResumeThread(threads_jvmti, thread);
    if (error != JVMTI_ERROR_NONE && error != JVMTI_ERROR_THREAD_NOT_ALIVE) {
        char text[] = "pagewire: a thread that was suspended for a moment cannot be resumed";
        (*env)->FatalError(env, text); /* it would hang for ever without a word */
    }
}

int threads_exception_unnoticed(JNIEnv *env, jthread thread) {
    const char *structure = (const char *)(intptr_t)(*env)->GetLongField(env, thread, thread_eetop);
    return unnoticed_offset != 0 && structure &&
           *(void *volatile const *)(const void *)(structure + unnoticed_offset) != NULL;
}

/* How far down the stack our own frames are looked for: they call nothing but a few methods of the JDK. */
#define DEPTH 32

/* -1 = the JDK's, which any of the others may have called. */
static int place_of_method(JNIEnv *env, jmethodID method) {
    static const char package[] = "Lio/pagewire/", internal[] = "Lio/pagewire/internal/";
    jclass type = NULL;
    char *name = NULL;
    int place = THREADS_ELSEWHERE;
    if ((*threads_jvmti)->GetMethodDeclaringClass(threads_jvmti, method, &type) != JVMTI_ERROR_NONE) {
        return place;
    }
    if ((*threads_jvmti)->GetClassSignature(threads_jvmti, type, &name, NULL) == JVMTI_ERROR_NONE) {
        if (strncmp(name, "Ljava/", 6) == 0 || strncmp(name, "Ljdk/", 5) == 0) {
            place = -1;
        } else if (strncmp(name, internal, sizeof internal - 1) == 0) {
            place = strcmp(name, "Lio/pagewire/internal/Native;") == 0 ? THREADS_IN_LIBRARY : THREADS_IN_INTERNAL;
        } else if (strncmp(name, package, sizeof package - 1) == 0 && !strchr(name + sizeof package - 1, '/')) {
            place = THREADS_IN_LIBRARY;
        }
        (*threads_jvmti)->Deallocate(threads_jvmti, (unsigned char *)name);
    }
    (*env)->DeleteLocalRef(env, type);
    return place;
}

enum threads_place threads_place_of(JNIEnv *env, jthread thread) {
    jvmtiFrameInfo frames[DEPTH];
    jint count = 0;
    int place = -1;
    if ((*threads_jvmti)->GetStackTrace(threads_jvmti, thread, 0, DEPTH, frames, &count) != JVMTI_ERROR_NONE) {
        return THREADS_ELSEWHERE;
    }
    for (jint i = 0; i < count && place < 0; i++) {
        place = place_of_method(env, frames[i].method);
    }
    return place < 0 ? THREADS_ELSEWHERE : (enum threads_place)place;
}
