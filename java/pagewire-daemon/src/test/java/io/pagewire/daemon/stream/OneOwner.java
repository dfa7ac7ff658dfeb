package io.pagewire.daemon.stream;

import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.OwnerListener;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionPage;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.directory.RegionSpec;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A directory that knows one owner, or none, and nothing else.
 *
 * <p>Safe for use by any thread.
 */
final class OneOwner implements Directory {
    private volatile CompletableFuture<OwnerRecord> owner = new CompletableFuture<>();

    void is(OwnerRecord record) {
        owner = CompletableFuture.completedFuture(record);
    }

    void isNot(Exception why) {
        owner = CompletableFuture.failedFuture(why);
    }

    @Override
    public long incarnation() {
        return 0x5157;
    }

    @Override
    public CompletableFuture<OwnerRecord> owner(int regionId) {
        return owner;
    }

    @Override
    public CompletableFuture<OwnerRecord> owner(int regionId, int deadlineMs) {
        return owner(regionId);
    }

    @Override
    public CompletableFuture<RegionRecord> create(RegionSpec spec) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<OwnerRecord> claim(RegionRecord record, boolean lost) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<RegionRecord> lookup(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Map<Integer, OwnerRecord>> owners(Collection<Integer> regionIds) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<RegionPage> list(String after, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<RegionRecord>> own(int fromId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> delete(RegionRecord record) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> retire(RegionRecord stream) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void watch(int regionId, OwnerListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unwatch(int regionId, OwnerListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String connectString() {
        return "nowhere:1";
    }

    @Override
    public boolean embedded() {
        return false;
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
