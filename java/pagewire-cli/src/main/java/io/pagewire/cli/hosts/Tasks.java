package io.pagewire.cli.hosts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.Json;

/**
 * The arguments that tasks for an {@link Actor} have in common.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Tasks {
    private Tasks() {}

    /** A task on a region. */
    public static ObjectNode region(String name) {
        return Json.object().put("region", name);
    }

    /** A task on a frame stream. */
    public static ObjectNode stream(String name) {
        return Json.object().put("stream", name);
    }

    /** A task on some pages of a region. */
    public static ObjectNode pages(String name, int... pages) {
        ObjectNode task = region(name);
        var array = task.putArray("pages");
        for (int page : pages) {
            array.add(page);
        }
        return task;
    }
}
