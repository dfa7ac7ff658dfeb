/*
 * Upcalls. Each mapping with listeners has one native thread that waits for events in C and calls Java with each. It is
 * attached as a daemon, so it never keeps a JVM alive, and it is not the agent: an agent that calls Java waits for the next
 * safepoint, and a safepoint may wait for a fault that only the agent's answer can end.
 */
#include "glue.h"

#include "region.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static jclass upcalls_class;
static jmethodID on_event;
static jmethodID on_end;

struct upcall_thread {
    struct pw_region *region;
    int have_first;
    struct pw_event first;
};

int glue_load_events(JNIEnv *env) {
    const jclass type = (*env)->FindClass(env, "io/pagewire/internal/Upcalls");
    if (!type) {
        return -1;
    }
    upcalls_class = (*env)->NewGlobalRef(env, type);
    on_event = (*env)->GetStaticMethodID(env, type, "onEvent", "(JIIJJJI)V");
    on_end = (*env)->GetStaticMethodID(env, type, "onEnd", "(J)V");
    return upcalls_class && on_event && on_end ? 0 : -1;
}

static void clear_exception(JNIEnv *env) {
    /* The Java side hands listener exceptions to the uncaught handler; what still arrives here is a stack overflow or lack
     * of memory of the upcall itself. It must not end the thread, nor pass in silence. */
    if ((*env)->ExceptionCheck(env)) {
        (*env)->ExceptionDescribe(env);
        (*env)->ExceptionClear(env);
    }
}

static void send_event(JNIEnv *env, const struct pw_region *region, const struct pw_event *event) {
    (*env)->CallStaticVoidMethod(env, upcalls_class, on_event, glue_handle(region), (jint)event->kind,
                                 (jint)event->cause, (jlong)event->page, (jlong)event->count,
                                 (jlong)event->duration_ns, (jint)event->thread);
    clear_exception(env);
}

static void *run(void *argument) {
    struct upcall_thread *self = argument;
    struct pw_region *region = self->region;
    JNIEnv *env;
    char name[] = "pagewire-events";
    JavaVMAttachArgs attach = {JNI_VERSION_1_8, name, NULL};
    if ((*glue_vm)->AttachCurrentThreadAsDaemon(glue_vm, (void **)&env, &attach) != JNI_OK) {
        free(self); /* the JVM is shutting down: nobody is left to call */
        pw_region_drop(region);
        return NULL;
    }
    if (self->have_first) {
        send_event(env, region, &self->first);
    }
    free(self);
    struct pw_event event;
    int rc;
    while ((rc = pw_next_event(region, &event, -1)) != -ESHUTDOWN) {
        if (rc == 1) {
            send_event(env, region, &event);
        }
    }
    (*env)->CallStaticVoidMethod(env, upcalls_class, on_end, glue_handle(region));
    clear_exception(env);
    pw_region_drop(region);
    (*glue_vm)->DetachCurrentThread(glue_vm);
    return NULL;
}

JNIEXPORT void JNICALL NATIVE(startEvents)(JNIEnv *env, jclass type, jlong handle) {
    (void)type;
    struct upcall_thread *self = calloc(1, sizeof *self);
    if (!self) {
        glue_check(env, GLUE_LISTEN, -ENOMEM);
        return;
    }
    self->region = glue_region(handle);
    /* The first call switches the queue on: no event after addListener has returned may be missed. */
    const int rc = pw_next_event(self->region, &self->first, 0);
    if (rc < 0) {
        free(self);
        glue_check(env, GLUE_LISTEN, rc);
        return;
    }
    self->have_first = rc;
    pthread_t thread;
    pw_region_hold(self->region); /* a listener may take longer than close() waits */
    /* The new thread inherits the mask: signals of the application belong to its own threads. SIGSEGV and its like stay
     * open, the JVM needs them. */
    sigset_t blocked, before;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    sigdelset(&blocked, SIGTRAP);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    const int failed = pthread_create(&thread, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        pw_region_drop(self->region);
        free(self);
        glue_check(env, GLUE_LISTEN, -failed);
        return;
    }
    pthread_detach(thread);
}
