/* threads.h - other threads of the JVM, by JVMTI and by what HotSpot says about itself. */
#ifndef PAGEWIRE_JNI_THREADS_H
#define PAGEWIRE_JNI_THREADS_H

#include <jvmti.h>

#include "glue.h"

/* NULL: this JVM has no JVMTI. */
extern jvmtiEnv *threads_jvmti;

/* 1 = StopThread may be used, and threads can be told by their JNIEnv. */
int threads_can_stop(void);

/* Suspends the thread, if this JVM lets us. Until threads_resume nothing may allocate in the Java heap or wait for a lock: the
 * thread may hold that lock, and it may be in a critical section, which collections wait for. Waits for as long as the thread
 * is in a page fault, and from JDK 21 on keeps all others waiting who want to stop any thread: see pw_untold_want. 1 = suspended; 0 = it has ended, or another agent has the capability. */
int threads_suspend(jthread thread);
void threads_resume(JNIEnv *env, jthread thread);

/* 1 = an exception is in place for the suspended thread, which has not noticed it yet. 0 = none, or this JVM does not say. */
int threads_exception_unnoticed(JNIEnv *env, jthread thread);

/* Where a thread is, as far as exceptions from outside are concerned. */
enum threads_place {
    THREADS_ELSEWHERE,
    THREADS_IN_LIBRARY, /* in a method of the API, which throws its failures itself, or in a call of it into C */
    THREADS_IN_INTERNAL /* in code that an exception out of nowhere may break: it holds locks */
};
enum threads_place threads_place_of(JNIEnv *env, jthread thread);

#endif
