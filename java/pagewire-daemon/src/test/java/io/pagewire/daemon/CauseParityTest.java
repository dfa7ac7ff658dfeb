package io.pagewire.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.core.Cause;
import io.pagewire.core.Geometry;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

/** The core and the wire agree about the size of runs, and give the same numbers to the same causes. */
class CauseParityTest {
    @Test
    void shouldHaveTheSameWindowInTheCoreAndOnTheWire() {
        assertThat(Geometry.WINDOW_BYTES).isEqualTo(PeerLayout.WINDOW_BYTES);
        assertThat(new Geometry(1000, 4096).mostRun()).isEqualTo(256);
        assertThat(new Geometry(1000, 2 << 20).mostRun()).isEqualTo(1);
    }

    @Test
    void shouldHaveTheSameCodesInTheCoreAndOnTheWire() throws IllegalAccessException {
        Field[] fields = Cause.class.getFields();
        assertThat(fields).hasSameSizeAs(FaultCause.values());
        for (Field field : fields) {
            assertThat(FaultCause.valueOf(field.getName()).code()).isEqualTo(field.getInt(null));
        }
    }
}
