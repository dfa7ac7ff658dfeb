package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.memory.MemoryFrames;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.PeerLayout.Bytes;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Written pages on their way home over one circuit. What the peer does not take yet waits as a run of page numbers, not as
 * bytes: those stay in their frames and are read when they leave. Until then nobody can write to such a page again, because
 * that takes an answer of home to a message that goes behind it; {@link #before} sees to the order.
 *
 * <p>Belongs to the region's event loop.
 */
final class ClientOutbox {
    private static final Logger LOG = LoggerFactory.getLogger(ClientOutbox.class);
    private static final int FIRST_ROOM = 64;

    private final Circuit circuit;
    private final MemoryFrames frames;
    private final int pageSize;
    private final int perMessage;
    private final BitSet pages = new BitSet();

    // A ring of runs. One with no pages left was sent ahead of its turn.
    private byte[] types = new byte[FIRST_ROOM];
    private long[] firsts = new long[FIRST_ROOM];
    private int[] counts = new int[FIRST_ROOM];
    private int[] grants = new int[FIRST_ROOM];
    private byte[] lefts = new byte[FIRST_ROOM];
    private int head;
    private int size;
    private Runnable whenEmpty;

    ClientOutbox(Circuit circuit, MemoryFrames frames, int pageSize) {
        this.circuit = circuit;
        this.frames = frames;
        this.pageSize = pageSize;
        this.perMessage = Math.max(1, IncomingBytes.MESSAGE_BYTES / pageSize);
    }

    /** Sends a run as WRITEBACK or HANDBACK, now or as soon as the peer takes more. */
    void add(int type, long first, int count, Right left, int grantNumber) {
        before(first, count);
        append((byte) type, first, count, grantNumber, (byte) left.code());
        pages.set((int) first, (int) first + count);
        drain();
    }

    private void append(byte type, long first, int count, int grantNumber, byte left) {
        if (size == types.length) {
            grow();
        }
        int at = at(size++);
        types[at] = type;
        firsts[at] = first;
        counts[at] = count;
        grants[at] = grantNumber;
        lefts[at] = left;
    }

    private int at(int run) {
        return (head + run) % types.length;
    }

    /** Answers a recall at once: somebody waits for the page. */
    void recalled(long page, int operation, Right left, boolean bytes, int grantNumber) {
        before(page, 1);
        send(PeerLayout.RECALLED, page, 1, operation, left.code(), grantNumber, bytes, false);
    }

    /** Sends what still waits of these pages: a message about them is about to leave, and must not overtake their bytes. */
    void before(long first, int count) {
        int next = pages.nextSetBit((int) first);
        if (next < 0 || next >= first + count) {
            return;
        }
        int runs = size; // what is appended meanwhile lies behind these pages
        for (int run = 0; run < runs; run++) {
            sendAhead(run, first, first + count);
        }
    }

    /** Sends of a run what lies in the range; what lies before and behind it goes on waiting. */
    private void sendAhead(int run, long from, long to) {
        int at = at(run);
        long end = firsts[at] + counts[at];
        if (counts[at] == 0 || firsts[at] >= to || end <= from) {
            return;
        }
        if (end > to) {
            append(types[at], to, (int) (end - to), grants[at], lefts[at]);
            at = at(run);
            end = to;
        }
        long next = Math.max(firsts[at], from);
        counts[at] = (int) (next - firsts[at]);
        pages.clear((int) next, (int) end);
        while (next < end) {
            int count = (int) Math.min(perMessage, end - next);
            send(types[at], next, count, 0, lefts[at], grants[at], true, false);
            next += count;
        }
    }

    /** Sends as much as the way takes. */
    void drain() {
        while (size > 0 && circuit.isOpen()) {
            if (counts[head] > 0) {
                int most = circuit.piece(pageSize) / pageSize;
                if (most == 0) {
                    break;
                }
                sendPiece(head, most);
            }
            if (counts[head] == 0) {
                head = (head + 1) % types.length;
                size--;
            }
        }
        if (size == 0 && whenEmpty != null) {
            Runnable then = whenEmpty;
            whenEmpty = null;
            then.run();
        }
    }

    /** Runs {@code then} once, when nothing waits any more. */
    void whenEmpty(Runnable then) {
        whenEmpty = then;
        drain();
    }

    private void sendPiece(int at, int most) {
        int count = Math.min(Math.min(perMessage, most), counts[at]);
        long first = firsts[at];
        firsts[at] += count;
        counts[at] -= count;
        pages.clear((int) first, (int) first + count);
        circuit.gather();
        send(types[at], first, count, 0, lefts[at], grants[at], true, true);
        circuit.endPiece(count * pageSize);
        circuit.flushGathered();
    }

    private void send(
            int type, long first, int count, int tag, int left, int grantNumber, boolean bytes, boolean bulk) {
        int data = bytes ? count * pageSize : 0;
        ByteBuf message = circuit.begin(type, Bytes.DATA + data);
        message.writeLongLE(first).writeIntLE(count).writeIntLE(tag);
        message.writeIntLE(grantNumber).writeByte(left).writeByte(bytes ? 1 : 0).writeShortLE(0);
        try {
            if (bytes) {
                frames.read(message, first * pageSize, data);
            }
            circuit.send(message, bulk);
        } catch (IOException e) {
            message.release();
            LOG.error("frames of circuit {} cannot be read", circuit.id(), e);
            circuit.close("frames cannot be read: " + Reasons.of(e));
        }
    }

    private void grow() {
        int room = types.length * 2;
        byte[] moreTypes = new byte[room];
        long[] moreFirsts = new long[room];
        int[] moreCounts = new int[room];
        int[] moreGrants = new int[room];
        byte[] moreLefts = new byte[room];
        for (int i = 0; i < size; i++) {
            int at = (head + i) % types.length;
            moreTypes[i] = types[at];
            moreFirsts[i] = firsts[at];
            moreCounts[i] = counts[at];
            moreGrants[i] = grants[at];
            moreLefts[i] = lefts[at];
        }
        types = moreTypes;
        firsts = moreFirsts;
        counts = moreCounts;
        grants = moreGrants;
        lefts = moreLefts;
        head = 0;
    }
}
