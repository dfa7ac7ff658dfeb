package io.pagewire.adapters;

import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import io.pagewire.Region;
import java.util.Objects;

/**
 * Regions for programs that use JNA: a {@link Structure} over region memory, or a pointer for a C function. JNA touches memory
 * in native state, so a page that takes long holds up no garbage collection. What fails is told as for raw buffers
 * ({@link Region#buffer}): a {@link io.pagewire.PageFaultException} reaches the thread at its next safepoint; call
 * {@link Region#prefetch} first to have it at once. JNA's protected mode must be off.
 *
 * <p>Needs {@code net.java.dev.jna:jna} on the class path. Stateless; safe for use by any thread.
 */
public final class JnaRegions {
    private JnaRegions() {}

    /**
     * A pointer to a byte of the region. JNA checks no bounds behind it: stay within {@code size()}.
     *
     * @param offset bytes, 0 to {@code size()} - 1
     * @throws IndexOutOfBoundsException when the offset is not within the region
     * @throws IllegalStateException when the region is closed
     */
    public static Pointer pointer(Region region, long offset) {
        Objects.checkIndex(offset, region.size());
        region.isHome(); // refuses a closed region
        return new Pointer(region.address() + offset);
    }

    /**
     * A structure that lies in the region. Its fields are Java copies: {@code read()} and {@code write()} move them.
     *
     * @param offset bytes; the structure must fit before the region's end
     * @throws IndexOutOfBoundsException when it does not
     * @throws IllegalStateException when the region is closed
     */
    public static <T extends Structure> T structure(Region region, long offset, Class<T> type) {
        int length = Structure.newInstance(type).size();
        Objects.checkFromIndexSize(offset, length, region.size());
        return Structure.newInstance(type, pointer(region, offset));
    }
}
