package io.pagewire.daemon.config;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.pagewire.daemon.sys.PrivateDirectory;
import io.pagewire.wire.Reasons;
import io.pagewire.wire.StandardOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The command line of {@code dsmd}. Exit codes: 0 stopped in order, 1 failed with a one-line reason on standard error, 2 the
 * command line or the configuration file cannot be used.
 *
 * <p>Used by the main thread.
 */
@Command(
        name = "dsmd",
        description = "The Pagewire daemon of this host: shares memory by name with other hosts.",
        sortOptions = false,
        usageHelpWidth = 100,
        versionProvider = DsmdCommand.Version.class,
        footer = {
            "",
            "Without options it runs as a host of its own, with a directory of its own:",
            "",
            "  dsmd",
            "",
            "Two hosts that share one directory:",
            "",
            "  dsmd --name a --listen 10.0.0.1:7711",
            "  dsmd --name b --listen 10.0.0.2:7711 --directory 10.0.0.1:7712",
            ""
        })
public final class DsmdCommand implements Callable<Integer> {
    private final Launcher launcher;

    @Option(names = "--name", paramLabel = "N", description = "Name of this host (default: the machine's host name).")
    private String name;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where circuits of other hosts come in (default: " + DaemonSettingsBuilder.DEFAULT_LISTEN
                    + "); port 0 takes a free one.")
    private String listen;

    @Option(
            names = "--advertise",
            paramLabel = "HOST:PORT",
            description =
                    "Where other hosts call this one, if that is not where it listens: behind an address translation"
                            + " or a relay, or when it listens on 0.0.0.0; port 0 means the port of --listen.")
    private String advertise;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Unix socket for applications (default: $$PAGEWIRE_SOCKET,"
                    + " else $$XDG_RUNTIME_DIR/pagewire/dsmd.sock, else /tmp/pagewire-UID/dsmd.sock).")
    private Path socket;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Files of this daemon (default: $$XDG_STATE_HOME/pagewire/NAME,"
                    + " else ~/.local/state/pagewire/NAME).")
    private Path data;

    @Option(
            names = "--directory",
            paramLabel = "embedded[:PORT]|HOST:PORT[,HOST:PORT...]",
            description = "The directory: a server in this process, on the address of --listen, or the servers to join"
                    + " (default: embedded, on port 7712).")
    private String directory;

    @Option(
            names = "--frames-max",
            paramLabel = "SIZE",
            description = "Most memory for pages of created regions and for copies of other hosts' pages, such as 512M;"
                    + " what does not fit is spilled to disk or dropped (default: no bound; at least 1M).")
    private String framesMax;

    @Option(
            names = "--spill-max",
            paramLabel = "SIZE",
            description = "Most disk space for pages that do not fit, 0 for none (default: written pages of this host's"
                    + " regions as far as the disk has room; copies of other hosts' pages are dropped. With a SIZE they"
                    + " are spilled, too).")
    private String spillMax;

    @Option(
            names = "--spill-dir",
            paramLabel = "DIR",
            description = "Where pages are spilled to (default: the directory spill in that of --data); nothing of it"
                    + " outlives the daemon.")
    private Path spillDir;

    @Option(
            names = "--dirty-max",
            paramLabel = "SIZE",
            description = "Most bytes of one region of another host that programs of this host may have stored and"
                    + " that are not home yet, 0 for no bound; they go home in the background, and whoever stores more"
                    + " waits for that (default: 256M; at least 1M, and 16 pages).")
    private String dirtyMax;

    @Option(
            names = "--config",
            paramLabel = "FILE.toml",
            description = "More settings; the command line wins over the file.")
    private Path config;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "error, warn, info, debug or trace (default: info).")
    private String logLevel;

    @Option(
            names = "--exit-with-stdin",
            hidden = true,
            description = "Stop when standard input ends: for programs that start a daemon of their own.")
    private boolean exitWithStdin;

    @Option(names = "--help", usageHelp = true, description = "Show this text.")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Show the version.")
    private boolean version;

    DsmdCommand(Launcher launcher) {
        this.launcher = launcher;
    }

    /** Parses the arguments, starts the daemon, and returns its exit code once it has stopped. */
    public static int run(Launcher launcher, String... args) {
        CommandLine line = new CommandLine(new DsmdCommand(launcher));
        line.setParameterExceptionHandler((e, arguments) -> {
            line.getErr().println("dsmd: " + e.getMessage() + " (see dsmd --help)");
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            line.getErr().println("dsmd: " + Reasons.of(e));
            LoggerFactory.getLogger(DsmdCommand.class).debug("The daemon has failed", e);
            return e instanceof SettingsException ? CommandLine.ExitCode.USAGE : StandardOutput.FAILED;
        });
        try {
            return line.execute(args);
        } catch (LinkageError e) {
            // A native library: unpacked where nothing may be run, or made for other processors.
            line.getErr()
                    .println(
                            "dsmd: a part of it cannot be loaded: " + Reasons.of(e)
                                    + "; if programs may not be run from "
                                    + System.getProperty("java.io.tmpdir")
                                    + " (mount option noexec), name a directory where they may: PAGEWIRE_DSMD_OPTS=-Djava.io.tmpdir=DIR");
            return StandardOutput.FAILED;
        }
    }

    @Override
    public Integer call() throws Exception {
        DaemonSettings settings = new DaemonSettingsBuilder()
                .name(name)
                .listen(listen)
                .advertise(advertise)
                .socket(socket)
                .data(data)
                .directory(directory)
                .framesMax(framesMax)
                .spillMax(spillMax)
                .spillDir(spillDir)
                .dirtyMax(dirtyMax)
                .config(config)
                .logLevel(logLevel)
                .exitWithStdin(exitWithStdin)
                .build();
        if (LoggerFactory.getLogger("io.pagewire") instanceof Logger logger) {
            logger.setLevel(Level.toLevel(settings.logLevel()));
        }
        if (settings.socket().equals(HostEnvironment.current().privateSocket())) {
            // Applications look for us there without being told, so nobody else may be able to stand in for us.
            PrivateDirectory.ensure(settings.socket().getParent());
        }
        launcher.start(settings);
        return CommandLine.ExitCode.OK;
    }

    /** The version that Maven writes into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            Properties maven = new Properties();
            try (InputStream in = DsmdCommand.class.getResourceAsStream(
                    "/META-INF/maven/io.pagewire/pagewire-daemon/pom.properties")) {
                if (in != null) {
                    maven.load(in);
                }
            }
            return new String[] {"dsmd " + maven.getProperty("version", "(not built as a jar)")};
        }
    }
}
