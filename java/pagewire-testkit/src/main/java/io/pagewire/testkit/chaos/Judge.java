package io.pagewire.testkit.chaos;

import io.pagewire.testkit.chaos.Program.Stale;
import io.pagewire.testkit.chaos.Spans.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a run has shown that must not be, and what is excused.
 *
 * <p>One thing is excused: a program that was stopped while its dsmd was stopped or dead keeps its rights in the kernel, and
 * nobody is there to take them or to kill it. When it is continued, its threads may run before its agent does, so it may read
 * older values for the moment until its agent has run. Nothing else is: not after that moment, not by another program, not a
 * torn record, and nothing at all about frames of a stream. For a writer there is no excuse: an owner that starts again first
 * ends writers of its earlier run.
 *
 * <p>What was written and not forced may be lost with a daemon, and programs must be told. Only one whose own dsmd was away in
 * between can know that by itself.
 *
 * <p>Safe for use by any thread.
 */
final class Judge {
    /** How long after SIGCONT the agent may take to run, on a busy machine. */
    static final long MOMENT_NS = 250_000_000L;

    private static final Set<String> BY_AGE = Set.of("completed", "seen", "order", "forced");
    private static final int MOST_PROBLEMS = 50;

    private final Hosts hosts;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> fenced = new TreeSet<>();
    private int excused;
    private long longestExcusedNs;
    private int fences;

    Judge(Hosts hosts) {
        this.hosts = hosts;
    }

    synchronized void problem(String text) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(text);
        }
    }

    synchronized List<String> problems() {
        return List.copyOf(problems);
    }

    /** True when a time that the program was stopped has a part in common with one in which its dsmd was away. */
    private boolean unguarded(Program program, Span frozen) {
        return hosts.away(program.host()).overlaps(frozen);
    }

    private boolean knewByItself(Program program, Stale stale) {
        return stale.why().equals("untold")
                && hosts.away(program.host()).overlaps(new Span(stale.sinceNs(), stale.atNs()));
    }

    /** Reports of the programs are judged at the end, when all spans are known. */
    synchronized void reports(Program program, long startNs) {
        for (Stale stale : program.stale()) {
            long sinceNs = sinceUnguarded(program, stale.atNs());
            if (knewByItself(program, stale)) {
                continue;
            }
            if (BY_AGE.contains(stale.why()) && sinceNs <= MOMENT_NS) {
                excused++;
                longestExcusedNs = Math.max(longestExcusedNs, sinceNs);
            } else {
                problem(String.format(
                        stale.why().startsWith("frame-")
                                ? "%s at %.3f s was given frame %d of life %d of the stream when %d was due (%s)"
                                : "%s at %.3f s read number %d in slot %d, which had to hold %d at least (%s)",
                        stale.program(),
                        (stale.atNs() - startNs) / 1e9,
                        stale.read(),
                        stale.slot(),
                        stale.wanted(),
                        stale.why()));
            }
        }
    }

    /** Time since the program was continued after an unguarded stop; Long.MAX_VALUE when it never was. */
    private long sinceUnguarded(Program program, long atNs) {
        return program.frozen.all().stream()
                .filter(span -> span.to() <= atNs && unguarded(program, span))
                .mapToLong(span -> atNs - span.to())
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** A program has ended that nobody told to. */
    synchronized void ended(Program program, boolean wasStopped) {
        if (program.fenced() && program.streams()) {
            problem(program.name + " was killed, which no end of a stream may be");
        } else if (program.fenced() && wasStopped) {
            fences++;
            fenced.add(program.name);
        } else if (program.fenced()) {
            problem(program.name + " was killed, though it was not stopped");
        } else {
            problem(program.name + " ended with " + program.exitValue() + "; its messages are in the log");
        }
    }

    synchronized int fences() {
        return fences;
    }

    synchronized int excused() {
        return excused;
    }

    synchronized long longestExcusedMs() {
        return longestExcusedNs / 1_000_000;
    }
}
