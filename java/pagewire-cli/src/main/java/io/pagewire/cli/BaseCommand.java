package io.pagewire.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pagewire.Pagewire;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * What every command has: {@code --help}, the global options, a connection and an output.
 *
 * <p>Runs on the main thread only.
 */
abstract class BaseCommand implements Callable<Integer> {
    @ParentCommand
    private Dsmctl dsmctl;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;

    final Dsmctl dsmctl() {
        return dsmctl;
    }

    final Pagewire connect() {
        return dsmctl.connect();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Something that went less well and stops nothing; one line on standard error. */
    final void warn(String message) {
        err().println("dsmctl: warning: " + message);
        err().flush();
    }

    /** Something that a person who waits wants to know; one line on standard error. */
    final void note(String message) {
        err().println("dsmctl: " + message);
        err().flush();
    }

    final ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Asks the daemon and reads its answer. */
    static JsonNode query(Pagewire pagewire, String what) {
        return Json.parse("dsmd", pagewire.query(what));
    }
}
