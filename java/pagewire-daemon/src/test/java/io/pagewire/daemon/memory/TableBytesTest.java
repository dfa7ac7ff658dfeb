package io.pagewire.daemon.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The part of the heap that page tables may take. */
class TableBytesTest {
    @Test
    void shouldBeFullFromItsBoundOnUntilARegionHasEnded() {
        TableBytes tables = new TableBytes(100);
        tables.take(60);
        assertThat(tables.isFull()).isFalse();
        tables.take(60); // beyond it: what is served lies beside what is not
        assertThat(tables.isFull()).isTrue();
        tables.give(60);
        assertThat(tables.isFull()).isFalse();
        assertThat(tables.taken()).isEqualTo(60);
    }
}
