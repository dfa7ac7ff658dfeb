package io.pagewire;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.wire.FaultCause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PageFaultExceptionTest {
    @ParameterizedTest
    @EnumSource(FaultCause.class)
    void shouldNameRegionPageCauseAndWhatToDo(FaultCause cause) {
        PageFaultException e = new PageFaultException("prices", 3, 4096, cause);
        assertThat(e.region()).isEqualTo("prices");
        assertThat(e.page()).isEqualTo(3);
        assertThat(e.faultCause()).isEqualTo(cause);
        assertThat(e).hasMessageStartingWith("region 'prices', page 3 (bytes 12288 to 16383): " + cause.text() + "; ");
        assertThat(e.getMessage()).doesNotEndWith("; ");
    }

    @Test
    void shouldSayWhatMoreIsKnownOfTheCause() {
        PageFaultException e = new PageFaultException("prices", 3, 4096, FaultCause.DEADLINE, " (nobody answers)");
        assertThat(e).hasMessageContaining(FaultCause.DEADLINE.text() + " (nobody answers); try ");
    }
}
