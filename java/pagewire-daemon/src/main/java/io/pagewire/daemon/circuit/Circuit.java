package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.pagewire.core.link.Pacer;
import io.pagewire.core.link.Path;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ScheduledFuture;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One virtual circuit on one TCP connection: writes messages with header, checksum and sequence, hands checked messages to
 * its events. It goes on reading while the peer does not take what was written to it: signs of life, answers and requests must
 * not wait for our own output. A peer that breaks the protocol, or asks for more and more and takes nothing, costs its own
 * circuit only (SPEC: V1, V6).
 *
 * <p>Belongs to the event loop of its channel.
 */
public final class Circuit extends ChannelInboundHandlerAdapter implements MessageReader.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(Circuit.class);

    /** A connection that takes nothing any more is closed by then, if it has not ended by itself. */
    private static final int PEERS_LAST_WORD_MS = 1000;

    /** Bytes of messages that may wait for a peer which goes on asking; then home's end reads no more until they have left. */
    private static final long MOST_WAITING = 64L << 20;

    private static final int UNPACED_PIECE = 1 << 20;
    private static final int KERNEL_QUEUE = 64 << 10;

    private final CRC32C crc = new CRC32C();
    private final MessageReader reader = new MessageReader();
    private final CircuitCounters counters = new CircuitCounters();
    private final LowWaterMark lowWaterMark = new LowWaterMark();
    private final Fragments fragments = new Fragments(this);
    private CircuitEvents events;
    private Channel channel;
    private int id;
    private int incarnation;
    private long epoch;
    private int nextSequence;
    private boolean closed;
    private boolean broken;
    private boolean flushWanted;
    private boolean inRead;
    private boolean gathering;
    private boolean alwaysReads;
    private boolean deaf;
    private boolean bound;
    private Path way;
    private Pacer pacer;
    private int cut;
    private int unmarked;
    private long reads;
    private String closeReason = "the connection was closed by the other side";

    public Circuit(CircuitEvents events) {
        this.events = events;
    }

    /** Who takes the messages from now on. */
    public void events(CircuitEvents next) {
        events = next;
    }

    /** Fixes what every later message of both directions carries. */
    public void bind(int circuitId, int circuitIncarnation, long regionEpoch) {
        id = circuitId;
        incarnation = circuitIncarnation;
        epoch = regionEpoch;
        bound = true;
        reader.bind(circuitIncarnation, regionEpoch);
    }

    public int id() {
        return id;
    }

    public int incarnation() {
        return incarnation;
    }

    public long epoch() {
        return epoch;
    }

    public Channel channel() {
        return channel;
    }

    public CircuitCounters counters() {
        return counters;
    }

    public SocketAddress remoteAddress() {
        return channel == null ? null : channel.remoteAddress();
    }

    /** Whether the peer takes what is written to it; when not, {@link CircuitEvents#writable} says when it does again. */
    public boolean isWritable() {
        return channel.isWritable() && !fragments.isFull();
    }

    /**
     * Reads on however much waits for the peer. One end of a circuit must do so: two ends that both wait for the other to read
     * would wait for ever.
     */
    public void alwaysReads() {
        alwaysReads = true;
    }

    /** From now on what is bulk goes no faster than the way to the peer takes it without a queue. */
    public void paceBulk(Path wayToPeer) {
        way = wayToPeer;
        pacer = new Pacer(wayToPeer);
    }

    /** Something small has come back after so long. */
    public void roundTrip(long ns) {
        if (way != null) {
            way.roundTrip(ns, System.nanoTime());
        }
    }

    /**
     * Bytes of bulk that may be sent now, in one piece: by {@link #send(ByteBuf, boolean)}, and then {@link #endPiece}; 0 = none before {@link
     * CircuitEvents#writable}.
     *
     * @param least what cannot be divided, such as a page; a piece is never smaller. A message so long that it is cut goes at the
     *     pace of its fragments
     */
    public int piece(int least) {
        if (!isOpen() || !isWritable() || fragments.isWaiting()) {
            return 0;
        }
        cut = 0;
        if (pacer == null) {
            return Math.max(least, UNPACED_PIECE);
        }
        if (pacer.wantsMark(System.nanoTime())) {
            endPiece(0);
        }
        if (least > Fragments.LONGEST_WHOLE) {
            return mayGoOn(true) ? least : 0;
        }
        return pacer.piece(least, System.nanoTime());
    }

    /** Whether the next fragment of a message may be sent now. If not, a mark comes back. */
    boolean mayGoOn(boolean bulk) {
        if (pacer == null) {
            return true;
        }
        return bulk
                ? pacer.piece(PeerLayout.FRAGMENT_BYTES, System.nanoTime()) > 0
                : pacer.takesWanted(0, System.nanoTime());
    }

    /**
     * Whether pages that somebody waits for may be sent now: by {@link #send(ByteBuf)}, and then {@link #sentWanted}. If not, {@link
     * CircuitEvents#writable} follows.
     */
    public boolean takesWanted() {
        if (!isWritable() || fragments.isWaiting()) {
            return false;
        }
        cut = 0;
        return pacer == null || pacer.takesWanted(unmarked, System.nanoTime());
    }

    /** Pages that somebody waits for have been sent. */
    public void sentWanted(int bytes) {
        unmarked += Math.max(0, bytes - cut);
        cut = 0;
        if (unmarked >= PeerLayout.FRAGMENT_BYTES && isOpen() && pacer != null) {
            mark(unmarked, false);
            flush();
        }
    }

    /**
     * What is sent from now until {@link #flushGathered} leaves together: a piece and its mark. Apart they would cost both ends
     * twice as much, and a relay on the way may keep a small message back until the one before it is confirmed.
     */
    public void gather() {
        gathering = true;
    }

    public void flushGathered() {
        gathering = false;
        if (flushWanted && isOpen()) {
            flushWanted = false;
            flush();
        }
    }

    /** A piece of bulk has been sent, of so many bytes. */
    public void endPiece(int bytes) {
        int whole = bytes - cut;
        cut = 0;
        if (isOpen() && pacer != null && (whole > 0 || bytes == 0)) {
            mark(Math.max(0, whole), true);
            flush();
        }
    }

    /** What has been sent since the last mark, so many bytes of it now, gets one. */
    void mark(int bytes, boolean bulk) {
        if (pacer != null) {
            long now = System.nanoTime();
            long number = bulk ? pacer.sent(bytes, now) : pacer.sentWanted(bytes, now);
            unmarked = bulk ? unmarked : 0;
            write(begin(PeerLayout.MARK, PeerLayout.BEAT_LENGTH).writeLongLE(number));
        }
    }

    /** Counts up whenever bytes have come, be it a part of a message: while it changes, the peer is alive. */
    public long reads() {
        return reads;
    }

    public boolean isOpen() {
        return !closed && !broken && channel != null && channel.isActive();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        channel.config().setAutoClose(false); // exceptionCaught
        channel.config().setRecvByteBufAllocator(new AppendingReads(reader));
    }

    /**
     * A buffer with a header and room for {@code payload} bytes; the payload is appended by the caller, who then calls
     * {@link #send}.
     */
    public ByteBuf begin(int type, int payload) {
        // One that was never connected takes messages too, and sends none.
        ByteBufAllocator memory = channel == null ? PooledByteBufAllocator.DEFAULT : channel.alloc();
        return header(memory.directBuffer(PeerLayout.HEADER_LENGTH + payload), type, payload);
    }

    private ByteBuf header(ByteBuf message, int type, int payload) {
        message.writeShortLE(PeerLayout.MAGIC_VALUE);
        message.writeByte(PeerLayout.PROTOCOL_VERSION);
        message.writeByte(type);
        message.writeIntLE(payload);
        message.writeIntLE(0);
        message.writeIntLE(incarnation);
        message.writeLongLE(epoch);
        message.writeIntLE(id);
        message.writeIntLE(0);
        return message;
    }

    /** Numbers, seals and writes a message; messages written while others are read leave together. */
    public void send(ByteBuf message) {
        send(message, false);
    }

    /**
     * {@link #send(ByteBuf)}.
     *
     * @param bulk it belongs to what {@link #piece} has allowed
     */
    public void send(ByteBuf message, boolean bulk) {
        if (!isOpen()) {
            message.release();
            return;
        }
        int length = message.readableBytes();
        if (!fragments.takes(message, bulk)) {
            write(message);
        } else {
            cut += length;
        }
        flush();
    }

    void write(ByteBuf message) {
        write(message, channel.voidPromise());
    }

    void write(ByteBuf message, ChannelPromise written) {
        int length = message.readableBytes();
        message.setIntLE(PeerLayout.SEQUENCE, nextSequence++);
        message.setIntLE(PeerLayout.CRC, MessageReader.checksum(crc, message, 0, length));
        counters.sentMessages++;
        counters.sentBytes += length;
        channel.write(message, written);
        if (!alwaysReads && !deaf && !channel.isWritable() && waitingBytes() > MOST_WAITING) {
            deaf = true;
            channel.config().setAutoRead(false);
        }
    }

    /** Of messages, which take memory; what waits of files does not. */
    private long waitingBytes() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null
                ? 0
                : waiting.totalPendingWriteBytes() - counters.waitingBytes + fragments.waitingBytes();
    }

    /**
     * Sends a message and, outside of it, bytes of a file, which the kernel takes from there ({@code sendfile}). They must stay as
     * they are until the peer says that it has them. The file stays open.
     *
     * @param length 0 = none follow
     */
    public void send(ByteBuf message, FileChannel file, long offset, long length) {
        if (!isOpen()) {
            message.release();
            return;
        }
        write(message);
        counters.sentBytes += length;
        for (long at = 0; at < length; at += FileBytes.MOST_AT_ONCE) {
            long part = Math.min(FileBytes.MOST_AT_ONCE, length - at);
            channel.write(new FileBytes(file, offset + at, part, counters), channel.voidPromise());
        }
        flush();
    }

    /** What the kernel has not sent yet cannot be overtaken any more, so let it be little. */
    void boundKernelQueue() {
        if (channel instanceof EpollSocketChannel tcp && tcp.isOpen()) {
            tcp.config().setTcpNotSentLowAt(KERNEL_QUEUE);
        }
    }

    /** The connection has taken a fragment. */
    void fragmentLeft() {
        if (!closed) {
            events.moved(this);
        }
    }

    /** What waited here is gone, so more may be sent. */
    void takesAgain() {
        if (!closed && channel.isWritable()) {
            events.writable(this);
        }
    }

    void flush() {
        if (inRead || gathering) {
            flushWanted = true;
        } else {
            channel.flush();
        }
    }

    /** Sends a message whose payload is a region range and a number (PURGE, PURGED, RELEASE). */
    public void sendRange(int type, long firstPage, int count, int tag) {
        ByteBuf message = begin(type, PeerLayout.RANGE_LENGTH);
        message.writeLongLE(firstPage).writeIntLE(count).writeIntLE(tag);
        send(message);
    }

    /** Sends HEARTBEAT or ECHO. */
    public void sendBeat(int type, long time) {
        send(begin(type, PeerLayout.BEAT_LENGTH).writeLongLE(time));
    }

    /**
     * Sends REFUSE, BYE or LEFT with a reason and closes the connection when the peer has it ({@link Farewell}). From now on
     * nothing that comes is handed on, and no memory given to {@link #receive} is touched.
     */
    public void sendLast(int type, int cause, String reason) {
        if (!isOpen()) {
            if (!closed) {
                close(reason);
            }
            return;
        }
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        if (text.length > PeerLayout.MAX_REASON) {
            text = Arrays.copyOf(text, PeerLayout.MAX_REASON);
        }
        ByteBuf message = begin(type, PeerLayout.REASON_TEXT + text.length);
        message.writeIntLE(cause).writeShortLE(text.length).writeBytes(text);
        fragments.close(); // the peer has no use any more for half a page
        send(message);
        closeReason = reason;
        closed = true;
        reader.stop();
        if (pacer != null) {
            pacer.close();
        }
        lowWaterMark.set(channel, 0);
        Farewell.begin(this, channel, reason);
    }

    /** Closes the connection at once. */
    public void close(String reason) {
        if (!closed) {
            closed = true;
            closeReason = reason;
            reader.stop();
        }
        if (channel != null) {
            channel.close();
        }
    }

    /**
     * Closes the connection at once, and has the kernel forget what it has not sent yet: bytes of files that wait there may be
     * others by the time they leave.
     */
    public void abort(String reason) {
        if (channel instanceof EpollSocketChannel tcp && tcp.isOpen()) {
            tcp.config().setSoLinger(0);
        }
        close(reason);
    }

    /**
     * In the handler of a message: the bytes behind it are none of a message and go into this memory, from its position to its
     * limit; {@link CircuitEvents#received} says when all have come. No allocation that grows with it.
     *
     * @param direct writable, not empty; not touched any more when the circuit is closed
     */
    public void receive(ByteBuffer direct) {
        if (!closed) {
            reader.receive(direct);
        }
    }

    /** Has the next read take what has come, however little: the kernel may be waiting for more before it wakes the loop. */
    public void readWhatHasCome() {
        if (!closed && channel != null) {
            lowWaterMark.set(channel, 0);
        }
    }

    /** Hands on no further message before {@link #resume}: what follows is for whoever takes the circuit over. */
    public void hold() {
        reader.hold();
    }

    /** Hands on what has come since {@link #hold}. */
    public void resume() {
        if (!closed) {
            closeBecause(reader.resume(channel.alloc(), this));
        }
    }

    private void closeBecause(String problem) {
        if (problem != null && !closed) {
            LOG.warn("circuit {} with {}: {}; closed", id, remoteAddress(), problem);
            sendLast(PeerLayout.BYE, FaultCause.PROTOCOL.code(), problem);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        reads++;
        inRead = true;
        try {
            if (!closed) {
                closeBecause(reader.feed(in, ctx.alloc(), this));
            }
        } finally {
            inRead = false;
            ReferenceCountUtil.release(in);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (flushWanted) {
            flushWanted = false;
            ctx.flush();
        }
        if (!closed) {
            lowWaterMark.set(channel, reader.rawLeft());
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        boolean writable = ctx.channel().isWritable();
        if (writable && deaf) {
            deaf = false;
            ctx.channel().config().setAutoRead(true);
        }
        if (writable && !closed && !fragments.isFull()) {
            events.writable(this);
        }
    }

    @Override
    public String message(int type, ByteBuf bytes, int payload, int length) {
        if (closed) {
            return null;
        }
        counters.receivedMessages++;
        counters.receivedBytes += PeerLayout.HEADER_LENGTH + length;
        if (bound && type == PeerLayout.MARK || bound && type == PeerLayout.MARKED) {
            return length != PeerLayout.BEAT_LENGTH
                    ? "MARK of " + length + " bytes"
                    : marked(type == PeerLayout.MARKED, bytes.getLongLE(payload));
        }
        if (bound && type == PeerLayout.FRAGMENT) {
            return fragment(bytes, payload, length);
        }
        return events.message(this, type, bytes, payload, length);
    }

    private String fragment(ByteBuf bytes, int payload, int length) {
        String problem = fragments.add(bytes, payload, length, channel.alloc());
        if (problem == null) {
            events.moved(this);
        }
        ByteBuf whole = problem == null ? fragments.completed() : null;
        if (whole == null) {
            return problem;
        }
        try {
            return events.message(this, fragments.completedType(), whole, 0, whole.readableBytes());
        } finally {
            whole.release();
        }
    }

    /** A mark of the peer, which goes back at once, or one of ours that has come back: more bulk may leave. */
    private String marked(boolean ours, long number) {
        if (!ours) {
            write(begin(PeerLayout.MARKED, PeerLayout.BEAT_LENGTH).writeLongLE(number));
            channel.flush();
            return null;
        }
        String problem = pacer == null ? "MARKED on a circuit without bulk" : pacer.returned(number, System.nanoTime());
        if (problem == null) {
            fragments.goOn();
            events.writable(this);
        }
        return problem;
    }

    @Override
    public void rawBytes(int count) {
        counters.receivedBytes += count;
    }

    @Override
    public String rawComplete() {
        return closed ? null : events.received(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closed = true;
        reader.close();
        fragments.close();
        if (pacer != null) {
            pacer.close();
        }
        events.closed(this, closeReason);
    }

    /**
     * Nothing can be written any more. A peer that has left says so before it hangs up, and its words may have come already: what
     * has come is read, to its end, before the connection is closed.
     */
    private void breakOff(String reason) {
        broken = true;
        closeReason = reason;
        ScheduledFuture<?> end = Timers.after(
                channel.eventLoop(),
                PEERS_LAST_WORD_MS,
                "closing a circuit that takes nothing any more",
                () -> close(reason));
        channel.closeFuture().addListener(done -> end.cancel(false));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            if (closed || broken) { // every message that was still waiting fails; why the circuit ended is known
                LOG.debug("circuit {} with {}, closed: {}", id, remoteAddress(), Reasons.of(cause));
                return;
            }
            LOG.info("circuit {} with {}: {}", id, remoteAddress(), Reasons.of(cause));
            breakOff(Reasons.of(cause));
        } else {
            LOG.error("circuit {} with {} failed inside this daemon; closed", id, remoteAddress(), cause);
            close(Reasons.of(cause));
        }
    }
}
