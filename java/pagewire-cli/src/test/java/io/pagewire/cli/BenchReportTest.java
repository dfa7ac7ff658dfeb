package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.cli.bench.Part;
import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class BenchReportTest {
    @Test
    void shouldShowWhatWasMeasuredAndNothingElse() {
        String result = """
                {"upgrade":{"p50us":62.1,"p99us":400.2,"rawP50us":16.6,"ratio":3.75},
                 "daemonMemory":{"pages":1000000,"homeBytesPerPage":16.0,"clientBytesPerPage":12.1,"from":"heap"}}""";

        assertThat(BenchReport.text(Json.parse("test", result))).isEqualTo("""
                                                           P50       P99  RAW P50  RATIO  RAW IS
                        remote write fault, copy here  62.1 us  400.2 us  16.6 us   3.75  32-byte TCP round trip

                        daemon memory a page: 16.0 bytes at home, 12.1 bytes at a client (heap, 1000000 pages)
                        """);
    }

    @Test
    void shouldSetWhatIsLargeBesideWhatIsSmall() {
        String result = """
                {"scanUnderPressure":{"gbps":0.5,"freeGbps":1.0,"freeRatio":0.5,"bytes":100663296,"framesMax":12582912},
                 "randomAccess":{"faults":10000,"meanUs":44.0,"pages":1000000,"smallMeanUs":40.0,"smallPages":10000,
                  "ratio":1.1,"target":1.3}}""";

        assertThat(BenchReport.text(Json.parse("test", result))).isEqualTo("""
                        scan of 96 MiB with frames for 12 MiB 0.50 GB/s, with frames for all of it 1.00 GB/s, ratio 0.50
                        random access, 10000 faults: 44.0 us each among 1000000 pages, 40.0 us among 10000, ratio 1.10 (aim: at most 1.3)
                        """);
    }

    @Test
    void shouldSetFramesBesideBlocksAndSwapsOfFullFramesBesideThoseOfEmptyOnes() {
        String result = """
                {"streams":{"frames":4,"targetRatio":0.7,"sizes":[
                 {"frameSize":65536,"gbps":1.5,"rawGbps":2.0,"ratio":0.75,"cpuSecondsPerGb":0.512,"rawCpuSecondsPerGb":0.4,
                  "framesSeen":12288,"bytesSeen":805306368,
                  "swapUntouched":{"count":200,"meanUs":2.5,"p50us":2.4,"maxUs":10.1},
                  "swapPopulated":{"count":200,"meanUs":2.6,"p50us":2.5,"maxUs":9.0}}]}}""";

        assertThat(BenchReport.text(Json.parse("test", result))).isEqualTo("""
                        FRAMES OF  GB/s   RAW  RATIO  CPU s/GB   RAW  FRAMES SEEN  BYTES SEEN
                           64 KiB  1.50  2.00   0.75      0.51  0.40        12288     768 MiB

                        FRAMES OF  SWAP, UNTOUCHED      MAX  SWAP, ALL PAGES     MAX  SWAPS
                           64 KiB           2.5 us  10.1 us           2.6 us  9.0 us    200
                        frame streams with 4 frames a side; raw: blocks over TCP between two C programs (aim: ratio at least 0.7 at 8 MiB)
                        """);
    }

    @Test
    void shouldKnowItsPartsByTheWordsThatTheHelpNames() {
        assertThat(Part.words())
                .containsExactly(
                        "read",
                        "write",
                        "remote-write",
                        "ping-pong",
                        "scan",
                        "pressure",
                        "memory",
                        "random",
                        "streams");
        for (String word : Part.words()) {
            assertThat(Part.of(word)).isPresent();
        }
        assertThat(Part.of("nothing")).isEmpty();
    }
}
