package io.pagewire.daemon;

import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.wire.Reasons;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims one region or stream again after the directory session expired, as often as it takes. No thread waits for it, so one
 * that cannot be claimed holds up no other.
 *
 * <p>Runs on the directory's thread, pauses elsewhere; one attempt at a time.
 */
final class Claiming {
    private static final Logger LOG = LoggerFactory.getLogger(Claiming.class);
    private static final long FIRST_PAUSE_MS = 200;
    private static final long LONGEST_PAUSE_MS = 5000;

    private final ClaimLane lane;
    private final Directory directory;
    private final RegionRecord record;
    private final boolean lost;
    private final BooleanSupplier wanted;
    private final Consumer<OwnerRecord> made;
    private final Predicate<DirectoryException> hopeless;
    private final Executor pauses;
    private long pauseMs = FIRST_PAUSE_MS;
    private String lastFailure;

    /**
     * @param lane bounds how many are claimed at a time
     * @param lost the region's contents were lost, which whoever asks for its owner is told
     * @param wanted false when it need not be claimed any more
     * @param made what is done with the claim
     * @param hopeless what is done when it cannot be had; true = and never will be
     * @param pauses runs what comes after a pause
     */
    Claiming(
            ClaimLane lane,
            Directory directory,
            RegionRecord record,
            boolean lost,
            BooleanSupplier wanted,
            Consumer<OwnerRecord> made,
            Predicate<DirectoryException> hopeless,
            Executor pauses) {
        this.lane = lane;
        this.directory = directory;
        this.record = record;
        this.lost = lost;
        this.wanted = wanted;
        this.made = made;
        this.hopeless = hopeless;
        this.pauses = pauses;
    }

    /** Does not block. */
    void attempt() {
        lane.run(() -> {
            if (!wanted.getAsBoolean()) {
                return CompletableFuture.completedFuture(null);
            }
            return directory.claim(record, lost).whenComplete((claim, failure) -> {
                if (failure == null) {
                    made.accept(claim);
                } else {
                    failed(failure);
                }
            });
        });
    }

    private void failed(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        String text = Reasons.of(cause);
        if (!text.equals(lastFailure)) { // said once
            lastFailure = text;
            String what = record.isStream() ? "stream" : "region";
            LOG.warn("{} {} cannot be claimed again: {}", what, record.name(), lastFailure);
        }
        if (!(cause instanceof DirectoryException problem) || !hopeless.test(problem)) {
            CompletableFuture.delayedExecutor(pauseMs, TimeUnit.MILLISECONDS, pauses)
                    .execute(this::attempt);
            pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
        }
    }
}
