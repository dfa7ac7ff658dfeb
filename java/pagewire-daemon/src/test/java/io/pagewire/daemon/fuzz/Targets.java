package io.pagewire.daemon.fuzz;

import io.pagewire.daemon.circuit.ReaderTarget;
import io.pagewire.daemon.config.SettingsTarget;
import io.pagewire.daemon.directory.NodesTarget;
import io.pagewire.daemon.local.LocalTarget;
import io.pagewire.daemon.region.ClientTarget;
import io.pagewire.daemon.region.HomeTarget;
import io.pagewire.daemon.region.PreloadedTarget;
import io.pagewire.daemon.stream.StreamClientTarget;
import io.pagewire.daemon.stream.StreamHomeTarget;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Every target of the daemon, by name.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Targets {
    private Targets() {}

    static Map<String, Callable<FuzzTarget>> all() {
        Map<String, Callable<FuzzTarget>> all = new LinkedHashMap<>();
        all.put("local", LocalTarget::new);
        all.put("circuit-reader", ReaderTarget::new);
        all.put("circuit-home", () -> new HomeTarget(false));
        all.put("circuit-home-any", () -> new HomeTarget(true));
        all.put("circuit-client", () -> new ClientTarget(false));
        all.put("circuit-client-any", () -> new ClientTarget(true));
        all.put("circuit-preloaded", PreloadedTarget::new);
        all.put("stream-home", StreamHomeTarget::new);
        all.put("stream-client", () -> new StreamClientTarget(false));
        all.put("stream-client-latest", () -> new StreamClientTarget(true));
        all.put("directory-nodes", NodesTarget::new);
        all.put("config", SettingsTarget::new);
        return all;
    }
}
