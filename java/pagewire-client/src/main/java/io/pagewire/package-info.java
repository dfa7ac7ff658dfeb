/**
 * Distributed shared memory by name. {@link io.pagewire.Pagewire} connects to the {@code dsmd} of this host (or starts a private
 * one), {@link io.pagewire.Region} is memory that stands at the same address in every process on every host and whose pages
 * come by page faults, or all in advance ({@link io.pagewire.MapOptions}). Programs of the owning host may store, or those of
 * every host ({@link io.pagewire.Writers}).
 *
 * <p>Streams of frames (SPEC: V12) go through the same connection: what {@link io.pagewire.FrameWriter} swaps out of its
 * window, each {@link io.pagewire.FrameReader} on any host gets into its own, whole, once and in order.
 *
 * <p>Contract of the package:
 *
 * <ul>
 *   <li>A page that cannot be served ends in a {@link io.pagewire.PageFaultException} that names region, page and cause: at
 *       once from the methods of {@link io.pagewire.Region}, a little later in a thread that used a raw buffer. Never a hang,
 *       never a dead JVM; and once the reason is gone, the same access works.
 *   <li>A stream that was not finished ends in a {@link io.pagewire.StreamLostException}, never as if it had been.
 *   <li>Every wait has a deadline.
 *   <li>Offsets and sizes are in bytes and 64 bits wide; multi-byte values have the byte order of the machine.
 *   <li>Errors are subclasses of {@link io.pagewire.PagewireException} with one line that says what is wrong, where, and what
 *       to do; wrong offsets are {@link IndexOutOfBoundsException}, closed things {@link IllegalStateException}.
 *   <li>Works on JDK 17 and later, with every collector; needs no flags. On JDK 24 and later,
 *       {@code --enable-native-access=ALL-UNNAMED} keeps the JVM from warning about native code. JNA's protected mode cannot
 *       run beside it and is refused.
 * </ul>
 *
 * <p>Everything is safe for use by any thread unless it says otherwise.
 */
package io.pagewire;
