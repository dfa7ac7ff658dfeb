package io.pagewire.daemon.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A moment of what {@code tools/fuzz} does for long: no bytes bring a decoder of the daemon out of order. */
class BadBytesTest {
    private static final int INPUTS = 2500;
    private static final int PARANOID = 100;

    static Set<String> targets() {
        return Targets.all().keySet();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void shouldSurviveAnyBytes(String name) throws Exception {
        try (FuzzTarget target = Targets.all().get(name).call()) {
            FuzzRun.Result result = new FuzzRun(target, 1).run(0, INPUTS, PARANOID, done -> {});
            assertThat(result.inputs()).isEqualTo(INPUTS);
        }
    }
}
