/* Native methods that speak of the connection: connect, create, export, delete, map, query. */
#include "glue.h"

#include "region.h"

#include <stdlib.h>

JNIEXPORT jlong JNICALL NATIVE(connect)(JNIEnv *env, jclass type, jbyteArray socket_path, jbyteArray program,
                                        jint deadline_ms) {
    (void)type;
    struct pw_client *client = NULL;
    struct pw_options options = {0};
    char *socket_text = glue_text(env, socket_path);
    char *program_text = (*env)->ExceptionCheck(env) ? NULL : glue_text(env, program);
    if (!(*env)->ExceptionCheck(env)) {
        options.socket = socket_text;
        options.program = program_text;
        options.connect_ms = (uint32_t)deadline_ms;
        glue_check(env, GLUE_CONNECT, pw_connect(&options, &client));
    }
    free(program_text);
    free(socket_text);
    return glue_handle(client);
}

JNIEXPORT void JNICALL NATIVE(disconnect)(JNIEnv *env, jclass type, jlong client) {
    (void)env, (void)type;
    pw_disconnect(glue_client(client));
}

JNIEXPORT jbyteArray JNICALL NATIVE(host)(JNIEnv *env, jclass type, jlong client) {
    (void)type;
    return glue_bytes(env, pw_host(glue_client(client)));
}

JNIEXPORT jbyteArray JNICALL NATIVE(socket)(JNIEnv *env, jclass type, jlong client) {
    (void)type;
    return glue_bytes(env, pw_socket(glue_client(client)));
}

JNIEXPORT void JNICALL NATIVE(create)(JNIEnv *env, jclass type, jlong client, jbyteArray name, jlong size, jint page_size,
                                      jint flags) {
    (void)type;
    const struct pw_region_options options = {.page_size = (uint32_t)page_size, .flags = (uint32_t)flags};
    char *text = glue_text(env, name);
    if (text) {
        glue_check(env, GLUE_CREATE, pw_create_with(glue_client(client), text, (uint64_t)size, &options));
    }
    free(text);
}

JNIEXPORT jbyteArray JNICALL NATIVE(export)(JNIEnv *env, jclass type, jlong client, jbyteArray name, jbyteArray path,
                                            jint page_size, jint flags, jobject listener) {
    (void)type;
    jbyteArray warning = NULL;
    struct glue_progress progress = {env, listener};
    const struct pw_region_options options = {
        .page_size = (uint32_t)page_size,
        .flags = (uint32_t)flags,
        .progress = listener ? glue_progressed : NULL,
        .context = &progress,
    };
    char *text = glue_text(env, name);
    char *file = text ? glue_text(env, path) : NULL;
    if (file && glue_check_progress(env, GLUE_EXPORT, pw_export_with(glue_client(client), text, file, &options)) == 0) {
        warning = glue_warning(env);
    }
    free(file);
    free(text);
    return warning;
}

JNIEXPORT void JNICALL NATIVE(delete)(JNIEnv *env, jclass type, jlong client, jbyteArray name) {
    (void)type;
    char *text = glue_text(env, name);
    if (text) {
        glue_check(env, GLUE_DELETE, pw_delete(glue_client(client), text));
    }
    free(text);
}

JNIEXPORT jlong JNICALL NATIVE(map)(JNIEnv *env, jclass type, jlong client, jbyteArray name, jint flags, jint period_ms,
                                    jobject listener, jobjectArray warning) {
    (void)type;
    struct pw_region *region = NULL;
    struct glue_progress progress = {env, listener};
    const struct pw_map_options options = {
        .flags = (uint32_t)flags,
        .period_ms = (uint32_t)period_ms,
        .progress = listener ? glue_progressed : NULL,
        .context = &progress,
    };
    char *text = glue_text(env, name);
    if (text && glue_check_progress(env, GLUE_MAP, pw_map_with(glue_client(client), text, &options, &region)) == 0) {
        const jbyteArray words = glue_warning(env);
        if (words) {
            (*env)->SetObjectArrayElement(env, warning, 0, words);
        }
        if ((*env)->ExceptionCheck(env)) { /* no memory for the warning: the caller would never hear of the mapping */
            pw_unmap(region);
            region = NULL;
        } else {
            pw_region_hold(region);
        }
    }
    free(text);
    return glue_handle(region);
}

JNIEXPORT jbyteArray JNICALL NATIVE(query)(JNIEnv *env, jclass type, jlong client, jbyteArray what) {
    (void)type;
    jbyteArray bytes = NULL;
    char *text = glue_text(env, what);
    char *json = NULL;
    if (text && glue_check(env, GLUE_QUERY, pw_query(glue_client(client), text, &json)) == 0) {
        bytes = glue_bytes(env, json);
        free(json);
    }
    free(text);
    return bytes;
}
