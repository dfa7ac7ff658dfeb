package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.DaemonUnreachableException;
import io.pagewire.Pagewire;
import io.pagewire.PagewireException;
import io.pagewire.cli.doctor.Doctor;
import io.pagewire.cli.doctor.Finding;
import io.pagewire.cli.doctor.Finding.Level;
import io.pagewire.wire.Reasons;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/**
 * {@code dsmctl doctor}: what this machine allows, and what to do about what it does not.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "doctor",
        description = {
            "Says what this machine allows, whether dsmd answers, and what to do about each.",
            "Ends with 1 only when something is a problem; a warning is a limit worth knowing."
        },
        footer = {"", "Example:  dsmctl doctor --json"})
final class DoctorCommand extends DaemonCommand {
    @Override
    public Integer call() {
        List<Finding> findings = new ArrayList<>(Doctor.examine(Path.of("/")));
        findings.add(daemon());
        long problems =
                findings.stream().filter(f -> f.level() == Level.PROBLEM).count();
        if (json()) {
            ObjectNode answer = Json.object();
            ArrayNode checks = answer.putArray("checks");
            for (Finding finding : findings) {
                checks.addObject()
                        .put("check", finding.check())
                        .put("level", level(finding))
                        .put("value", finding.value())
                        .put("advice", finding.advice());
            }
            printJson(answer.put("problems", problems));
        } else {
            for (Finding finding : findings) {
                out().printf("%-7s  %-18s  %s%n", level(finding), finding.check(), finding.value());
                if (!finding.advice().isEmpty()) {
                    out().printf("%-29s-> %s%n", "", finding.advice());
                }
            }
            out().flush();
        }
        if (problems > 0) {
            throw new CommandFailed(problems == 1 ? "there is a problem" : "there are " + problems + " problems");
        }
        return 0;
    }

    private static String level(Finding finding) {
        return finding.level().name().toLowerCase(Locale.ROOT);
    }

    private Finding daemon() {
        try (Pagewire pagewire = connect()) {
            JsonNode status = query(pagewire, "status");
            String value = "host " + status.path("host").asText() + ", version "
                    + status.path("version").asText() + ", directory "
                    + status.path("directory").path("state").asText();
            return new Finding("dsmd", Level.OK, value, "");
        } catch (DaemonUnreachableException e) {
            return new Finding("dsmd", Level.WARN, Reasons.of(e), "start it: tools/dsmd");
        } catch (PagewireException | CommandFailed e) {
            return new Finding("dsmd", Level.PROBLEM, Reasons.of(e), "look at its log, or start it again");
        }
    }
}
