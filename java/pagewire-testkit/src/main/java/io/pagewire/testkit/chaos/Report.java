package io.pagewire.testkit.chaos;

import io.pagewire.testkit.chaos.Run.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Shows what a run was and found: as a table, as JSON, as a JUnit report.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Report {
    private Report() {}

    static void print(Outcome outcome, boolean json) {
        System.out.print(json ? json(outcome) : table(outcome));
    }

    private static String table(Outcome o) {
        StringBuilder text = new StringBuilder("\n");
        for (Kind kind : Kind.values()) {
            text.append(String.format("%4d  %s%n", o.faults().getOrDefault(kind, 0), kind.text));
        }
        text.append(String.format(
                "%4d  passed over, because the victim was down already (or this machine allows no such fault)%n%n",
                o.passedOver()));
        line(text, "records written and completed", o.completed());
        line(text, "records read and checked", o.reads());
        line(text, "numbers forced in the region that every host writes", o.forced());
        line(text, "... lost before that, of which the writer was told", o.lost());
        line(text, "loads, stores and requests that could not be served", o.failures());
        line(text, "frames sent through the stream", o.frames().sent());
        line(
                text,
                "frames seen by its consumers, whole and in order",
                o.frames().seen());
        line(text, "... skipped by the consumer of the newest", o.frames().skipped());
        line(text, "consumers that were told the end of the stream", o.frames().ends());
        line(text, "... that were dropped as too slow", o.frames().drops());
        line(text, "... that were told of another loss", o.frames().losses());
        line(text, "stopped programs that dsmd killed", o.fences());
        line(text, "older values read by a program continued after its dsmd was away (the one exception)", o.excused());
        line(text, "... the last of them, ms after SIGCONT", o.longestExcusedMs());
        line(text, "ms until every program worked again after healing", o.recoveryMs());
        line(text, "longest time this machine gave us no processor, ms", o.longestStallMs());
        o.problems().forEach(problem -> text.append("PROBLEM  ").append(problem).append('\n'));
        text.append(String.format(
                "%nseed %d, %d rounds on %s: %s%n",
                o.seed(), o.rounds(), o.mode(), o.problems().isEmpty() ? "passed" : "FAILED"));
        return text.toString();
    }

    private static void line(StringBuilder text, String what, long value) {
        text.append(String.format("%10d  %s%n", value, what));
    }

    private static String json(Outcome o) {
        String faults = o.faults().entrySet().stream()
                .map(e -> quoted(e.getKey().name().toLowerCase(Locale.ROOT).replace('_', '-')) + ":" + e.getValue())
                .collect(Collectors.joining(",", "{", "}"));
        String problems = o.problems().stream().map(Report::quoted).collect(Collectors.joining(",", "[", "]"));
        return String.format(
                "{\"seed\":%d,\"rounds\":%d,\"mode\":%s,\"faults\":%s,\"passedOver\":%d,\"completed\":%d,\"reads\":%d,\"forced\":%d,\"lost\":%d,"
                        + "\"failures\":%d,\"framesSent\":%d,\"framesSeen\":%d,\"framesSkipped\":%d,\"streamEnds\":%d,\"streamDrops\":%d,"
                        + "\"streamLosses\":%d,\"fenced\":%d,\"excused\":%d,\"longestExcusedMs\":%d,\"recoveryMs\":%d,"
                        + "\"longestStallMs\":%d,\"problems\":%s}%n",
                o.seed(),
                o.rounds(),
                quoted(o.mode()),
                faults,
                o.passedOver(),
                o.completed(),
                o.reads(),
                o.forced(),
                o.lost(),
                o.failures(),
                o.frames().sent(),
                o.frames().seen(),
                o.frames().skipped(),
                o.frames().ends(),
                o.frames().drops(),
                o.frames().losses(),
                o.fences(),
                o.excused(),
                o.longestExcusedMs(),
                o.recoveryMs(),
                o.longestStallMs(),
                problems);
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                default -> out.append(c < ' ' ? String.format("\\u%04x", (int) c) : c);
            }
        }
        return out.append('"').toString();
    }

    static void junit(Outcome o, Path file) throws IOException {
        boolean bad = !o.problems().isEmpty();
        String failure = bad ? "<failure message=\"" + escaped(String.join("; ", o.problems())) + "\"/>" : "";
        Files.writeString(
                file,
                String.format(
                        "<?xml version=\"1.0\"?>%n<testsuite name=\"chaos\" tests=\"1\" failures=\"%d\" errors=\"0\" skipped=\"0\">%n"
                                + "<testcase name=\"seed %d\" classname=\"chaos\">%s</testcase>%n</testsuite>%n",
                        bad ? 1 : 0, o.seed(), failure));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
