package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.circuit.CircuitBytes;
import io.pagewire.daemon.fuzz.CountingAllocator;
import io.pagewire.daemon.fuzz.FuzzTarget;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A program that says anything on a local socket, from its first message on: control requests, faults on a line, answers of
 * an agent, frames of a producer, what a consumer wants. The first byte of an input says how it is cut.
 *
 * <p>For use by one thread.
 */
public final class LocalTarget implements FuzzTarget, ControlService {
    private static final FirstMessage.Peer SELF =
            new FirstMessage.Peer((int) ProcessHandle.current().pid(), 0);

    private final CountingAllocator allocator = new CountingAllocator();
    private final Pager pager = new Pager();
    private final LocalProcess process = LocalDoor.self();
    private final Frames frames = new Frames();
    private Mapping mapping;
    private StreamEnd producer;
    private StreamEnd consumer;

    public LocalTarget() throws IOException {
        // The process is held open for all mappings.
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public int longest() {
        return 20_000;
    }

    @Override
    public List<byte[]> corpus() {
        byte[] hello = message(LocalLayout.HELLO_CONTROL, 0, 1, 4711, 0, 0, "program");
        byte[] line = message(LocalLayout.HELLO_LINE, 0, 1, 7, 0, 0, "");
        byte[] agent = message(LocalLayout.HELLO_AGENT, 0, 1, 7, 0, 0, "");
        byte[] produces = message(LocalLayout.HELLO_STREAM, 0, 1, 8, 0, 0, "");
        byte[] consumes = message(LocalLayout.HELLO_STREAM, 0, 1, 9, 0, 0, "");
        return List.of(
                input(0, hello),
                input(0, hello, message(LocalLayout.CREATE, 0, 2, 65536, 0, 4096, "prices")),
                input(0, hello, message(LocalLayout.CREATE, 0, 2, 65536, 1, 4096, "prices")),
                input(0, hello, message(LocalLayout.EXPORT, 0, 3, 0, 3, 4096, "prices\0/srv/prices")),
                input(0, hello, message(LocalLayout.MAP, 0, 4, 500, 0, 6, "prices")),
                input(
                        0,
                        hello,
                        message(LocalLayout.MAP, 0, 4, 0, 0, 1, "prices"),
                        message(LocalLayout.FORCE, 0, 5, 7, 3, 9, ""),
                        message(LocalLayout.PUBLISH, 0, 8, 7, 0, 0, ""),
                        message(LocalLayout.REFRESH, 0, 9, 7, 0, 0, ""),
                        message(LocalLayout.UNMAP, 0, 6, 7, 0, 0, "")),
                input(0, hello, message(LocalLayout.QUERY, 0, 7, 0, 0, 0, "pages prices")),
                input(0, hello, message(LocalLayout.DELETE, 0, 8, 0, 0, 0, "prices")),
                input(
                        0,
                        line,
                        message(LocalLayout.FAULT, 1, 2, 3, 4711, 0, ""),
                        message(LocalLayout.FAULT, 2, 3, 3, 4711, 0, "")),
                input(
                        0,
                        agent,
                        message(LocalLayout.REVOKED, 0, 1, 0, 1, 0, ""),
                        message(LocalLayout.REVOKED, 0, 2, 0, 2, 0, "")),
                input(0, hello, message(LocalLayout.PUBLISH_FRAMES, 0, 2, 65536, 5000, 0x104, "ticks")),
                input(0, hello, message(LocalLayout.SUBSCRIBE_FRAMES, 0, 2, 0, 0, 0x200, "ticks")),
                input(
                        0,
                        produces,
                        message(LocalLayout.FILLED, 3, 0, 0, 4711, 4096, ""),
                        message(LocalLayout.WAITING, 0, 0, 0, 0, 0, ""),
                        message(LocalLayout.DRAIN, 0, 5, 0, 0, 0, ""),
                        message(LocalLayout.FINISH, 0, 0, 0, 0, 0, "")),
                input(
                        0,
                        consumes,
                        message(LocalLayout.NEXT, 0, 0, 0, 0, 0, ""),
                        message(LocalLayout.RELEASE, 3, 0, 0, 0, 0, ""),
                        message(LocalLayout.CANCEL, 0, 4, 0, 0, 0, "")));
    }

    private static byte[] message(int type, int status, int id, long a, long b, int c, String payload) {
        byte[] text = payload.getBytes(StandardCharsets.UTF_8);
        ByteBuf bytes = Header.write(Unpooled.buffer(), type, status, id, a, b, c, text.length)
                .writeBytes(text);
        byte[] all = new byte[bytes.readableBytes()];
        bytes.readBytes(all);
        return all;
    }

    private static byte[] input(int control, byte[]... messages) {
        ByteBuf bytes = Unpooled.buffer().writeByte(control);
        for (byte[] message : messages) {
            bytes.writeBytes(message);
        }
        byte[] all = new byte[bytes.readableBytes()];
        bytes.readBytes(all);
        return all;
    }

    @Override
    public void run(byte[] input) {
        if (input.length == 0) {
            return;
        }
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        pager.channel = channel;
        process.hold();
        mapping = new Mapping(0, 7, process, pager);
        frames.channel = channel;
        frames.finished = false;
        producer = new StreamEnd(8, process, frames, StreamEnd.PRODUCER);
        consumer = new StreamEnd(9, process, frames, 3);
        FirstMessage first = new FirstMessage(this, new ControlSessions()) {
            @Override
            Peer peer(Channel ignored) {
                return SELF;
            }
        };
        channel.pipeline().addLast(first);
        first.channelActive(channel.pipeline().context(first));
        int at = 1;
        if ((input[0] & 7) != 7 && input.length >= 1 + LocalLayout.HEADER_LENGTH) {
            // As the library does: the first message alone.
            int length = input[1 + LocalLayout.LENGTH] & 0xff;
            at = Math.min(input.length, 1 + LocalLayout.HEADER_LENGTH + length);
            write(channel, input, 1, at);
        }
        int step = (input[0] & 8) != 0 ? 13 : 512;
        for (; at < input.length && channel.isOpen(); at += step) {
            write(channel, input, at, Math.min(input.length, at + step));
            CircuitBytes.discardOutput(channel);
        }
        channel.close();
        channel.runPendingTasks();
        CircuitBytes.discardOutput(channel);
        channel.finishAndReleaseAll();
        process.release();
        allocator.mustBeEmpty();
    }

    private void write(EmbeddedChannel channel, byte[] input, int from, int to) {
        channel.writeInbound(allocator.directBuffer(to - from).writeBytes(input, from, to - from));
        channel.runPendingTasks();
    }

    /** Checks what the handlers pass on, and answers. */
    private final class Pager implements PagerSide {
        private EmbeddedChannel channel;

        @Override
        public io.netty.channel.EventLoop loop() {
            return channel.eventLoop();
        }

        @Override
        public void fault(Mapping by, int line, int requestId, long page, int wanted) {
            check(wanted == 1 || wanted == 2, "a fault that wants right " + wanted);
            check(line >= 0 && line < Mapping.MAX_LINES, "line " + line);
            if ((page & 1) == 0) {
                by.grant(line, requestId, page, 1, wanted, 5);
            } else {
                by.fail(line, requestId, page, 1);
            }
        }

        @Override
        public void lineLost(Mapping by, int line) {
            check(line == 0, "line " + line + " was never opened");
        }

        @Override
        public void revoked(Mapping by, long sequence) {
            by.revoke(0, 1, 0, sequence % 2 == 0, sequence + 1);
            by.lost(sequence, 1);
        }

        @Override
        public void agentLost(Mapping by) {
            check(by.hasAgent(), "an agent that never came is lost");
        }

        @Override
        public void unmapped(Mapping by) {
            throw new AssertionError("nobody unmapped");
        }
    }

    /** Checks what the ends of a stream pass on, and answers. */
    private final class Frames implements StreamSide {
        private EmbeddedChannel channel;
        private boolean finished;

        @Override
        public io.netty.channel.EventLoop loop() {
            return channel.eventLoop();
        }

        @Override
        public void attached(StreamEnd end) {
            check(end.isAttached(), "an end without a socket");
            if (end.isProducer()) {
                end.empty(3);
            }
        }

        @Override
        public String filled(StreamEnd from, int slot, long length, long timeNs) {
            check(from == producer && !finished, "a frame of " + from);
            check(length >= 0 && length < 1L << 32, "a frame of " + length + " bytes");
            from.empty(slot);
            return (length & 1) == 0 ? null : "an odd frame";
        }

        @Override
        public void waiting(StreamEnd from) {
            check(from == producer, from + " waits");
        }

        @Override
        public void drain(StreamEnd from, int request) {
            check(from == producer, from + " drains");
            from.drained(request);
        }

        @Override
        public void finish(StreamEnd from) {
            check(from == producer, from + " finishes");
            finished = true;
        }

        @Override
        public String next(StreamEnd from) {
            check(from == consumer, from + " wants a frame");
            from.frame(3, 1, 4711, 4096);
            return null;
        }

        @Override
        public String released(StreamEnd from, int slot) {
            check(from == consumer, from + " releases a frame");
            return slot == 3 ? null : "slot " + slot + " is not its own";
        }

        @Override
        public String cancel(StreamEnd from, int request) {
            check(from == consumer, from + " cancels");
            from.cancelled(request);
            return null;
        }

        @Override
        public void closed(StreamEnd end) {
            check(end.isAttached(), "an end that never came is lost");
            end.ended(16, 1);
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    // ---- requests: what arrives must be within the bounds of the protocol
    // ---------------------------------------------

    @Override
    public long session() {
        return 77;
    }

    @Override
    public String host() {
        return "a";
    }

    @Override
    public int faultDeadlineMs() {
        return 5000;
    }

    @Override
    public long longestRequestMs() {
        return 60_000;
    }

    @Override
    public String refuseUser(int uid) {
        return null;
    }

    private static CompletionStage<ControlReply> answer(String text) {
        check(text.length() <= LocalLayout.MAX_REQUEST_PAYLOAD, "a text of " + text.length());
        return CompletableFuture.completedFuture(
                text.length() % 2 == 0 ? ControlReply.ok(7) : ControlReply.failed(LocalStatus.INVALID_ARGUMENT, "no"));
    }

    @Override
    public CompletionStage<ControlReply> create(
            LocalProcess by, String name, long size, int pageSize, boolean anyWriter) {
        return answer(name);
    }

    @Override
    public CompletionStage<ControlReply> export(
            LocalProcess by, String name, String path, int pageSize, boolean anyWriter, boolean resident) {
        check(name.indexOf('\0') < 0, "a name that is two");
        return answer(name + path);
    }

    @Override
    public CompletionStage<ControlReply> delete(LocalProcess by, String name) {
        return answer(name);
    }

    @Override
    public CompletionStage<ControlReply> map(LocalProcess by, String name, MapOptions options) {
        check(options.periodMs() >= 0, "a negative period");
        check(options.preloaded() || options.periodMs() == 0, "a period without a preloaded mapping");
        return answer(name);
    }

    @Override
    public CompletionStage<ControlReply> unmap(LocalProcess by, long token) {
        return answer("");
    }

    @Override
    public CompletionStage<ControlReply> leaving(LocalProcess by, long token, long fromPage, boolean withPages) {
        return answer("");
    }

    @Override
    public CompletionStage<ControlReply> force(LocalProcess by, long token, long firstPage, long pageCount) {
        check(pageCount >= 0, "a negative page count");
        return answer("");
    }

    @Override
    public CompletionStage<ControlReply> publish(LocalProcess by, long token) {
        return answer("");
    }

    @Override
    public CompletionStage<ControlReply> refresh(LocalProcess by, long token) {
        return answer("no");
    }

    @Override
    public CompletionStage<ControlReply> progress(LocalProcess by, long token, String name) {
        return answer(name);
    }

    @Override
    public CompletionStage<ControlReply> publishFrames(
            LocalProcess by, String name, long frameSize, int frames, long dropMs, boolean discard) {
        check(frames >= LocalLayout.LEAST_FRAMES && frames <= LocalLayout.MOST_FRAMES, frames + " frames");
        return answer(name);
    }

    @Override
    public CompletionStage<ControlReply> subscribeFrames(LocalProcess by, String name, int frames, boolean latest) {
        check(frames >= LocalLayout.LEAST_FRAMES && frames <= LocalLayout.MOST_FRAMES, frames + " frames");
        return answer(name);
    }

    @Override
    public CompletionStage<ControlReply> query(LocalProcess by, String what) {
        return answer(what);
    }

    @Override
    public Mapping mapping(long token) {
        return token == 7 ? mapping : null;
    }

    @Override
    public StreamEnd streamEnd(long token) {
        return token == 8 ? producer : token == 9 ? consumer : null;
    }

    @Override
    public void disconnected(LocalProcess which) {
        // Nothing was opened for it.
    }
}
