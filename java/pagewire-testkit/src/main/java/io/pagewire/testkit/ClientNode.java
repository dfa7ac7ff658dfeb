package io.pagewire.testkit;

import io.pagewire.core.ClientDeparture;
import io.pagewire.core.ClientPort;
import io.pagewire.core.ClientRegion;
import io.pagewire.core.Ending;
import io.pagewire.core.Right;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The adapter of a client region: writes what arrives into the frames, sends home what was written here.
 *
 * <p>Not thread-safe.
 */
final class ClientNode extends Node implements ClientPort {
    private final ClientRegion region;
    private final ClientCalls calls;
    private final Map<Integer, Losses.Promise> forces = new LinkedHashMap<>();

    /** What a client reads that does not wait for its processes. */
    private final Map<Integer, Long> readTooEarly = new HashMap<>();

    private final ClientDeparture departure;
    private int mappings;
    private int tokens;

    ClientNode(Daemon daemon, SharedRegion shared) {
        super(daemon, shared, new long[shared.pages()], true);
        Arrays.fill(memory.frames, Memory.NOTHING);
        this.region = new ClientRegion(
                shared.geometry,
                this,
                this,
                Times.client(world.runPages, shared.anyWriter).with(world.writeback),
                memory.frameBudget());
        this.calls = new ClientCalls(this);
        this.departure = new ClientDeparture(region, Times.STALL);
    }

    ClientRegion region() {
        return region;
    }

    ClientCalls calls() {
        return calls;
    }

    int openForces() {
        return forces.size();
    }

    /** A message of home on a circuit that is up. */
    void received(Message message, long now) {
        int number = message.number();
        long first = message.first();
        int count = message.count();
        int tag = message.tag();
        switch (message.kind()) {
            case PAGES -> {
                expectValid(region.arriving(number, first, count, message.exclusive()));
                for (int i = 0; i < count; i++) {
                    memory.write((int) first + i, message.values()[i]);
                }
                region.arrived(number, first, count, tag, message.flag(), message.exclusive(), now);
            }
            case UPGRADED -> expectValid(region.upgraded(number, first, tag, now));
            case DECLINE -> expectValid(region.declined(number, first, count, tag, now));
            case PURGE -> {
                if (world.bug(Bug.ANSWER_PURGE_EARLY)) {
                    calls.send(Message.run(Message.Kind.PURGED, 0, first, count, tag));
                }
                expectValid(region.purge(first, count, tag, now));
            }
            case RECALL -> {
                if (world.bug(Bug.READ_BEFORE_REVOKE)) {
                    readTooEarly.put((int) first, memory.frames[(int) first]);
                }
                expectValid(region.recall(first, message.left(), tag, now));
            }
            case LOST -> world.oracle.losses().told(calls.circuit());
            default -> throw new IllegalStateException("client got " + message);
        }
    }

    /** Home has stored bytes of ours, or will not. */
    void acknowledged(Message message, long now) {
        if (world.bug(Bug.FORGET_WRITEBACK)) {
            return;
        }
        acknowledged(message.first(), message.count(), message.tag(), message.number(), now);
    }

    private void acknowledged(long first, int count, int grantNumber, int cause, long now) {
        for (int page = (int) first; page < first + count; page++) {
            memory.acknowledged(page);
        }
        expectValid(region.acknowledged(first, count, grantNumber, cause, now));
    }

    void tick(long now) {
        calls.tick(now);
        if (world.mayDisturb()) {
            int first = world.random.nextInt(shared.pages());
            int count = 1 + world.random.nextInt(shared.pages() - first);
            int luck = world.random.nextInt(100);
            if (luck == 0) {
                region.drop(first, count, now);
            } else if (luck < 4 && shared.anyWriter && !forces.containsKey(tokens)) {
                force(first, count);
            }
        }
        region.tick(now);
        goOnLeaving(now);
    }

    /** A program wants to be sure that what was written in these pages is at home. */
    private void force(int first, int count) {
        int token = ++tokens;
        world.trace("host %d, region %d: force %d of %d+%d", host.number, shared.number, token, first, count);
        Losses.Promise promise = world.oracle.losses().promise(this, first, count);
        forces.put(token, promise);
        region.flush(first, count, token, host.clock());
        if (world.bug(Bug.FORCE_TOO_EARLY)) {
            world.oracle.losses().forced(this, promise);
        }
    }

    @Override
    public void flushed(int token, int cause) {
        if (token == ClientDeparture.TOKEN) {
            departure.flushed();
            return;
        }
        world.trace("host %d, region %d: force %d done, cause %d", host.number, shared.number, token, cause);
        Losses.Promise promise = forces.remove(token);
        if (promise == null) {
            throw new Violation(where() + "force " + token + " is answered twice, or was never asked for");
        }
        if (cause == 0) {
            world.oracle.losses().forced(this, promise);
        }
    }

    /** Orderly end of sharing: everything is brought home first, however long that takes, so home need not wait for any deadline. */
    void leave() {
        if (!calls.connected() || mappings > 0) {
            return;
        }
        if (world.bug(Bug.LEAVE_WITH_BYTES)) {
            calls.leave();
        } else {
            long now = host.clock();
            departure.begin(now);
            goOnLeaving(now);
        }
    }

    private void goOnLeaving(long now) {
        if (departure.state() == Ending.NONE) {
            return;
        }
        if (departure.tick(now) == Ending.DONE) {
            departure.callOff();
            if (calls.connected()) {
                calls.leave();
            }
        }
    }

    boolean isLeaving() {
        return departure.state() != Ending.NONE;
    }

    @Override
    public void resolve() {
        calls.resolve();
    }

    @Override
    public void fetch(int request, long first, int count) {
        calls.send(Message.run(Message.Kind.FETCH, request, first, count, 0));
    }

    @Override
    public void fetchAhead(int request, long first, int count) {
        calls.send(Message.run(Message.Kind.AHEAD, request, first, count, 0));
    }

    @Override
    public void want(int request, long first, int count, int heldGrant) {
        calls.send(Message.run(Message.Kind.WANT, request, first, count, heldGrant));
    }

    @Override
    public void recalled(long page, int operation, Right left, boolean bytes, int grantNumber) {
        if (world.bug(Bug.LOSE_RECALL_ANSWER) && world.random.nextInt(20) == 0) {
            return;
        }
        boolean hides = left == Right.READ && world.bug(Bug.HIDE_KEPT_COPY);
        long[] values = bytes ? bytes(page, 1) : null;
        Message answer = Message.bytes(
                Message.Kind.RECALLED, operation, page, 1, hides ? Right.NONE : left, grantNumber, values);
        calls.send(answer);
        if (bytes) {
            sentBytes(page, 1, grantNumber);
        }
        if (world.bug(Bug.ANSWER_RECALL_TWICE) && world.random.nextInt(20) == 0) {
            daemon.after(Times.MS, () -> calls.send(answer));
        }
    }

    @Override
    public void writeBack(long first, int count, Right left, int grantNumber) {
        calls.send(Message.bytes(Message.Kind.WRITEBACK, 0, first, count, left, grantNumber, bytes(first, count)));
        sentBytes(first, count, grantNumber);
    }

    @Override
    public void revokeAtLeisure(int id, long first, int count, Right left, long sequence) {
        for (int page = (int) first; page < first + count && world.bug(Bug.READ_BEFORE_CLEANING); page++) {
            readTooEarly.put(page, memory.frames[page]);
        }
        super.revokeAtLeisure(id, first, count, left, sequence);
    }

    @Override
    public void handBack(long first, int count, int grantNumber) {
        calls.send(Message.bytes(Message.Kind.HANDBACK, 0, first, count, Right.NONE, grantNumber, bytes(first, count)));
        sentBytes(first, count, grantNumber);
    }

    /** What the frames hold now, which no process may be able to change. */
    private long[] bytes(long first, int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            int page = (int) first + i;
            Long early = readTooEarly.remove(page);
            values[i] = early == null ? memory.frames[page] : early;
            world.oracle.bytesLeave(this, page);
        }
        return values;
    }

    private void sentBytes(long first, int count, int grantNumber) {
        for (int page = (int) first; page < first + count; page++) {
            memory.keep(page);
        }
        if (world.bug(Bug.FORGET_WRITEBACK)) {
            daemon.after(0, () -> acknowledged(first, count, grantNumber, 0, host.clock()));
        }
    }

    @Override
    public void lost(long first, int count) {
        world.trace("host %d, region %d: pages %d+%d of ours are lost", host.number, shared.number, first, count);
        for (int page = (int) first; page < first + count; page++) {
            memory.acknowledged(page);
            world.oracle.losses().ownLost(this, page);
        }
    }

    @Override
    public void purged(long first, int count, int operation) {
        if (world.bug(Bug.ANSWER_PURGE_EARLY) || world.bug(Bug.LOSE_PURGE_ANSWER) && world.random.nextInt(20) == 0) {
            return;
        }
        Message answer = Message.run(Message.Kind.PURGED, 0, first, count, operation);
        calls.send(answer);
        if (world.bug(Bug.ANSWER_PURGE_TWICE) && world.random.nextInt(20) == 0) {
            daemon.after(Times.MS, () -> calls.send(answer));
        }
    }

    @Override
    public void release(long first, int count, int grantNumber) {
        calls.send(Message.run(Message.Kind.RELEASE, 0, first, count, grantNumber));
    }

    @Override
    public void hangUp(int cause) {
        calls.hangUp();
    }

    @Override
    Right open(Mapping mapping, Right highest) {
        departure.callOff();
        mappings++;
        return region.mappingOpened(mapping.id, highest);
    }

    @Override
    void mappingGone(Mapping mapping) {
        mappings--;
        region.mappingGone(mapping.id, host.clock());
    }

    @Override
    void fault(Mapping mapping, int line, int request, int page, Right wanted) {
        region.localFault(mapping.id, line, request, page, wanted, host.clock());
    }

    @Override
    void lineLost(Mapping mapping, int line) {
        region.lineLost(mapping.id, line);
    }

    @Override
    void revoked(Mapping mapping, long sequence) {
        region.revoked(mapping.id, sequence, host.clock());
    }

    @Override
    long leaseEnd() {
        return calls.leaseEnd();
    }

    @Override
    long entry(int page) {
        return region.entry(page);
    }

    @Override
    void spilled(int page, int cause) {
        region.spilled(page, cause, host.clock());
    }

    @Override
    void loaded(int page, int cause) {
        region.loaded(page, cause, host.clock());
    }

    @Override
    void framesFree() {
        region.framesFree(host.clock());
    }

    @Override
    void shrink(int frames) {
        region.shrink(frames, host.clock());
    }
}
