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
    public void revokeAtLeisure(int mapping, long firstPage, int count, Right left, long sequence) {
        revoke = sequence;
    }

    @Override
    public void fence(int mapping) {
        throw new IllegalStateException("mapping " + mapping + " is fenced");
    }

    @Override
    public int sendPages(
            int slot, int fetch, long firstPage, int count, int grantNumber, boolean last, boolean exclusive) {
        return SENT;
    }

    @Override
    public int takesAhead(int slot) {
        return Integer.MAX_VALUE;
    }

    @Override
    public boolean takes(int slot) {
        return true;
    }

    @Override
    public void holds(int slot, long firstPage, int count, int grantNumber) {}

    @Override
    public void home(long firstPage, int count) {}

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

    @Override
    public void want(int fetch, long firstPage, int count, int heldGrant) {
        request = fetch;
    }

    @Override
    public void upgrade(int slot, int fetch, long page, int grantNumber) {}

    @Override
    public void recall(int slot, long page, Right left, int recallOperation) {
        operation = recallOperation;
    }

    @Override
    public void recalled(long page, int recallOperation, Right left, boolean bytes, int grantNumber) {}

    @Override
    public void writeBack(long firstPage, int count, Right left, int grantNumber) {}

    @Override
    public void handBack(long firstPage, int count, int grantNumber) {}

    @Override
    public int store(long firstPage, int count) {
        return 0;
    }

    @Override
    public void acknowledge(int slot, long firstPage, int count, int grantNumber, int cause) {}

    @Override
    public int reserveForWrite(long firstPage, int count) {
        return 0;
    }

    @Override
    public void flushed(int token, int cause) {
        throw new IllegalStateException("not part of the rounds that are measured");
    }

    @Override
    public void lost(long firstPage, int count, int slot) {
        throw new IllegalStateException("not part of the rounds that are measured");
    }

    @Override
    public void lost(long firstPage, int count) {
        throw new IllegalStateException("not part of the rounds that are measured");
    }

    @Override
    public int applyPublished(int slot, long page) {
        throw new IllegalStateException("not part of the rounds that are measured");
    }

    @Override
    public void published(int slot, long page, int cause) {
        throw new IllegalStateException("not part of the rounds that are measured");
    }

    @Override
    public int spill(long page) {
        throw new IllegalStateException("not part of the rounds that are measured");
    }

    @Override
    public int load(long page, int sector) {
        throw new IllegalStateException("not part of the rounds that are measured");
    }

    @Override
    public void forget(int sector) {
        throw new IllegalStateException("not part of the rounds that are measured");
    }
}
