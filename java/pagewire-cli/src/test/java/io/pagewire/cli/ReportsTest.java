package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code regions}, {@code circuits} and {@code status} make of the daemon's answers. Thread rule: one thread a test. */
class ReportsTest {
    @Test
    void shouldSayWhoWritesARegionAndWhatItIsMadeOf() {
        String answer = """
                {"regions":[
                  {"name":"a","size":8192,"pages":2,"pageSize":4096,"base":"0x66","owner":"x","role":"home","state":"ok",
                   "kind":"created","writers":"any"},
                  {"name":"b","size":1000,"pages":1,"pageSize":4096,"base":"0x67","owner":"x","role":"home","state":"ok",
                   "kind":"exported","writers":"owner","file":"/f"},
                  {"name":"c","size":1000,"pages":1,"pageSize":4096,"base":"0x68","owner":"x","role":"home","state":"ok",
                   "kind":"exported","writers":"owner","file":"/f","resident":true,"residentBytes":379,"lockedBytes":379},
                  {"name":"d","size":1000,"pages":1,"pageSize":4096,"base":"0x69","owner":"x","role":"home","state":"ok",
                   "kind":"exported","writers":"owner","file":"/f","resident":true,"residentBytes":1000,
                   "lockedBytes":10}]}""";

        assertThat(RegionsCommand.table(Json.parse("test", answer)).toString()).isEqualTo("""
                        NAME    SIZE  PAGES     OF  BASE  OWNER  HERE  WRITERS  TYPE                             STATE  FILE
                        a      8 KiB      2  4 KiB  0x66  x      home  any      created                          ok     -
                        b     1000 B      1  4 KiB  0x67  x      home  owner    file                             ok     /f
                        c     1000 B      1  4 KiB  0x68  x      home  owner    file, resident 37%               ok     /f
                        d     1000 B      1  4 KiB  0x69  x      home  owner    file, resident 100%, not locked  ok     /f
                        """);
    }

    @Test
    void shouldSayWhoTakesTheFramesOfAStream() {
        JsonNode answer = Json.parse("test", """
                {"streams":[
                  {"name":"film","id":7,"role":"home","owner":"a","frameSize":8388608,"frames":4,"dropMs":5000,"last":120,
                   "kept":0,"discarded":3,"waiting":true,"dropped":1,"state":"ok",
                   "producer":{"program":"cam","pid":41},
                   "consumers":[
                     {"host":"b","latest":false,"delivered":117,"skipped":0,"heldBack":4,"state":"ok"},
                     {"program":"show","pid":42,"latest":true,"delivered":60,"skipped":57,"heldBack":0,"state":"ok"}]},
                  {"name":"x","id":8,"role":"client","owner":"b","frameSize":1000,"frames":2,"dropMs":5000,"last":1,
                   "kept":0,"discarded":0,"waiting":false,"dropped":0,"state":"connecting","consumers":[]}]}""");
        assertThat(StreamsCommand.table(answer).toString()).isEqualTo("""
                        NAME  FRAMES      OF  HERE    PRODUCER       LAST  KEPT  DISCARDED  DROPPED  STATE
                        film       4   8 MiB  home    cam (41) on a   120     0          3        1  ok, waits
                        x          2  1000 B  client  on b              1     0          0        0  connecting
                        """);
        assertThat(StreamsCommand.consumers(answer).toString()).isEqualTo("""
                        STREAM  CONSUMER   FRAMES  DELIVERED  SKIPPED  HOLDS  STATE
                        film    host b     all           117        0      4  ok
                        film    show (42)  latest         60       57      0  ok
                        """);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1 demand",
        "2, '2 demand, resident'",
        "3, 3 preloaded",
        "4, '4 preloaded, resident'",
        "5, 5 stream",
        "6, '6 stream, latest'",
        "9, 9"
    })
    void shouldSayTheSharingTypeOfACircuitInWords(int type, String words) {
        assertThat(SharingType.words(type)).isEqualTo(words);
        String answer = "{\"circuits\":[{\"id\":1,\"region\":\"a\",\"sharingType\":" + type + "}]}";
        assertThat(CircuitsCommand.table(Json.parse("test", answer)).toString()).contains(words);
    }

    @Test
    void shouldNumberTheSharingTypes() {
        assertThat(SharingType.of(false, false)).isEqualTo(1);
        assertThat(SharingType.of(false, true)).isEqualTo(2);
        assertThat(SharingType.of(true, false)).isEqualTo(3);
        assertThat(SharingType.of(true, true)).isEqualTo(4);
    }

    @Test
    void shouldShowTheBudgetForFramesAndWhatWasLost() {
        String answer = """
                {"host":"a","frames":{"max":67108864,"used":12582912,"spillMax":1073741824,"spilled":4096,"spillFile":8192,"spillDir":"/d"},
                 "memory":{"heapUsed":33554432},
                 "losses":[{"region":"prices","first":5,"count":5,"holder":"b","at":"2026-11-25T10:00:00Z"}]}""";

        assertThat(status(answer))
                .contains(
                        "frames      12 MiB of 64 MiB used\n",
                        "spilled     4 KiB of 1 GiB, file of 8 KiB in /d\n",
                        "heap        32 MiB used\n")
                .contains("""

                        LOST IN  PAGES  COUNT  WRITTEN BY  AT
                        prices   #5-9       5  b           2026-11-25T10:00:00Z
                        """);
    }

    @Test
    void shouldShowNoBudgetWhereThereIsNone() {
        assertThat(status("{\"host\":\"a\",\"frames\":{\"max\":8192,\"used\":4096,\"spillMax\":0,\"spilled\":0}}"))
                .contains("frames      4 KiB of 8 KiB used\n")
                .doesNotContain("spilled", "LOST");
        assertThat(status("{\"host\":\"a\",\"frames\":{\"max\":8192,\"used\":0,\"spillMax\":null,\"spilled\":4096}}"))
                .contains("spilled     4 KiB, file of 0 B\n");
        assertThat(status("{\"host\":\"a\"}")).doesNotContain("frames", "heap", "LOST");
    }

    @Test
    void shouldSayWhatIsNotHomeAndThatNobodyKnowsOfPreloadedMappings() {
        assertThat(
                        status(
                                "{\"host\":\"b\",\"notHomeBytes\":8192,\"notHome\":["
                                        + "{\"region\":\"r\",\"owner\":\"a\",\"host\":\"b\",\"bytes\":8192},"
                                        + "{\"region\":\"p\",\"owner\":\"a\",\"host\":\"b\",\"bytes\":null,\"reason\":\"preloaded\"}]}"))
                .contains("not home    8 KiB stored on this host\n", "NOT HOME IN")
                .containsPattern("r +a +b +8 KiB")
                .containsPattern("p +a +b +preloaded");
        assertThat(status("{\"host\":\"b\",\"notHomeBytes\":0,\"notHome\":[]}"))
                .contains("not home    nothing\n")
                .doesNotContain("NOT HOME IN");
    }

    private static String status(String answer) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        StatusCommand.print(out, Json.parse("test", answer));
        out.flush();
        return text.toString();
    }
}
