package io.pagewire.system.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.pagewire.PageFaultException;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.wire.FaultCause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One JVM that maps region after region, more than it remembers. */
@Timeout(300)
class ManyRegionsIT {
    /** Java remembers 1024 closed mappings, C 256. */
    private static final int REGIONS = 1400;

    private static final int REMEMBERED = 256;

    @Test
    void shouldKeepNothingOfRegionsThatWereClosedLongAgoAndStillFailAccessesToThem() throws IOException {
        try (Pagewire pagewire = Pagewire.embedded()) {
            ByteBuffer kept = use(pagewire, "region-0");
            for (int i = 1; i < 300; i++) {
                use(pagewire, "region-" + i);
            }
            long descriptors = descriptors();
            for (int i = 300; i < REGIONS; i++) {
                use(pagewire, "region-" + i);
            }

            assertThat(mappingsOfRegions()).isLessThanOrEqualTo(REMEMBERED + 10);
            assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 20);
            assertThatExceptionOfType(PageFaultException.class)
                    .isThrownBy(() -> {
                        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                        while (System.nanoTime() - end < 0) {
                            kept.get(0);
                            Thread.onSpinWait();
                        }
                    })
                    .satisfies(failure -> assertThat(failure.faultCause()).isEqualTo(FaultCause.CLOSED));
        }
    }

    /** A buffer over the region, which is gone when this returns. */
    private static ByteBuffer use(Pagewire pagewire, String name) {
        pagewire.create(name, 8192);
        try (Region region = pagewire.map(name)) {
            region.putLong(4096, 7);
            assertThat(region.getLong(4096)).isEqualTo(7);
            return region.buffer(0, 8192);
        } finally {
            pagewire.delete(name);
        }
    }

    private static long mappingsOfRegions() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.map(line -> Long.parseUnsignedLong(line, 0, line.indexOf('-'), 16))
                    .filter(start -> start >= 0x6600_0000_0000L && start < 0x6F00_0000_0000L)
                    .count();
        }
    }

    private static long descriptors() {
        return Path.of("/proc/self/fd").toFile().list().length;
    }
}
