package io.pagewire.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Stands behind all three ports and writes down what the core asks for, one short line each.
 *
 * <p>Not thread-safe.
 */
final class Recorder implements HomePort, ClientPort, LocalPort {
    private final List<String> said = new ArrayList<>();

    /** What the next calls of sendPages answer; then SENT. */
    final List<Integer> sendResults = new ArrayList<>();

    /** How often hosts still take pages; a host that takes none. */
    int takes = Integer.MAX_VALUE;

    int fullSlot = -1;

    /** How many pages that nobody waits for a host takes at a time. */
    int takesAhead = Integer.MAX_VALUE;

    /** What the next calls of store answer; then 0. */
    final List<Integer> storeResults = new ArrayList<>();

    /** Pages for which reserveForWrite fails. */
    final Set<Long> unreservable = new HashSet<>();

    int applyResult;

    /** Sectors of the spill file; the next spills fail when none is left. */
    int sectorsLeft = Integer.MAX_VALUE;

    /** What load answers. */
    int loadResult = LOADING;

    private int lastSector;

    private final Map<Long, Integer> requests = new HashMap<>();
    private final Map<Long, Integer> operations = new HashMap<>();
    int lastRequest;
    long lastSequence;
    int lastOperation;
    int lastGrant;

    /** Everything said since the last call. */
    List<String> take() {
        List<String> all = List.copyOf(said);
        said.clear();
        return all;
    }

    /** The newest fetch that began with this page. */
    int requestFrom(long firstPage) {
        return requests.get(firstPage);
    }

    /** The newest purge or recall of this page. */
    int operationOf(long page) {
        return operations.get(page);
    }

    private void say(String format, Object... arguments) {
        said.add(String.format(Locale.ROOT, format, arguments));
    }

    /** What home has written into its book of holders. */
    final List<String> book = new ArrayList<>();

    @Override
    public void holds(int slot, long firstPage, int count, int grantNumber) {
        book.add(slot + " holds " + firstPage + "+" + count + ", grant " + grantNumber + ", after " + said.size());
    }

    @Override
    public void home(long firstPage, int count) {
        book.add("home " + firstPage + "+" + count + ", after " + said.size());
    }

    @Override
    public boolean takes(int slot) {
        return slot != fullSlot && takes-- > 0;
    }

    @Override
    public int takesAhead(int slot) {
        return takesAhead;
    }

    @Override
    public int sendPages(
            int slot, int request, long firstPage, int count, int grantNumber, boolean last, boolean exclusive) {
        int result = sendResults.isEmpty() ? SENT : sendResults.remove(0);
        if (result == SENT) {
            lastGrant = grantNumber;
            String how = (last ? ", last" : "") + (exclusive ? ", exclusive" : "");
            say("pages to %d: request %d, %d+%d%s", slot, request, firstPage, count, how);
        }
        return result;
    }

    @Override
    public void upgrade(int slot, int request, long page, int grantNumber) {
        lastGrant = grantNumber;
        say("upgrade to %d: request %d, page %d", slot, request, page);
    }

    @Override
    public void recall(int slot, long page, Right left, int operation) {
        lastOperation = operation;
        operations.put(page, operation);
        say("recall from %d: page %d, left %s", slot, page, left);
    }

    @Override
    public int store(long firstPage, int count) {
        int result = storeResults.isEmpty() ? 0 : storeResults.remove(0);
        say("store %d+%d", firstPage, count);
        return result;
    }

    @Override
    public void acknowledge(int slot, long firstPage, int count, int grantNumber, int cause) {
        say("acknowledge to %d: %d+%d, grant %d, cause %d", slot, firstPage, count, grantNumber, cause);
    }

    @Override
    public void lost(long firstPage, int count, int slot) {
        say("lost %d+%d with %d", firstPage, count, slot);
    }

    @Override
    public int reserveForWrite(long firstPage, int count) {
        for (long page = firstPage; page < firstPage + count; page++) {
            if (unreservable.contains(page)) {
                return Cause.FILE_ERROR;
            }
        }
        return 0;
    }

    @Override
    public int applyPublished(int slot, long page) {
        say("apply page %d of %d", page, slot);
        return applyResult;
    }

    @Override
    public void published(int slot, long page, int cause) {
        say("published to %d: page %d, cause %d", slot, page, cause);
    }

    @Override
    public void decline(int slot, int request, long firstPage, int count, int cause) {
        say("decline to %d: request %d, %d+%d, cause %d", slot, request, firstPage, count, cause);
    }

    @Override
    public void purge(int slot, long firstPage, int count, int operation) {
        lastOperation = operation;
        operations.put(firstPage, operation);
        say("purge to %d: %d+%d", slot, firstPage, count);
    }

    @Override
    public void hangUp(int slot, int cause) {
        say("hang up on %d: cause %d", slot, cause);
    }

    @Override
    public void resolve() {
        say("resolve");
    }

    @Override
    public void fetch(int request, long firstPage, int count) {
        lastRequest = request;
        requests.put(firstPage, request);
        say("fetch %d+%d", firstPage, count);
    }

    @Override
    public void fetchAhead(int request, long firstPage, int count) {
        lastRequest = request;
        requests.put(firstPage, request);
        say("ahead %d+%d", firstPage, count);
    }

    @Override
    public void want(int request, long firstPage, int count, int heldGrant) {
        lastRequest = request;
        requests.put(firstPage, request);
        say("want %d+%d, held %d", firstPage, count, heldGrant);
    }

    @Override
    public void recalled(long page, int operation, Right left, boolean bytes, int grantNumber) {
        String what = bytes ? "bytes of grant " + grantNumber : "no bytes";
        say("recalled page %d, operation %d, left %s, %s", page, operation, left, what);
    }

    @Override
    public void writeBack(long firstPage, int count, Right left, int grantNumber) {
        say("write back %d+%d, left %s, grant %d", firstPage, count, left, grantNumber);
    }

    @Override
    public void handBack(long firstPage, int count, int grantNumber) {
        say("hand back %d+%d, grant %d", firstPage, count, grantNumber);
    }

    @Override
    public void flushed(int token, int cause) {
        say("flushed %d, cause %d", token, cause);
    }

    @Override
    public void lost(long firstPage, int count) {
        say("lost %d+%d", firstPage, count);
    }

    @Override
    public int spill(long page) {
        if (sectorsLeft == 0) {
            say("no sector for page %d", page);
            return 0;
        }
        sectorsLeft--;
        say("spill page %d to sector %d", page, ++lastSector);
        return lastSector;
    }

    @Override
    public int load(long page, int sector) {
        say("load page %d from sector %d", page, sector);
        return loadResult;
    }

    @Override
    public void forget(int sector) {
        sectorsLeft++;
        say("forget sector %d", sector);
    }

    @Override
    public void purged(long firstPage, int count, int operation) {
        say("purged %d+%d, operation %d", firstPage, count, operation);
    }

    @Override
    public void release(long firstPage, int count, int grantNumber) {
        say("release %d+%d, grant %d", firstPage, count, grantNumber);
    }

    @Override
    public void discard(long firstPage, int count) {
        say("discard %d+%d", firstPage, count);
    }

    @Override
    public void hangUp(int cause) {
        say("hang up: cause %d", cause);
    }

    @Override
    public void grant(int mapping, int line, int requestId, long firstPage, int count, Right right, long sequence) {
        say("grant to %d.%d: request %d, %d+%d %s", mapping, line, requestId, firstPage, count, right);
        lastSequence = sequence;
    }

    @Override
    public void fail(int mapping, int line, int requestId, long page, int cause) {
        say("fail to %d.%d: request %d, page %d, cause %d", mapping, line, requestId, page, cause);
    }

    @Override
    public void revoke(int mapping, long firstPage, int count, Right left, long sequence) {
        lastSequence = sequence;
        say("revoke from %d: %d+%d, left %s", mapping, firstPage, count, left);
    }

    @Override
    public void revokeAtLeisure(int mapping, long firstPage, int count, Right left, long sequence) {
        lastSequence = sequence;
        say("revoke at leisure from %d: %d+%d, left %s", mapping, firstPage, count, left);
    }

    @Override
    public void fence(int mapping) {
        say("fence %d", mapping);
    }
}
