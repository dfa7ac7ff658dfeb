package io.pagewire;

import io.pagewire.wire.FaultCause;
import java.time.Duration;
import java.util.Optional;

/**
 * Something that happened to pages of a mapped region.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param kind what happened
 * @param page the first page concerned, counted from 0
 * @param pageCount how many pages
 * @param duration from fault to right applied; for {@link Kind#REVOKED} until the right was given up; else zero
 * @param failure why, for {@link Kind#FAILED}; else empty
 * @param kernelThread the kernel's id of the thread that faulted; 0 when there was no fault
 */
public record RegionEvent(
        Kind kind, long page, long pageCount, Duration duration, Optional<FaultCause> failure, int kernelThread) {
    /** The kinds of events; their codes are those of {@code enum pw_event_kind}. */
    public enum Kind {
        /** A fault was served with read access. */
        READ,
        /** A fault was served with write access. */
        WRITE,
        /** A fault could not be served. */
        FAILED,
        /** Another process or host needed the pages; rights on them were taken away. */
        REVOKED,
        /**
         * The pages went back to an older state: the host that had written them is gone, and had not forced what it wrote
         * ({@link Region#force}). For a preloaded mapping also: its daemon ended, and what had not been published is gone.
         */
        LOST
    }
}
