package io.pagewire.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LeasePage;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.MapReply;
import io.pagewire.wire.StreamReply;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Both sides describe the local protocol; the C side prints its numbers, and they must be the same, in both directions. */
class LayoutTest {
    @Test
    void shouldHaveTheSameLayoutsInJavaAndC() throws Exception {
        TreeMap<String, Long> java = new TreeMap<>();
        for (Class<?> type : List.of(LocalLayout.class, MapReply.class, StreamReply.class, LeasePage.class)) {
            addConstants(type, java);
        }
        for (LocalStatus status : LocalStatus.values()) {
            java.put("LocalStatus." + status, (long) status.code());
        }
        for (FaultCause cause : FaultCause.values()) {
            java.put("FaultCause." + cause, (long) cause.code());
        }
        for (DeadlineReason reason : DeadlineReason.values()) {
            java.put("DeadlineReason." + reason, (long) reason.code());
        }
        assertThat(dumpedByC()).isEqualTo(java);
    }

    private static void addConstants(Class<?> type, TreeMap<String, Long> into) throws IllegalAccessException {
        for (Field field : type.getFields()) {
            assertThat(Modifier.isStatic(field.getModifiers())).isTrue();
            into.put(type.getSimpleName() + "." + field.getName(), ((Number) field.get(null)).longValue());
        }
    }

    private static TreeMap<String, Long> dumpedByC() throws IOException, InterruptedException {
        Process dump = new ProcessBuilder(
                        Checkout.root().resolve("build/native/pw_dump_layout").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(dump.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(dump.exitValue()).isZero();
        TreeMap<String, Long> table = new TreeMap<>();
        text.lines().forEach(line -> {
            String[] parts = line.split(" ");
            table.put(parts[0], Long.valueOf(parts[1]));
        });
        return table;
    }
}
