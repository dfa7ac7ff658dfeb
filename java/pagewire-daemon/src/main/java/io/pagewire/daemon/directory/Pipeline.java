package io.pagewire.daemon.directory;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Asks something about each of many things, a bounded number of questions at a time: as fast as one that asks them all at once, and
 * whoever else asks something waits for no more than those. Ends with the first failure.
 *
 * <p>Used by the directory's thread.
 */
final class Pipeline<T> {
    static final int WIDTH = 256;

    private final Iterator<T> things;
    private final Function<T, CompletableFuture<?>> question;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private int underWay;
    private boolean asking;

    private Pipeline(Iterable<T> things, Function<T, CompletableFuture<?>> question) {
        this.things = things.iterator();
        this.question = question;
    }

    /** Completes when all questions are answered. */
    static <T> CompletableFuture<Void> each(Iterable<T> things, Function<T, CompletableFuture<?>> question) {
        Pipeline<T> pipeline = new Pipeline<>(things, question);
        pipeline.ask();
        return pipeline.result;
    }

    private void ask() {
        if (asking) {
            return; // an answer that was there at once; the loop below goes on
        }
        asking = true;
        while (underWay < WIDTH && things.hasNext() && !result.isDone()) {
            underWay++;
            question.apply(things.next()).whenComplete((answer, e) -> {
                underWay--;
                if (e != null) {
                    result.completeExceptionally(Failures.unwrap(e));
                }
                ask();
            });
        }
        asking = false;
        if (underWay == 0 && !things.hasNext()) {
            result.complete(null);
        }
    }
}
