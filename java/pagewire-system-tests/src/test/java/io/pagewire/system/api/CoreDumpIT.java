package io.pagewire.system.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.FrameOptions;
import io.pagewire.FrameWriter;
import io.pagewire.MapOptions;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel would put into a core dump of this JVM; native/test/test_dump.c makes one. */
@Timeout(60)
class CoreDumpIT {
    private static Pagewire pagewire;

    @BeforeAll
    static void start() {
        pagewire = Pagewire.embedded();
        pagewire.create("region", 1 << 20);
    }

    @AfterAll
    static void stop() {
        pagewire.close();
    }

    @Test
    void shouldLeaveARegionOutUnlessItIsAskedFor() throws IOException {
        try (Region region = pagewire.map("region")) {
            region.putLong(4096, 1);
            assertThat(flagsFrom(region.address())).isNotEmpty().allMatch(flags -> flags.contains(" dd"));
        }
        try (Region region = pagewire.map("region", MapOptions.defaults().withDumped(true))) {
            assertThat(flagsFrom(region.address())).isNotEmpty().noneMatch(flags -> flags.contains(" dd"));
        }
        try (Region region = pagewire.map("region", MapOptions.defaults().withPreloaded(true))) {
            assertThat(flagsFrom(region.address())).isNotEmpty().allMatch(flags -> flags.contains(" dd"));
        }
    }

    @Test
    void shouldLeaveWindowsAndParkedFramesOut() throws IOException {
        try (FrameWriter writer =
                pagewire.publishFrames("frames", FrameOptions.ofSize(1 << 20).withDiscard(true))) {
            writer.window().put(0, (byte) 1);
            writer.swap();

            assertThat(flagsOf("/memfd:pagewire")).isNotEmpty().allMatch(flags -> flags.contains(" dd"));
        }
    }

    /** VmFlags of the first mapping at that address. */
    private static List<String> flagsFrom(long address) throws IOException {
        return flags(line -> line.startsWith(Long.toHexString(address) + "-"));
    }

    /** VmFlags of all mappings of such files, without lease pages. */
    private static List<String> flagsOf(String file) throws IOException {
        return flags(line -> line.contains(file) && !line.contains("lease"));
    }

    private static List<String> flags(Predicate<String> mapping) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
        List<String> found = new ArrayList<>();
        boolean here = false;
        for (String line : lines) {
            if (line.startsWith("VmFlags:")) {
                if (here) {
                    found.add(line);
                }
                here = false;
            } else {
                here |= mapping.test(line);
            }
        }
        return found;
    }
}
