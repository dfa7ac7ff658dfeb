package io.pagewire.daemon.region;

import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what a region holds. An error on closing changes nothing for the user (the kernel has let go all the same), so it is
 * logged and not passed on.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Descriptors {
    private static final Logger LOG = LoggerFactory.getLogger(Descriptors.class);

    private Descriptors() {}

    static void close(int descriptor) {
        try {
            Sys.close(descriptor);
        } catch (IOException e) {
            LOG.warn("closing a descriptor: {}", Reasons.of(e));
        }
    }

    static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("closing {}: {}", resource, Reasons.of(e));
        }
    }
}
