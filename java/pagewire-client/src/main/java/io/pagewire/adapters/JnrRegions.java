package io.pagewire.adapters;

import io.pagewire.Region;
import java.util.Objects;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * Regions for programs that use jnr-ffi: a {@code Struct} over region memory ({@code struct.useMemory(pointer)}), or a pointer
 * for a C function. What fails is told as for raw buffers ({@link Region#buffer}): a {@link io.pagewire.PageFaultException}
 * reaches the thread at its next safepoint; call {@link Region#prefetch} first to have it at once.
 *
 * <p>Needs {@code com.github.jnr:jnr-ffi} on the class path. Stateless; safe for use by any thread.
 */
public final class JnrRegions {
    private JnrRegions() {}

    /**
     * A pointer to a part of the region, from the offset to the region's end, whose bounds jnr-ffi checks.
     *
     * @param offset bytes, 0 to {@code size()} - 1
     * @throws IndexOutOfBoundsException when the offset is not within the region
     * @throws IllegalStateException when the region is closed
     */
    public static Pointer pointer(Region region, long offset) {
        return pointer(region, offset, region.size() - offset);
    }

    /** The same for {@code length} bytes from the offset, 1 to {@code size() - offset}. */
    public static Pointer pointer(Region region, long offset, long length) {
        Objects.checkIndex(offset, region.size());
        Objects.checkFromIndexSize(offset, length, region.size());
        region.isHome(); // refuses a closed region
        return Pointer.wrap(Runtime.getSystemRuntime(), region.address() + offset, length);
    }
}
