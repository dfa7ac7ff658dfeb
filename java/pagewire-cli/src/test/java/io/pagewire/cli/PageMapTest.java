package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class PageMapTest {
    @Test
    void shouldShowOneCharacterAPageWithTheNumberOfTheFirstInEachLine() {
        String answer = """
                {"name":"prices","pageSize":4096,"pages":70,"runs":[
                  {"first":0,"count":3,"bits":["present"],"value":0,"state":"shared","right":"read"},
                  {"first":3,"count":2,"bits":["present"],"value":3,"state":"exclusive","right":"write"},
                  {"first":5,"count":1,"bits":["present","inProgress"],"value":5,"state":"absent","right":"none"},
                  {"first":6,"count":4,"bits":["disk"],"value":17,"state":"shared","right":"none"},
                  {"first":10,"count":54,"bits":["disk"],"value":0,"state":"shared","right":"none"},
                  {"first":64,"count":6,"bits":["remote"],"value":16777217,"state":"absent","right":"none"}]}""";

        assertThat(PageMap.of(Json.parse("test", answer)).toString()).isEqualTo("""
                         #0  ###ww~dddd......................................................
                        #64  rrrrrr
                        . never written 54    # present 3    w written here 2
                        ~ in progress 1    d on disk 4    r on another host 6
                        """);
    }

    @Test
    void shouldCallAPageWrittenThatThisHostHasAloneThoughNoProgramMayWriteNow() {
        ObjectNode answer = table(1);
        run(answer, 0, 1, "present").put("state", "exclusive").put("right", "none");

        assertThat(PageMap.of(answer).toString()).startsWith("#0  w\n");
    }

    @Test
    void shouldSumUpALargeRegionSoThatItFitsTheLines() {
        ObjectNode answer = table(1_000_000);
        run(answer, 0, 512_000, "present");
        run(answer, 512_000, 488_000, "remote");

        List<String> lines = PageMap.of(answer).toString().lines().toList();

        assertThat(lines.get(0)).isEqualTo("     #0  " + "#".repeat(64));
        assertThat(lines.get(1)).startsWith(" #32768  #");
        assertThat(lines).contains("each character shows the commonest kind of 512 pages");
        assertThat(lines.indexOf("each character shows the commonest kind of 512 pages"))
                .isLessThanOrEqualTo(PageMap.LINES);
        assertThat(String.join("", lines)).contains("# present 512000", "r on another host 488000");
    }

    @Test
    void shouldShowTheCommonestKindOfTheCharactersPages() {
        ObjectNode answer = table(4096);
        run(answer, 0, 1, "present");
        run(answer, 1, 4094, "remote");
        run(answer, 4095, 1, "present").put("state", "exclusive");

        List<String> lines = PageMap.of(answer).toString().lines().toList();

        assertThat(lines.get(0)).isEqualTo("   #0  #" + "r".repeat(63));
        assertThat(lines.get(31)).isEqualTo("#3968  " + "r".repeat(63) + "w");
    }

    @Test
    void shouldSayWhichPagesTheDaemonDidNotList() {
        ObjectNode answer = table(4).put("cutAt", 1);
        run(answer, 0, 1, "present");

        assertThat(PageMap.of(answer).toString()).startsWith("#0  #???\n").contains("? not listed 3");
    }

    private static ObjectNode table(long pages) {
        ObjectNode answer = Json.object().put("name", "r").put("pageSize", 4096).put("pages", pages);
        answer.putArray("runs");
        return answer;
    }

    private static ObjectNode run(ObjectNode answer, long first, long count, String bit) {
        ObjectNode run = answer.withArray("runs").addObject();
        run.putArray("bits").add(bit);
        return run.put("first", first)
                .put("count", count)
                .put("state", "shared")
                .put("right", "read");
    }
}
