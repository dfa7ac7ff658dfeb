/* Native methods of one mapping. Pages are touched here in JNI native state, so that a long fault holds up no safepoint. */
#include "glue.h"

#include "failure.h"

JNIEXPORT jlong JNICALL NATIVE(address)(JNIEnv *env, jclass type, jlong region) {
    (void)env, (void)type;
    return glue_handle(pw_address(glue_region(region)));
}

JNIEXPORT jlong JNICALL NATIVE(size)(JNIEnv *env, jclass type, jlong region) {
    (void)env, (void)type;
    return (jlong)pw_size(glue_region(region));
}

JNIEXPORT jint JNICALL NATIVE(pageSize)(JNIEnv *env, jclass type, jlong region) {
    (void)env, (void)type;
    return (jint)pw_page_size(glue_region(region));
}

JNIEXPORT jboolean JNICALL NATIVE(isHome)(JNIEnv *env, jclass type, jlong region) {
    (void)env, (void)type;
    return pw_is_home(glue_region(region)) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jstring JNICALL NATIVE(engine)(JNIEnv *env, jclass type, jlong region) {
    (void)type;
    return (*env)->NewStringUTF(env, pw_engine(glue_region(region))); /* ASCII, so modified UTF-8 is the same */
}

JNIEXPORT jobject JNICALL NATIVE(buffer)(JNIEnv *env, jclass type, jlong address, jlong length) {
    (void)type;
    return (*env)->NewDirectByteBuffer(env, (void *)(intptr_t)address, length);
}

JNIEXPORT jlong JNICALL NATIVE(failureWord)(JNIEnv *env, jclass type, jlong region) {
    (void)env, (void)type;
    return glue_handle((const void *)(uintptr_t)pw_failure_word(glue_region(region)));
}

JNIEXPORT void JNICALL NATIVE(prefetch)(JNIEnv *env, jclass type, jlong region, jlong offset, jlong length, jint access) {
    (void)type;
    struct pw_region *mapping = glue_region(region);
    glue_check_pages(env, GLUE_PREFETCH, mapping, pw_prefetch(mapping, (uint64_t)offset, (uint64_t)length, access));
}

JNIEXPORT jlong JNICALL NATIVE(pin)(JNIEnv *env, jclass type, jlong region, jlong offset, jlong length, jint access,
                                    jint hold_ms) {
    (void)type;
    uint64_t pin = 0;
    struct pw_region *mapping = glue_region(region);
    glue_check_pages(env, GLUE_PIN, mapping,
                     pw_pin(mapping, (uint64_t)offset, (uint64_t)length, access, (uint32_t)hold_ms, &pin));
    return (jlong)pin;
}

JNIEXPORT void JNICALL NATIVE(unpin)(JNIEnv *env, jclass type, jlong region, jlong pin) {
    (void)type;
    glue_check(env, GLUE_UNPIN, pw_unpin(glue_region(region), (uint64_t)pin));
}

JNIEXPORT void JNICALL NATIVE(force)(JNIEnv *env, jclass type, jlong region, jlong offset, jlong length) {
    (void)type;
    glue_check(env, GLUE_FORCE, pw_force(glue_region(region), (uint64_t)offset, (uint64_t)length));
}

JNIEXPORT jlong JNICALL NATIVE(publish)(JNIEnv *env, jclass type, jlong region) {
    (void)type;
    uint64_t pages = 0;
    glue_check(env, GLUE_PUBLISH, pw_publish(glue_region(region), &pages));
    return (jlong)pages;
}

JNIEXPORT jlong JNICALL NATIVE(refresh)(JNIEnv *env, jclass type, jlong region) {
    (void)type;
    uint64_t pages = 0;
    glue_check(env, GLUE_REFRESH, pw_refresh(glue_region(region), &pages));
    return (jlong)pages;
}

JNIEXPORT void JNICALL NATIVE(stats)(JNIEnv *env, jclass type, jlong region, jlongArray out) {
    (void)type;
    struct pw_stats stats;
    if (glue_check(env, GLUE_STATS, pw_get_stats(glue_region(region), &stats)) < 0) {
        return;
    }
    const jlong values[] = {
        (jlong)stats.read_faults, (jlong)stats.write_faults, (jlong)stats.failed_faults, (jlong)stats.retried_faults,
        (jlong)stats.revokes,     (jlong)stats.lost_events,  (jlong)stats.fault_ns,      (jlong)stats.fault_max_ns,
        (jlong)stats.vma_resets,  (jlong)stats.hold_ns,      (jlong)stats.handler_entries, (jlong)stats.lost_pages,
    };
    (*env)->SetLongArrayRegion(env, out, 0, (jsize)(sizeof values / sizeof *values), values);
}
