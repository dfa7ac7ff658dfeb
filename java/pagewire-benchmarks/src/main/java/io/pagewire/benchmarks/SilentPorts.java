package io.pagewire.benchmarks;

import io.pagewire.core.ClientPort;
import io.pagewire.core.HomePort;
import io.pagewire.core.LocalPort;
import io.pagewire.core.Right;

/**
 * Ports that remember the newest numbers an answer needs and do nothing else, so that the core alone is measured.
 *
 * <p>Belongs to one benchmark's thread.
 */
final class SilentPorts implements LocalPort, HomePort, ClientPort {
    int request;
    int operation;
    long revoke;
    long granted;

    @Override
    public void grant(int mapping, int line, int requestId, long firstPage, int count, Right right, long sequence) {
        granted += count;
    }

    @Override
    public void fail(int mapping, int line, int requestId, long page, int cause) {
        throw new IllegalStateException("page " + page + " failed with cause " + cause);
    }

    @Override
    public void revoke(int mapping, long firstPage, int count, Right left, long sequence) {
        revoke = sequence;
    }

    @Override
    public void fence(int mapping) {
        throw new IllegalStateException("mapping " + mapping + " is fenced");
    }

    @Override
    public int sendPages(int slot, int fetch, long firstPage, int count, int grantNumber, boolean last) {
        return SENT;
    }

    @Override
    public void decline(int slot, int fetch, long firstPage, int count, int cause) {}

    @Override
    public void purge(int slot, long firstPage, int count, int purgeOperation) {
        operation = purgeOperation;
    }

    @Override
    public void hangUp(int slot, int cause) {
        throw new IllegalStateException("slot " + slot + " is hung up");
    }

    @Override
    public void resolve() {}

    @Override
    public void fetch(int fetch, long firstPage, int count) {
        request = fetch;
    }

    @Override
    public void fetchAhead(int fetch, long firstPage, int count) {}

    @Override
    public void purged(long firstPage, int count, int purgeOperation) {}

    @Override
    public void release(long firstPage, int count, int grantNumber) {}

    @Override
    public void discard(long firstPage, int count) {}

    @Override
    public void hangUp(int cause) {}
}
