/* The end of a mapping in two steps: taken away while nobody is inside of it, then waited for until what was written is home. */
#include "glue.h"

#include <stdlib.h>

#include "deadline.h"
#include "leave.h"

struct waiting {
    struct glue_progress progress;
    /* Pages that are not at home, first and count in turn. */
    jlong *values;
    size_t count, room;
    int cut; /* no memory for all of them */
};

static void add_run(void *context, uint64_t first, uint64_t count) {
    struct waiting *waiting = context;
    if (waiting->count + 2 > waiting->room) {
        const size_t room = waiting->room == 0 ? 64 : waiting->room * 2;
        jlong *more = waiting->cut ? NULL : realloc(waiting->values, room * sizeof *more);
        if (!more) {
            waiting->cut = 1;
            return;
        }
        waiting->values = more;
        waiting->room = room;
    }
    waiting->values[waiting->count++] = (jlong)first;
    waiting->values[waiting->count++] = (jlong)count;
}

JNIEXPORT jlong JNICALL NATIVE(unmap)(JNIEnv *env, jclass type, jlong region) {
    (void)type;
    struct pw_leave *leave = calloc(1, sizeof *leave);
    if (!leave) {
        const jclass memory = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
        if (memory) {
            (*env)->ThrowNew(env, memory, "no native memory to unmap a region");
        }
        return 0;
    }
    pw_unmap_begin(glue_region(region), leave);
    return glue_handle(leave);
}

static int progressed(void *context, uint64_t left, uint64_t total) {
    struct waiting *waiting = context;
    return glue_progressed(&waiting->progress, total > left ? total - left : 0, total);
}

JNIEXPORT void JNICALL NATIVE(awaitHome)(JNIEnv *env, jclass type, jlong handle, jint limit_ms, jobject listener) {
    (void)type;
    struct pw_leave *leave = (struct pw_leave *)(intptr_t)handle;
    struct waiting waiting = {.progress = {.env = env, .listener = listener}};
    const struct pw_unmap_options options = {
        .limit_ms = (uint32_t)limit_ms,
        .progress = listener ? progressed : NULL,
        .not_home = add_run,
        .context = &waiting,
    };
    const int rc = pw_leave_await(leave, &options, pw_now());
    if (rc < 0 && waiting.count > 0 && !(*env)->ExceptionCheck(env)) {
        glue_throw_not_home(env, waiting.values, (jsize)waiting.count);
    } else {
        glue_check_progress(env, GLUE_UNMAP, rc);
    }
    free(waiting.values);
    free(leave);
}
