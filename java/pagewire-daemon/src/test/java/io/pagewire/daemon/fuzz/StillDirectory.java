package io.pagewire.daemon.fuzz;

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
 * A directory that never answers, for pagers that are given their circuits by a test.
 *
 * <p>For use by one thread.
 */
final class StillDirectory implements Directory {
    static final long INCARNATION = 0x5157;

    private int asked;

    /** How often an owner was asked for. */
    int asked() {
        return asked;
    }

    @Override
    public long incarnation() {
        return INCARNATION;
    }

    @Override
    public CompletableFuture<RegionRecord> create(RegionSpec spec) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<OwnerRecord> claim(RegionRecord record, boolean lost) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<RegionRecord> lookup(String name) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<OwnerRecord> owner(int regionId) {
        asked++;
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<OwnerRecord> owner(int regionId, int deadlineMs) {
        return owner(regionId);
    }

    @Override
    public CompletableFuture<Map<Integer, OwnerRecord>> owners(Collection<Integer> regionIds) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<RegionPage> list(String after, int limit) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<List<RegionRecord>> own(int fromId) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Void> delete(RegionRecord record) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Void> retire(RegionRecord stream) {
        return new CompletableFuture<>();
    }

    @Override
    public void watch(int regionId, OwnerListener listener) {
        // Nothing ever changes.
    }

    @Override
    public void unwatch(int regionId, OwnerListener listener) {
        // Nothing ever changes.
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
