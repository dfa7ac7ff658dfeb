package io.pagewire.benchmarks;

import io.pagewire.core.ClientRegion;
import io.pagewire.core.ClientSettings;
import io.pagewire.core.Geometry;
import io.pagewire.core.HomeRegion;
import io.pagewire.core.HomeSettings;
import io.pagewire.core.Right;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The decisions of one page that goes back and forth: read at a client, then written at home. Each benchmark is one round of
 * all events that its side sees.
 *
 * <p>Belongs to one benchmark's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CoreBenchmark {
    private static final Geometry GEOMETRY = new Geometry(1 << 20, 4096);
    private static final int STRIDE = 7919;

    private final SilentPorts homePorts = new SilentPorts();
    private final SilentPorts clientPorts = new SilentPorts();
    private HomeRegion home;
    private ClientRegion client;
    private long page;
    private long now;

    @Setup
    public void open() {
        home = new HomeRegion(GEOMETRY, homePorts, homePorts, HomeSettings.defaults(GEOMETRY));
        home.mappingOpened(0, Right.WRITE);
        home.hostJoined(0, 1 << 24 | 1, true, 0);
        client = new ClientRegion(GEOMETRY, clientPorts, clientPorts, ClientSettings.defaults(GEOMETRY));
        client.mappingOpened(0, Right.READ);
        client.connectNow(0);
        client.circuitUp(1 << 24 | 1, 0);
    }

    /** At home: a fetch takes the page from the local writer; the writer's next fault purges the copy. */
    @Benchmark
    public long homeFetchAndWrite() {
        page = (page + STRIDE) & (GEOMETRY.pages() - 1);
        now += 1000;
        home.localFault(0, 0, 1, page, Right.WRITE, now);
        home.fetch(0, 1, page, 1, now);
        home.revoked(0, homePorts.revoke, now);
        home.localFault(0, 0, 2, page, Right.WRITE, now);
        home.purged(0, page, 1, homePorts.operation, now);
        return homePorts.granted;
    }

    /** At a client: a fault fetches the page; a purge takes it away again. */
    @Benchmark
    public long clientFetchAndPurge() {
        page = (page + STRIDE) & (GEOMETRY.pages() - 1);
        now += 1000;
        client.localFault(0, 0, 1, page, Right.READ, now);
        client.arrived(clientPorts.request, page, 1, 1, true, false, now);
        client.purge(page, 1, 1, now);
        client.revoked(0, clientPorts.revoke, now);
        return clientPorts.granted;
    }
}
