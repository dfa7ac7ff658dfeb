/**
 * The Java side of the JNI glue; no API. {@link io.pagewire.internal.Native} has every C function, {@code Errors} turns errno
 * values into exceptions, {@link io.pagewire.internal.Mapping} and {@link io.pagewire.internal.Link} keep handles from being
 * used after they are closed, {@code FailureDeliverer} brings failures to threads that used raw buffers, which may
 * happen to them anywhere, so locks in here must survive it ({@code Gate}, {@code Turn}),
 * {@link io.pagewire.internal.Upcalls} is where C calls Java.
 */
package io.pagewire.internal;
