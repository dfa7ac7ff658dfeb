package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two thousand threads of a JVM fault at once: while some are served, none of the others fails. */
@ExtendWith(LogsOnFailure.class)
@Timeout(240)
class CrowdIT {
    private static final int PAGE = 4096;
    private static final int THREADS = 2000;
    private static final int PAGES_EACH = 10;

    /** On a busy machine the deadline is over long before the last one's turn. */
    private static final String CONFIG = """
            read-ahead-bytes = 0
            [deadlines]
            fault-ms = 3000
            """;

    @TempDir
    Path folder;

    private Cluster cluster;
    private Host a;
    private Host b;

    @BeforeEach
    void start() {
        cluster = new Cluster(folder);
        String config = cluster.file("dsmd.toml", CONFIG).toString();
        a = cluster.host("a", "--config", config);
        b = cluster.host("b", "--config", config);
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    @Test
    void shouldServeEachOfTwoThousandThreadsThatFaultAtOnce() {
        App onA = cluster.app(a);
        App onB = cluster.app(b);
        onA.ask("create", "crowd", (long) THREADS * PAGES_EACH * PAGE, PAGE);
        onA.ask("map", "crowd");
        onB.ask("map", "crowd");

        assertThat(onB.ask("touch-apart", "crowd", THREADS, PAGES_EACH)).startsWith("0 failed");
    }
}
