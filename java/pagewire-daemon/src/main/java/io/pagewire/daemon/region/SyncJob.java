package io.pagewire.daemon.region;

/**
 * One publish or refresh of a host that has the region preloaded.
 *
 * <p>Belongs to the region's event loop.
 */
abstract class SyncJob {
    private final SyncClient client;

    SyncJob(SyncClient client) {
        this.client = client;
    }

    final SyncClient client() {
        return client;
    }

    /** Does what can be done now; never called from within the core. True when there may be more to do at once. */
    abstract boolean goOn(long now);
}
