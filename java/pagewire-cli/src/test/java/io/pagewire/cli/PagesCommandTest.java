package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class PagesCommandTest {
    @Test
    void shouldShowRunsWithTheMeaningOfTheirValue() {
        String answer = """
                {"name":"prices","pageSize":4096,"pages":28,"runs":[
                  {"first":0,"count":3,"bits":["present"],"value":0,"meaning":"frame","state":"shared","right":"read"},
                  {"first":3,"count":1,"bits":["present","inProgress"],"value":3,"meaning":"frame","state":"absent",
                   "right":"none"},
                  {"first":4,"count":12,"bits":["remote"],"value":16777217,"meaning":"circuit","state":"absent",
                   "right":"none","copies":0},
                  {"first":16,"count":1,"bits":["remote"],"value":0,"meaning":"circuit","state":"absent",
                   "right":"none"},
                  {"first":17,"count":3,"bits":["disk"],"value":40,"meaning":"sector","state":"shared",
                   "right":"none","copies":1},
                  {"first":20,"count":8,"bits":["disk"],"value":0,"meaning":"sector","state":"shared",
                   "right":"none"}]}""";

        assertThat(PagesCommand.table(Json.parse("test", answer)).toString()).isEqualTo("""
                        PAGES   COUNT  BITS                  VALUE                     STATE   LOCAL  COPIES
                        #0-2        3  present               frame 0-2                 shared  read        -
                        #3          1  present, in progress  frame 3                   absent  none        -
                        #4-15      12  remote host           circuit 16777217          absent  none        0
                        #16         1  remote host           circuit 0 (directory)     absent  none        -
                        #17-19      3  on disk               sector 40-42              shared  none        1
                        #20-27      8  on disk               sector 0 (never written)  shared  none        -
                        """);
    }

    @Test
    void shouldPrintAgainAfterAnEmptyLineWhereNobodyWatches() {
        StringWriter out = new StringWriter();
        Redraw redraw = new Redraw(new PrintWriter(out), false);

        assertThat(redraw.show("one\n")).isTrue();
        assertThat(redraw.show("two\n")).isTrue();

        assertThat(out.toString()).isEqualTo("one\n\ntwo\n");
    }

    @Test
    void shouldWriteOverWhatATerminalShows() {
        StringWriter out = new StringWriter();
        Redraw redraw = new Redraw(new PrintWriter(out), true);

        redraw.show("one\n");
        int first = out.getBuffer().length();
        redraw.show("two\n");

        assertThat(out.getBuffer().substring(first)).isEqualTo("\033[Htwo\033[K\n\033[J");
    }
}
