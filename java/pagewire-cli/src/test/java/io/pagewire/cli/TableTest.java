package io.pagewire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Thread rule: one thread a test. */
class TableTest {
    @Test
    void shouldAlignNumbersRightAndWordsLeft() {
        Table table = new Table("NAME", "PAGES", "BASE");
        table.row("a", 5, "0x66");
        table.row("longer", 12345, "");

        assertThat(table.toString()).isEqualTo("""
                        NAME    PAGES  BASE
                        a           5  0x66
                        longer  12345  -
                        """);
    }

    @Test
    void shouldRefuseARowOfAnotherWidth() {
        assertThatThrownBy(() -> new Table("A", "B").row(1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldPrintALongTableInPartsUnderOneHeading() {
        Table table = new Table("NAME", "PAGES");
        table.row("a", 5);
        assertThat(table.take()).isEqualTo("""
                NAME  PAGES
                a         5
                """);
        table.row("longer", 1234567);
        assertThat(table.take()).isEqualTo("longer  1234567\n");
        table.row("b", 6);
        assertThat(table.take()).isEqualTo("b             6\n");
    }
}
