package io.pagewire.testkit.chaos;

import io.pagewire.testkit.FairClock;
import io.pagewire.testkit.chaos.Plan.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run: starts the cluster and the programs, breaks what the plan says, heals all, and looks at what is there.
 *
 * <p>For use by one thread.
 */
final class Run {
    /** What a run was and showed. */
    record Outcome(
            long seed,
            int rounds,
            String mode,
            Map<Kind, Integer> faults,
            int passedOver,
            long completed,
            long reads,
            long forced,
            long lost,
            long failures,
            Clock.Frames frames,
            int fences,
            int excused,
            long longestExcusedMs,
            long recoveryMs,
            long longestStallMs,
            List<String> problems) {}

    private static final String REGION = "chaos";
    /** The region that every host may write. */
    private static final String SHARED = "shared";

    private static final String STREAM = "frames";

    private static final Pattern FORCED = Pattern.compile("forced (\\d+) lost and told (\\d+)");
    /** Two pages a record, each fault with a deadline, and some time; as a thread of a busy machine has it. */
    private static final Duration HANG = Duration.ofSeconds(12);

    /** Clients of TCP that were cut off try again less and less often. */
    private static final Duration RECOVERY = Duration.ofSeconds(40);

    private static final int CHECK_SECONDS = 20;
    private static final int READERS_A_HOST = 2;
    /** How the names of programs end that force what they write. */
    private static final String FORCES = "f";

    private final Path folder;
    private final Path records;
    private final Path settings;
    private final String mode;
    private final int page;
    private final Consumer<String> output;
    private final Hosts hosts;
    private final Judge judge;
    private final Stalls stalls = new Stalls();
    private final List<Program> programs = new ArrayList<>();
    private final long startNs = System.nanoTime();
    private final FairClock fair = new FairClock();

    /** When an access of a program was first seen under way: since when it is, and the fair time then. */
    private record Under(long sinceNs, Duration seenAt) {}

    private final Map<String, Under> accesses = new HashMap<>();
    private Clock clock;
    private long reads;
    private long failures;
    private long forced;
    private long lost;
    private boolean hung;

    /** folder: an empty one. mode: of the cluster. page: bytes in a page of the regions. */
    Run(Path root, Path folder, String mode, int page, Consumer<String> output) {
        this.folder = folder;
        this.mode = mode;
        this.page = page;
        this.output = output;
        records = root.resolve("build/native/records");
        settings = root.resolve("test-cluster/fast.toml");
        hosts = new Hosts(root, folder.resolve("cluster"));
        judge = new Judge(hosts);
    }

    Outcome execute(long seed, int rounds, long roundMs) throws IOException, InterruptedException {
        log(hosts.run("up", "3", "--directory", "own", "--config", settings.toString(), "--mode", mode));
        String kind = hosts.run("status").split("[ ,]")[1];
        String stride = Long.toString(seed & 0x7fff);
        String bytes = Integer.toString(page);
        hosts.run("run", "a", records.toString(), "make", REGION, clockFile(), stride, file(), bytes);
        hosts.run("run", "a", records.toString(), "share", SHARED, clockFile(), sharedFile());
        clock = new Clock(Path.of(clockFile()));
        for (String host : Hosts.NAMES) {
            check(host, "check", REGION);
            check(host, "check-forced", SHARED);
        }
        Map<String, Map<String, Integer>> descriptors = new LinkedHashMap<>();
        for (String host : Hosts.NAMES) {
            descriptors.put(host, steadyDescriptors(host));
        }
        place("aw", "write", REGION);
        place("a1", "read", REGION);
        for (int i = 1; i <= READERS_A_HOST; i++) {
            place("b" + i, "read", REGION);
            place("c" + i, "read", REGION);
        }
        for (String host : List.of("a", "b", "c")) {
            place(host + FORCES, "force-" + host, SHARED);
        }
        place("a-sender", "send-frames", STREAM);
        place("c-newest", "take-newest", STREAM);
        for (String host : List.of("a", "b", "c")) {
            place(host + "-taker", "take-frames", STREAM);
        }
        programs.forEach(Program::start);
        Plan plan = new Plan(
                seed, rounds, roundMs, programs.stream().map(p -> p.name).toList(), page);
        List<String> look = List.of(records.toString(), "check", REGION, clockFile(), "1");
        Breaker breaker = new Breaker(hosts, programs, judge, look, this::log);
        breakAll(plan, breaker, rounds * roundMs);
        breaker.healAll();
        log("healed; all daemons run");
        long recoveryMs = awaitRecovery(breaker, System.nanoTime());
        breaker.seeVisitorsOff();
        endPrograms();
        verify();
        compareDescriptors(descriptors);
        judgeReports();
        hosts.temporaryFiles().forEach(left -> judge.problem("left behind: " + left));
        return new Outcome(
                seed,
                rounds,
                kind,
                breaker.done(),
                breaker.passedOver(),
                clock.completed(),
                reads,
                forced,
                lost,
                failures,
                clock.frames(),
                judge.fences(),
                judge.excused(),
                judge.longestExcusedMs(),
                recoveryMs,
                stalls.longestMs(),
                judge.problems());
    }

    /** Ends every process and removes every trace of the cluster. */
    void down() throws IOException, InterruptedException {
        hosts.run("down");
    }

    private String clockFile() {
        return folder.resolve("clock").toString();
    }

    private String file() {
        return folder.resolve("file").toString();
    }

    private String sharedFile() {
        return folder.resolve("shared").toString();
    }

    private void log(String text) {
        output.accept(String.format("%8.3f s  %s", (System.nanoTime() - startNs) / 1e9, text));
    }

    private void place(String name, String what, String region) {
        int cell = programs.size();
        List<String> command = hosts.command(
                "run", Plan.host(name), records.toString(), what, region, clockFile(), Integer.toString(cell));
        programs.add(new Program(name, cell, command, folder.resolve(name + ".log")));
    }

    private void breakAll(Plan plan, Breaker breaker, long lengthMs) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        List<Fault> faults = new ArrayList<>(plan.faults());
        faults.sort((x, y) -> Long.compare(x.atMs(), y.atMs()));
        long now;
        while ((now = System.nanoTime()) - begin < lengthMs * 1_000_000) {
            while (!faults.isEmpty() && faults.get(0).atMs() * 1_000_000 <= now - begin) {
                breaker.apply(faults.remove(0));
            }
            breaker.tick(now);
            attend(breaker);
            Thread.sleep(10);
        }
    }

    /** What must be seen to all the time. */
    private void attend(Breaker breaker) {
        for (Program program : programs) {
            if (!program.isAlive()) {
                count(program);
            }
        }
        long now = System.nanoTime();
        breaker.look(now);
        for (Program program : programs) {
            long since = clock.sinceNs(program.cell);
            long counted = Math.max(since, program.frozen.lastEnd());
            if (since == 0 || program.frozen.open()) {
                accesses.remove(program.name);
            } else if (!hung && fairSince(program.name, counted).compareTo(HANG) > 0) {
                hung = true;
                judge.problem(program.name + " hangs: an access takes longer than " + HANG.toSeconds()
                        + " s, not counting" + " what this machine was too busy for; on its wall it is "
                        + (now - counted) / 1_000_000_000 + " s");
            }
        }
    }

    private Duration fairSince(String program, long sinceNs) {
        Under access = accesses.get(program);
        if (access == null || access.sinceNs != sinceNs) {
            access = new Under(sinceNs, fair.passed());
            accesses.put(program, access);
        }
        return fair.passed().minus(access.seenAt);
    }

    /** Adds up what an ended process has done; its cell begins anew with the next one. */
    private void count(Program program) {
        if (!program.name.endsWith("w") && !program.name.endsWith(FORCES) && !program.streams()) {
            reads += clock.done(program.cell);
        }
        failures += clock.failures(program.cell);
    }

    /** Until every program has done something that was not possible before all was healed. */
    private long awaitRecovery(Breaker breaker, long healedNs) throws InterruptedException {
        long wanted = clock.completed() + 1;
        BooleanSupplier all = () -> programs.stream().allMatch(p -> p.isAlive() && clock.newest(p.cell) >= wanted);
        Duration begin = fair.passed();
        while (!all.getAsBoolean() && fair.passed().minus(begin).compareTo(RECOVERY) < 0) {
            attend(breaker);
            Thread.sleep(10);
        }
        long ms = (System.nanoTime() - healedNs) / 1_000_000;
        for (Program program : programs) {
            if (!program.isAlive() || clock.newest(program.cell) < wanted) {
                judge.problem(program.name + " has not come back " + ms + " ms after everything was healed");
            }
        }
        log("every program works again " + ms + " ms after everything was healed");
        return ms;
    }

    private void endPrograms() {
        for (Program program : programs) { // the writer is the first
            program.askToEnd();
            if (!program.awaitEnd(HANG)) {
                judge.problem(program.name + " does not end");
                program.kill();
            } else if (program.exitValue() != 0) {
                judge.problem(program.name + " ended with " + program.exitValue() + " when it was told to end");
            }
            count(program);
        }
    }

    private String check(String host, String what, String region) throws IOException, InterruptedException {
        if (host.equals(Plan.DIRECTORY)) {
            return "";
        }
        return hosts.run("run", host, records.toString(), what, region, clockFile(), Integer.toString(CHECK_SECONDS));
    }

    /** Every completed record and every forced number is everywhere, and everywhere the same as in the file. */
    private void verify() throws InterruptedException, IOException {
        verify("check", REGION, file());
        Matcher counts = FORCED.matcher(verify("check-forced", SHARED, sharedFile()));
        if (counts.find()) {
            forced = Long.parseLong(counts.group(1));
            lost = Long.parseLong(counts.group(2));
        }
        log("verified: " + clock.completed() + " completed records, " + forced + " forced numbers");
    }

    /** What the file's check says. */
    private String verify(String what, String region, String file) throws InterruptedException, IOException {
        Map<String, List<String>> digests = new LinkedHashMap<>();
        String ofFile = "";
        for (String host : Hosts.NAMES) {
            try {
                String found = check(host, what, region);
                if (!found.isEmpty()) {
                    digests.computeIfAbsent(digest(found), any -> new ArrayList<>())
                            .add(host);
                }
            } catch (Hosts.CommandFailed e) {
                judge.problem("not all is there: " + e.getMessage());
            }
        }
        try {
            ofFile = hosts.run("run", "a", records.toString(), what + "-file", file, clockFile());
            digests.computeIfAbsent(digest(ofFile), any -> new ArrayList<>()).add("file");
        } catch (Hosts.CommandFailed e) {
            judge.problem("not all is in the file: " + e.getMessage());
        }
        if (digests.size() > 1) {
            judge.problem("hosts differ in region " + region + ": " + digests);
        }
        return ofFile;
    }

    private static String digest(String found) {
        return found.replaceAll("(?s).*digest ([0-9a-f]{16}).*", "$1");
    }

    private Map<String, Integer> steadyDescriptors(String host) throws IOException, InterruptedException {
        Map<String, Integer> last = Map.of();
        for (int same = 0, tries = 0; same < 5 && tries < 100; tries++) {
            Map<String, Integer> now = hosts.descriptors(host);
            same = now.equals(last) ? same + 1 : 0;
            last = now;
            Thread.sleep(50);
        }
        return last;
    }

    /** When no program is left, a daemon has the descriptors open that it had before the first one came. */
    private void compareDescriptors(Map<String, Map<String, Integer>> before) throws IOException, InterruptedException {
        for (Map.Entry<String, Map<String, Integer>> host : before.entrySet()) {
            Map<String, Integer> now = Map.of();
            for (int tries = 0; tries < 10 && !now.equals(host.getValue()); tries++) {
                now = steadyDescriptors(host.getKey());
            }
            if (!now.equals(host.getValue())) {
                judge.problem(
                        "dsmd of " + host.getKey() + " has open " + now + ", before the run it was " + host.getValue());
            }
        }
    }

    private void judgeReports() {
        for (Program program : programs) {
            judge.reports(program, startNs);
        }
        Collections.sort(programs, (x, y) -> x.name.compareTo(y.name));
    }

    /** The ends of all logs, for a run that has failed. */
    void saveLogs(Path to) throws IOException {
        Files.createDirectories(to);
        for (String host : Hosts.NAMES) {
            for (Path log : List.of(hosts.log(host), hosts.starting(host))) {
                if (Files.exists(log)) {
                    Files.copy(
                            log,
                            to.resolve(host + "-" + log.getFileName()),
                            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        for (Program program : programs) {
            Path log = folder.resolve(program.name + ".log");
            if (Files.exists(log)) {
                Files.copy(log, to.resolve(program.name + ".log"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
