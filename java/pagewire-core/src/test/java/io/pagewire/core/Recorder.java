package io.pagewire.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Stands behind all three ports and writes down what the core asks for, one short line each.
 *
 * <p>Not thread-safe.
 */
final class Recorder implements HomePort, ClientPort, LocalPort {
    private final List<String> said = new ArrayList<>();

    /** What the next calls of sendPages answer; then SENT. */
    final List<Integer> sendResults = new ArrayList<>();

    private final Map<Long, Integer> requests = new HashMap<>();
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

    private void say(String format, Object... arguments) {
        said.add(String.format(Locale.ROOT, format, arguments));
    }

    @Override
    public int sendPages(int slot, int request, long firstPage, int count, int grantNumber, boolean last) {
        int result = sendResults.isEmpty() ? SENT : sendResults.remove(0);
        if (result == SENT) {
            lastGrant = grantNumber;
            say("pages to %d: request %d, %d+%d%s", slot, request, firstPage, count, last ? ", last" : "");
        }
        return result;
    }

    @Override
    public void decline(int slot, int request, long firstPage, int count, int cause) {
        say("decline to %d: request %d, %d+%d, cause %d", slot, request, firstPage, count, cause);
    }

    @Override
    public void purge(int slot, long firstPage, int count, int operation) {
        lastOperation = operation;
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
    public void fence(int mapping) {
        say("fence %d", mapping);
    }
}
