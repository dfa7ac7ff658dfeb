package io.pagewire.daemon.config;

import io.pagewire.daemon.directory.DirectorySettings;
import io.pagewire.daemon.directory.Names;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts the settings together: what the command line says, else the configuration file, else the default. Every value is
 * checked, alone and against the others, before anything is started.
 *
 * <p>Used by one thread.
 */
public final class DaemonSettingsBuilder {
    static final String DEFAULT_LISTEN = "127.0.0.1:7711";
    static final String DEFAULT_DIRECTORY = "embedded:" + DirectorySettings.DEFAULT_PORT;
    static final List<String> LOG_LEVELS = List.of("error", "warn", "info", "debug", "trace");
    static final int MAX_SOCKET_PATH = 107;
    static final Set<String> KEYS = new TreeSet<>(List.of(
            "name",
            "listen",
            "advertise",
            "socket",
            "data",
            "directory",
            "loops",
            "spin-us",
            "read-ahead-bytes",
            "log-level",
            "deadlines.fault-ms",
            "deadlines.revoke-ms",
            "deadlines.heartbeat-ms",
            "deadlines.client-lease-ms",
            "deadlines.home-ms",
            "deadlines.stall-ms",
            "deadlines.stop-ms",
            "deadlines.directory-session-ms",
            "deadlines.directory-operation-ms",
            "circuits.allow-users",
            "circuits.max-peers",
            FrameChoices.MAX,
            FrameChoices.SPILL_MAX,
            FrameChoices.SPILL_DIR,
            WritebackChoices.MAX,
            WritebackChoices.BACKGROUND,
            WritebackChoices.AGE,
            WritebackChoices.MAX_AGE));

    private static final int DEFAULT_LOOPS = 2;
    private static final int DEFAULT_SPIN_US = 60;
    private static final long DEFAULT_READ_AHEAD = 1 << 20;
    private static final int DEFAULT_MAX_PEERS = 255;

    private String name;
    private String listen;
    private String advertise;
    private Path socket;
    private Path data;
    private String directory;
    private Path config;
    private String logLevel;
    private boolean exitWithStdin;
    private final FrameChoices frames = new FrameChoices();
    private final WritebackChoices writeback = new WritebackChoices();

    public DaemonSettingsBuilder name(String value) {
        name = value;
        return this;
    }

    /** HOST:PORT. */
    public DaemonSettingsBuilder listen(String value) {
        listen = value;
        return this;
    }

    /** HOST:PORT that other hosts call, where it is not the one of listen. */
    public DaemonSettingsBuilder advertise(String value) {
        advertise = value;
        return this;
    }

    public DaemonSettingsBuilder socket(Path value) {
        socket = value;
        return this;
    }

    public DaemonSettingsBuilder data(Path value) {
        data = value;
        return this;
    }

    /** {@code embedded[:PORT]} or HOST:PORT[,HOST:PORT...]. */
    public DaemonSettingsBuilder directory(String value) {
        directory = value;
        return this;
    }

    /** A TOML file with more settings. */
    public DaemonSettingsBuilder config(Path value) {
        config = value;
        return this;
    }

    /** Most memory that frames may take: {@code 512M}. */
    public DaemonSettingsBuilder framesMax(String value) {
        frames.max = value;
        return this;
    }

    /** Most bytes of all spill files together. */
    public DaemonSettingsBuilder spillMax(String value) {
        frames.spillMax = value;
        return this;
    }

    /** Directory of the spill files. */
    public DaemonSettingsBuilder spillDir(Path value) {
        frames.spillDir = value;
        return this;
    }

    /** Most of one region that may be written here and not at home: {@code 256M}; 0 = no bound. */
    public DaemonSettingsBuilder dirtyMax(String value) {
        writeback.max = value;
        return this;
    }

    public DaemonSettingsBuilder logLevel(String value) {
        logLevel = value;
        return this;
    }

    public DaemonSettingsBuilder exitWithStdin(boolean value) {
        exitWithStdin = value;
        return this;
    }

    /** @throws SettingsException when one of them cannot be used; nothing has been started or created then */
    public DaemonSettings build() throws SettingsException {
        return build(HostEnvironment.current());
    }

    DaemonSettings build(HostEnvironment environment) throws SettingsException {
        SettingsFile file = config == null ? SettingsFile.none() : SettingsFile.read(config, KEYS);
        Choice hostName = Choice.of("name", name, file, environment.hostName());
        hostName.check(Names.checkHost(hostName.value()));
        Choice listening = Choice.of("listen", listen, file, DEFAULT_LISTEN);
        HostPort address = address(listening);
        HostPort called = advertised(file, listening, address);
        DirectoryChoice servers = DirectoryChoice.of(Choice.of("directory", directory, file, DEFAULT_DIRECTORY));
        Choice level = Choice.of("log-level", logLevel, file, System.getProperty("pagewire.log", "info"));
        level.check(LOG_LEVELS.contains(level.value()) ? null : "it is none of " + String.join(", ", LOG_LEVELS));
        Path files = choosePath("data", data, file, environment, hostName.value());
        return new DaemonSettings(
                hostName.value(),
                address.host(),
                address.port(),
                called == null ? null : called.host(),
                called == null ? 0 : called.port(),
                socket(file, environment),
                files,
                servers.embedded(),
                servers.port(),
                servers.servers(),
                (int) number(file, "loops", DEFAULT_LOOPS, 1, 64),
                (int) number(file, "spin-us", DEFAULT_SPIN_US, 0, 1000),
                deadlines(file),
                number(file, "read-ahead-bytes", DEFAULT_READ_AHEAD, 0, 16 << 20),
                file.has("circuits.allow-users") ? file.numbers("circuits.allow-users", Integer.MAX_VALUE) : Set.of(),
                (int) number(file, "circuits.max-peers", DEFAULT_MAX_PEERS, 1, 255),
                frames.build(file, files),
                writeback.build(file),
                level.value(),
                exitWithStdin);
    }

    private Path socket(SettingsFile file, HostEnvironment environment) throws SettingsException {
        Path path = choosePath("socket", socket, file, environment, null);
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_SOCKET_PATH) {
            throw new SettingsException(
                    "the socket path " + path + " has " + length + " bytes, but a Unix socket can have "
                            + MAX_SOCKET_PATH + " at most; choose a shorter one with --socket");
        }
        return path;
    }

    private Path choosePath(String key, Path option, SettingsFile file, HostEnvironment environment, String hostName)
            throws SettingsException {
        if (option != null) {
            return option.toAbsolutePath().normalize();
        }
        if (file.has(key)) {
            return file.path(key);
        }
        Path byDefault = hostName == null ? environment.socket() : environment.data(hostName);
        return byDefault.toAbsolutePath().normalize();
    }

    private static Deadlines deadlines(SettingsFile file) throws SettingsException {
        Deadlines d = Deadlines.DEFAULT;
        Deadlines chosen = new Deadlines(
                deadline(file, "fault-ms", d.faultMs(), 100, 3_600_000),
                deadline(file, "revoke-ms", d.revokeMs(), 10, 3_600_000),
                deadline(file, "heartbeat-ms", d.heartbeatMs(), 5, 60_000),
                deadline(file, "client-lease-ms", d.clientLeaseMs(), 20, 3_600_000),
                deadline(file, "home-ms", d.homeMs(), 50, 3_600_000),
                deadline(file, "stall-ms", d.stallMs(), 100, 3_600_000),
                deadline(file, "stop-ms", d.stopMs(), 0, Integer.MAX_VALUE),
                deadline(file, "directory-session-ms", d.directorySessionMs(), 1000, 60_000),
                deadline(file, "directory-operation-ms", d.directoryOperationMs(), 100, 600_000));
        String reason = DeadlineRules.check(chosen);
        if (reason != null) {
            throw new SettingsException(reason + " (times stand under [deadlines] in the file of --config)");
        }
        return chosen;
    }

    private static int deadline(SettingsFile file, String key, int byDefault, int min, int max)
            throws SettingsException {
        return (int) number(file, "deadlines." + key, byDefault, min, max);
    }

    static long number(SettingsFile file, String key, long byDefault, long min, long max) throws SettingsException {
        long value = file.has(key) ? file.number(key) : byDefault;
        if (value < min || value > max) {
            throw new SettingsException(
                    file.origin(key) + " is " + value + ", which is not between " + min + " and " + max);
        }
        return value;
    }

    private static HostPort address(Choice choice) throws SettingsException {
        try {
            return HostPort.parse(choice.value(), true);
        } catch (IllegalArgumentException e) {
            throw choice.refused(e.getMessage());
        }
    }

    /** Null when other hosts call where this one listens. */
    private HostPort advertised(SettingsFile file, Choice listening, HostPort address) throws SettingsException {
        if (advertise != null || file.has("advertise")) {
            return address(Choice.of("advertise", advertise, file, null));
        }
        if (address.host().equals("0.0.0.0") || address.host().equals("::")) {
            throw listening.refused(
                    "other hosts cannot call an address that stands for all of them; say with --advertise"
                            + " HOST:PORT where they reach this host");
        }
        return null;
    }

    /** Either a server of our own or the addresses of others. */
    private record DirectoryChoice(boolean embedded, int port, String servers) {
        static DirectoryChoice of(Choice choice) throws SettingsException {
            try {
                if (choice.value().equals("embedded")) {
                    return new DirectoryChoice(true, DirectorySettings.DEFAULT_PORT, null);
                }
                if (choice.value().startsWith("embedded:")) {
                    return new DirectoryChoice(
                            true, HostPort.port(choice.value().substring("embedded:".length()), true), null);
                }
                List<String> servers = new ArrayList<>();
                for (String server : choice.value().split(",", -1)) {
                    servers.add(HostPort.parse(server.trim(), false).toString());
                }
                return new DirectoryChoice(false, 0, String.join(",", servers));
            } catch (IllegalArgumentException e) {
                throw choice.refused(e.getMessage() + "; say embedded, embedded:PORT or HOST:PORT[,HOST:PORT...]");
            }
        }
    }
}
