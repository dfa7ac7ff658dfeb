package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.Future;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Cuts long messages, so that a sign of life need not wait for the whole of a large page: over a slow link that would be longer than
 * a lease. What is sent behind a long message waits here in its order; messages that say nothing about pages overtake it. No more
 * than two fragments are with the connection at a time, and each is followed by a mark: those of bulk go at its pace, others a little
 * ahead of the way, and so do those of bulk that somebody waits behind.
 *
 * <p>Belongs to one circuit and its event loop.
 */
final class Fragments {
    /** A message with a longer payload is cut: one large page. Runs of small ones have up to 256 KiB of pages. */
    static final int LONGEST_WHOLE = 257 << 10;

    private static final int MOST_UNDER_WAY = 2;

    /** From so many bytes on the circuit says that it takes no more, until a half is left. */
    private static final long FULL = 8L << 20;

    private final Circuit circuit;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private int waitingBulk;
    private int waitingLosses;
    private boolean full;
    private boolean pumping;
    private int at;
    private int underWay;

    // A message of the peer that has not come to its end.
    private ByteBuf whole;
    private int wholeType;
    private int wholeLength;

    private record Waiting(ByteBuf message, boolean bulk) {}

    Fragments(Circuit circuit) {
        this.circuit = circuit;
    }

    // ---- to the peer ---------------------------------------------------------------------------------------------

    long waitingBytes() {
        return waitingBytes;
    }

    boolean isFull() {
        return full;
    }

    /** Whether there is something here that has not left. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** Whether the message must wait here: it is long, or what was sent before it waits. Takes it then. */
    boolean takes(ByteBuf message, boolean bulk) {
        int type = type(message);
        if (waiting.isEmpty() && payload(message) <= LONGEST_WHOLE || overtakes(type)) {
            return false;
        }
        if (waiting.isEmpty()) {
            circuit.boundKernelQueue();
        }
        waiting.add(new Waiting(message, bulk));
        waitingBytes += message.readableBytes();
        waitingBulk += bulk ? 1 : 0;
        waitingLosses += type == PeerLayout.LOST ? 1 : 0;
        full |= waitingBytes > FULL;
        pump();
        return true;
    }

    /** The answer to an echo proves to home that the losses told before it are known. */
    private boolean overtakes(int type) {
        return type == PeerLayout.HEARTBEAT
                || type == PeerLayout.MARKED
                || type == PeerLayout.ECHO && waitingLosses == 0;
    }

    private static int type(ByteBuf message) {
        return message.getUnsignedByte(message.readerIndex() + PeerLayout.TYPE);
    }

    private static int payload(ByteBuf message) {
        return message.readableBytes() - PeerLayout.HEADER_LENGTH;
    }

    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (!waiting.isEmpty() && underWay < MOST_UNDER_WAY) {
                Waiting first = waiting.peek();
                boolean bulk = waitingBulk == waiting.size();
                if (payload(first.message) <= LONGEST_WHOLE) {
                    take();
                    circuit.write(first.message);
                } else if (circuit.mayGoOn(bulk)) {
                    sendNext(first.message, bulk);
                } else {
                    break; // goOn
                }
            }
        } finally {
            pumping = false;
        }
    }

    /** A mark has come back: more may leave. */
    void goOn() {
        if (!waiting.isEmpty()) {
            pump();
            circuit.flush();
        }
    }

    private void sendNext(ByteBuf message, boolean bulk) {
        int total = payload(message);
        int count = Math.min(PeerLayout.FRAGMENT_BYTES, total - at);
        ByteBuf fragment = circuit.begin(PeerLayout.FRAGMENT, PeerLayout.FRAGMENT_DATA + count);
        fragment.writeIntLE(type(message)).writeIntLE(total).writeIntLE(at).writeIntLE(0);
        fragment.writeBytes(message, message.readerIndex() + PeerLayout.HEADER_LENGTH + at, count);
        at += count;
        if (at == total) {
            at = 0;
            take();
            message.release();
        }
        underWay++;
        circuit.write(fragment, circuit.channel().newPromise().addListener(this::left));
        circuit.mark(count, bulk);
    }

    private void take() {
        Waiting gone = waiting.remove();
        waitingBytes -= gone.message.readableBytes();
        waitingBulk -= gone.bulk ? 1 : 0;
        waitingLosses -= type(gone.message) == PeerLayout.LOST ? 1 : 0;
    }

    /** The connection has taken a fragment. */
    private void left(Future<?> written) {
        underWay--;
        if (!written.isSuccess()) {
            circuit.channel().pipeline().fireExceptionCaught(written.cause()); // as for every other message
            return;
        }
        circuit.fragmentLeft();
        if (waiting.isEmpty() && !full) {
            return;
        }
        pump();
        circuit.flush();
        if (full && waitingBytes <= FULL / 2) {
            full = false;
            circuit.takesAgain();
        }
    }

    // ---- from the peer -------------------------------------------------------------------------------------------

    /** Takes a FRAGMENT; null, or why it breaks the protocol. When the message is complete, {@link #completed} gives it. */
    String add(ByteBuf bytes, int payload, int length, ByteBufAllocator allocator) {
        int count = length - PeerLayout.FRAGMENT_DATA;
        if (count < 1) {
            return "FRAGMENT of " + length + " bytes";
        }
        int type = bytes.getIntLE(payload + PeerLayout.FRAGMENT_TYPE);
        int total = bytes.getIntLE(payload + PeerLayout.FRAGMENT_TOTAL);
        int offset = bytes.getIntLE(payload + PeerLayout.FRAGMENT_AT);
        if (whole == null) {
            if (!mayBeCut(type) || total < 1 || total > MessageReader.longest(type)) {
                return "FRAGMENT of a message of type " + type + " with " + total + " bytes";
            }
            whole = allocator.directBuffer(total);
            wholeType = type;
            wholeLength = total;
        }
        if (type != wholeType || total != wholeLength || offset != whole.readableBytes() || count > total - offset) {
            return "FRAGMENT that does not go on where the one before ended";
        }
        whole.writeBytes(bytes, payload + PeerLayout.FRAGMENT_DATA, count);
        return null;
    }

    private static boolean mayBeCut(int type) {
        return switch (type) {
            case PeerLayout.PAGES, PeerLayout.RECALLED, PeerLayout.WRITEBACK, PeerLayout.HANDBACK, PeerLayout.PUBLISH ->
                true;
            default -> false;
        };
    }

    /** The payload of a message that has come whole, which the caller releases; null when there is none. */
    ByteBuf completed() {
        if (whole == null || whole.readableBytes() < wholeLength) {
            return null;
        }
        ByteBuf message = whole;
        whole = null;
        return message;
    }

    /** Of the message that {@link #completed} gave. */
    int completedType() {
        return wholeType;
    }

    /** Nothing is sent any more, and nothing that comes counts. */
    void close() {
        waiting.forEach(gone -> gone.message.release());
        waiting.clear();
        waitingBytes = 0;
        waitingBulk = 0;
        waitingLosses = 0;
        full = false;
        at = 0;
        if (whole != null) {
            whole.release();
            whole = null;
        }
    }
}
