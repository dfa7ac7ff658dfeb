package io.pagewire.daemon.region;

import io.netty.channel.EventLoop;
import io.pagewire.wire.LocalLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What a program that has let go of a region can ask until it knows what became of the pages written here: how much is not at
 * home yet, and in the end which pages did not get there.
 *
 * <p>Safe for use by any thread; belongs to the region's event loop where nothing else is said.
 */
public final class Leaving {
    /**
     * How things stand.
     *
     * @param state {@link LocalLayout#LEAVING_RUNNING} and its like
     * @param left bytes that are not at home
     * @param total the most that ever were since the end began
     * @param pages that are not at home; null when nobody asked for them
     * @param reason why they are not, one clause; empty while all goes well
     */
    public record Report(int state, long left, long total, PageRanges pages, String reason) {}

    /** Who knows how things stand while it goes on. */
    interface Source {
        Report report(boolean withPages);
    }

    private final EventLoop loop;
    private Source source;
    private volatile Report last;

    Leaving(EventLoop loop, Source source) {
        this.loop = loop;
        this.source = source;
    }

    /** One that is over. */
    Leaving(EventLoop loop, Report outcome) {
        this.loop = loop;
        this.last = outcome;
    }

    /** How things stand; any thread. */
    public CompletionStage<Report> ask(boolean withPages) {
        CompletableFuture<Report> answer = new CompletableFuture<>();
        if (last != null) {
            answer.complete(last); // its loop may have ended
        } else {
            loop.execute(() -> answer.complete(last != null ? last : source.report(withPages)));
        }
        return answer;
    }

    /** It is over. On the loop. */
    void end(Report outcome) {
        last = outcome;
        source = null;
    }

    /** Whether pages were lost, as far as is known; any thread. */
    boolean hasLost() {
        Report outcome = last;
        return outcome != null && outcome.state() == LocalLayout.LEAVING_LOST;
    }

    boolean isOver() {
        return last != null;
    }
}
