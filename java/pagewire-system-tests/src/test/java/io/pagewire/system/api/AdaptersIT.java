package io.pagewire.system.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.jna.Structure;
import io.pagewire.Pagewire;
import io.pagewire.PagewireException;
import io.pagewire.Region;
import io.pagewire.adapters.JnaRegions;
import io.pagewire.adapters.JnrRegions;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** C structures of JNA and jnr-ffi that lie in a region. */
class AdaptersIT {
    private static final int PAGE = 4096;
    private static Pagewire pagewire;

    @BeforeAll
    static void start() {
        pagewire = Pagewire.embedded();
        pagewire.create("structures", 4 * PAGE);
    }

    @AfterAll
    static void stop() {
        pagewire.close();
    }

    /** Public, as JNA wants it. */
    @Structure.FieldOrder({"id", "price"})
    public static class Quote extends Structure {
        public long id;
        public double price;
    }

    private static final class JnrQuote extends Struct {
        final Struct.Signed64 id = new Signed64();
        final Struct.Double price = new Double();

        JnrQuote() {
            super(Runtime.getSystemRuntime());
        }
    }

    @Test
    void shouldPutAJnaStructureIntoTheRegion() {
        try (Region region = pagewire.map("structures")) {
            Quote quote = JnaRegions.structure(region, PAGE - 8, Quote.class);
            quote.id = 7;
            quote.price = 1.25;
            quote.write();
            assertThat(region.getLong(PAGE - 8)).isEqualTo(7);
            assertThat(region.getDouble(PAGE)).isEqualTo(1.25);
            region.putLong(PAGE - 8, 8);
            quote.read();
            assertThat(quote.id).isEqualTo(8);
            assertThat(JnaRegions.pointer(region, PAGE).getDouble(0)).isEqualTo(1.25);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> JnaRegions.pointer(region, 4 * PAGE));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> JnaRegions.structure(region, 4 * PAGE - 8, Quote.class));
        }
    }

    @Test
    void shouldPutAJnrStructIntoTheRegion() {
        try (Region region = pagewire.map("structures")) {
            JnrQuote quote = new JnrQuote();
            quote.useMemory(JnrRegions.pointer(region, 2 * PAGE, 16));
            quote.id.set(9);
            quote.price.set(2.5);
            assertThat(region.getLong(2 * PAGE)).isEqualTo(9);
            assertThat(region.getDouble(2 * PAGE + 8)).isEqualTo(2.5);
            Pointer end = JnrRegions.pointer(region, 4 * PAGE - 8);
            end.putLong(0, 3);
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> end.getLong(8));
        }
    }

    @Test
    void shouldRefuseAClosedRegion() {
        Region region = pagewire.map("structures");
        region.close();
        assertThatIllegalStateException().isThrownBy(() -> JnaRegions.pointer(region, 0));
        assertThatIllegalStateException().isThrownBy(() -> JnrRegions.pointer(region, 0));
    }

    @Test
    void shouldRefuseToMapWhileJnaIsInProtectedMode() {
        com.sun.jna.Native.setProtected(true);
        try {
            if (com.sun.jna.Native.isProtected()) { // not on every platform
                assertThatExceptionOfType(PagewireException.class)
                        .isThrownBy(() -> pagewire.map("structures"))
                        .withMessageContaining("JNA");
            }
        } finally {
            com.sun.jna.Native.setProtected(false);
        }
    }
}
