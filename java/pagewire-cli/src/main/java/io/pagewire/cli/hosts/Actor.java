package io.pagewire.cli.hosts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.cli.CommandFailed;
import io.pagewire.cli.Dsmctl;
import io.pagewire.cli.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/**
 * An application process on one host: a JVM of its own that does what it is told, one line a task (see
 * {@link io.pagewire.cli.actor.ActorCommand}). One process cannot stand on two hosts, because a region has the same address on
 * both.
 *
 * <p>One task at a time: callers wait for an answer before they ask again.
 */
public final class Actor implements AutoCloseable {
    private final String name;
    private final Child child;
    private final ExecutorService waiting;

    Actor(String name, Host host, Path folder, ExecutorService waiting) {
        this.name = name;
        this.waiting = waiting;
        List<String> command = JavaProgram.command(Dsmctl.class);
        command.addAll(List.of("--socket", host.socket().toString(), "actor", name));
        child = new Child("program-" + name, folder, new ProcessBuilder(command));
    }

    public long pid() {
        return child.pid();
    }

    /** Gives a task and waits for its outcome; a task that failed there fails here with the same message. */
    public JsonNode ask(String task, ObjectNode arguments) {
        arguments.put("do", task);
        JsonNode answer = Json.parse(name, child.ask(Json.line(arguments)));
        if (answer.has("error")) {
            throw new CommandFailed("program " + name + " could not " + task + ": "
                    + answer.path("error").asText());
        }
        return answer;
    }

    /** Gives a task and returns at once. */
    public CompletableFuture<JsonNode> start(String task, ObjectNode arguments) {
        return CompletableFuture.supplyAsync(() -> ask(task, arguments), waiting);
    }

    @Override
    public void close() {
        child.close();
    }
}
