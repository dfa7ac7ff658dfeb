package io.pagewire.daemon.region;

import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/**
 * Something that ends in order when its daemon stops, however long that takes as long as it gets on.
 *
 * <p>Belongs to its event loop; the loop and the name may be read by any thread.
 */
public interface Stoppable {
    EventLoop loop();

    /** For the log, as "region NAME". */
    String called();

    /** Ends; {@code done} runs once when nothing is left here, with whether all has arrived where it was to go. */
    void shutDown(Consumer<Boolean> done);

    /** The end that {@link #shutDown} began is to wait no longer. Nothing when it is over, or was never begun. */
    void giveUp(String why);
}
