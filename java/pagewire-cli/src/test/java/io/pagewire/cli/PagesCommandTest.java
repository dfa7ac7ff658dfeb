package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class PagesCommandTest {
    @Test
    void shouldShowRunsWithTheMeaningOfTheirValue() {
        String answer = """
                {"name":"prices","pageSize":4096,"pages":16,"runs":[
                  {"first":0,"count":3,"bits":["present"],"value":0,"meaning":"frame","state":"shared","right":"read"},
                  {"first":3,"count":1,"bits":["present","inProgress"],"value":3,"meaning":"frame","state":"absent",
                   "right":"none"},
                  {"first":4,"count":12,"bits":["remote"],"value":16777217,"meaning":"circuit","state":"absent",
                   "right":"none","copies":0}]}""";

        assertThat(PagesCommand.table(Json.parse("test", answer)).toString()).isEqualTo("""
                        PAGES  COUNT  BITS                VALUE             STATE   LOCAL  COPIES
                        #0-2       3  present             frame 0-2         shared  read        -
                        #3         1  present+inProgress  frame 3           absent  none        -
                        #4-15     12  remote              circuit 16777217  absent  none        0
                        """);
    }
}
