package io.pagewire.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.core.Cause;
import io.pagewire.wire.FaultCause;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

/** The core and the wire give the same numbers to the same causes. */
class CauseParityTest {
    @Test
    void shouldHaveTheSameCodesInTheCoreAndOnTheWire() throws IllegalAccessException {
        Field[] fields = Cause.class.getFields();
        assertThat(fields).hasSameSizeAs(FaultCause.values());
        for (Field field : fields) {
            assertThat(FaultCause.valueOf(field.getName()).code()).isEqualTo(field.getInt(null));
        }
    }
}
