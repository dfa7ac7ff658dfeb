package io.pagewire.cli;

import io.pagewire.ConnectOptions;
import io.pagewire.Pagewire;
import io.pagewire.cli.actor.ActorCommand;
import io.pagewire.cli.hosts.PrivateHosts;
import io.pagewire.wire.Reasons;
import io.pagewire.wire.StandardOutput;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line's top: global options, exit codes, and how failures are told.
 *
 * <p>Runs on the main thread only.
 */
@Command(
        name = "dsmctl",
        version = "dsmctl 0.1.0",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Creates, shows and reads the shared regions of this host's dsmd.",
        subcommands = {
            CreateCommand.class,
            ExportCommand.class,
            DeleteCommand.class,
            RegionsCommand.class,
            CircuitsCommand.class,
            PagesCommand.class,
            StatusCommand.class,
            DoctorCommand.class,
            CatCommand.class,
            PutCommand.class,
            MapCommand.class,
            ForceCommand.class,
            StreamCommand.class,
            StreamsCommand.class,
            BenchCommand.class,
            DemoCommand.class,
            ActorCommand.class,
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 failed (the reason is on standard error), 2 wrong usage.",
            "A reader of the output that ends early, such as head, is no failure.",
            "",
            "Start with:  dsmctl demo",
        })
public final class Dsmctl implements Runnable {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description =
                    "Socket of the dsmd to ask. Default: $PAGEWIRE_SOCKET, else the one that dsmd uses by default.")
    private Path socket;

    @Spec
    private CommandSpec spec;

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] args) {
        StandardOutput output = StandardOutput.install();
        int status;
        try {
            status = run(args);
        } catch (LinkageError | OutOfMemoryError e) {
            // The library cannot be loaded, or memory is short: still one line, not a stack.
            System.err.println("dsmctl: " + Reasons.of(e));
            status = CommandFailed.EXIT_CODE;
        }
        System.exit(output.judge("dsmctl", status));
    }

    /** Runs the command and returns its exit code. */
    static int run(String... args) {
        CommandLine line = commandLine();
        PrintWriter out = line.getOut(); // asked for here, it is that of every command
        line.setOut(out);
        int status = line.execute(args);
        out.flush();
        return status;
    }

    /** The command line with its handlers, for whoever runs it. */
    static CommandLine commandLine() {
        return new CommandLine(new Dsmctl())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Dsmctl::usage)
                .setExecutionExceptionHandler(Dsmctl::failed);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }

    /** The socket given on the command line, or null for the default one. */
    public Path socket() {
        return socket;
    }

    /** Connects to the daemon of this host, as any application does. */
    public Pagewire connect() {
        ConnectOptions options = ConnectOptions.defaults().withProgram("dsmctl"); // the process is called java
        return Pagewire.connect(socket == null ? options : options.withSocket(socket));
    }

    private static int usage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": " + oneLine(e.getMessage()));
        err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed) {
        if (PrivateHosts.signalled()) {
            return CommandFailed.EXIT_CODE; // the reason is the signal, and the user gave it
        }
        PrintWriter err = command.getErr();
        err.println("dsmctl: " + Reasons.of(e));
        if (System.getenv("PAGEWIRE_DEBUG") != null) {
            e.printStackTrace(err);
        }
        err.flush();
        return CommandFailed.EXIT_CODE;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
