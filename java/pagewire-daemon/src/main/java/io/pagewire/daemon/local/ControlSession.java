package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.unix.FileDescriptor;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.Reasons;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control connection of one program: gathers a request, has it served, writes the answer. Requests are served one at a
 * time in the order they came.
 *
 * <p>Belongs to the control loop; answers from other threads are handed to it.
 */
final class ControlSession extends EndedOnce {
    private static final Logger LOG = LoggerFactory.getLogger(ControlSession.class);

    /** While a request is under way its program hears so often that it is. */
    private static final int RUNNING_MS = 100;

    private final ControlService service;
    private final ControlSessions sessions;
    private final LocalProcess process;
    private final Channel channel;
    private final ByteBuf gathered;
    private boolean serving;

    ControlSession(ControlService service, ControlSessions sessions, LocalProcess process, Channel channel) {
        this.service = service;
        this.sessions = sessions;
        this.process = process;
        this.channel = channel;
        this.gathered = channel.alloc().buffer(LocalLayout.HEADER_LENGTH + 256);
        sessions.opened(this);
    }

    @Override
    protected void read(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        try {
            if (gathered.readableBytes() + in.readableBytes()
                    > 4 * (LocalLayout.HEADER_LENGTH + LocalLayout.MAX_REQUEST_PAYLOAD)) {
                refuse("requests are sent faster than they are answered");
                return;
            }
            gathered.writeBytes(in);
            serveNext();
        } finally {
            in.release();
        }
    }

    private void serveNext() {
        if (serving || gathered.readableBytes() < LocalLayout.HEADER_LENGTH || !channel.isActive()) {
            return;
        }
        int at = gathered.readerIndex();
        String problem = Header.problem(gathered, at);
        if (problem != null) {
            refuse(problem);
            return;
        }
        int length = gathered.getIntLE(at + LocalLayout.LENGTH);
        if (gathered.readableBytes() < LocalLayout.HEADER_LENGTH + length) {
            return;
        }
        int type = gathered.getUnsignedByte(at + LocalLayout.TYPE);
        int id = gathered.getIntLE(at + LocalLayout.ID);
        long a = gathered.getLongLE(at + LocalLayout.A);
        long b = gathered.getLongLE(at + LocalLayout.B);
        int c = gathered.getIntLE(at + LocalLayout.C);
        String text = gathered.toString(at + LocalLayout.HEADER_LENGTH, length, StandardCharsets.UTF_8);
        gathered.skipBytes(LocalLayout.HEADER_LENGTH + length).discardReadBytes();
        serving = true;
        ScheduledFuture<?> running = tellThatItRuns(type, id);
        serve(type, a, b, c, text)
                .whenComplete((reply, failure) -> channel.eventLoop().execute(() -> {
                    serving = false;
                    running.cancel(false);
                    answer(type, id, failure == null ? reply : internal(failure));
                    if (!channel.isActive()) {
                        service.disconnected(process); // what was made meanwhile nobody will use
                    }
                    serveNext();
                }));
    }

    /**
     * The program's deadline lies around those of dsmd, of which it knows nothing. What it hears meanwhile lets it end only when
     * dsmd is dead, and not while dsmd is about to say why the request fails.
     */
    private ScheduledFuture<?> tellThatItRuns(int type, int id) {
        long begunNs = System.nanoTime();
        long mostNs = movesBytes(type) ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(service.longestRequestMs());
        return Timers.every(channel.eventLoop(), RUNNING_MS, "telling that a request runs", () -> {
            if (System.nanoTime() - begunNs
                    < mostNs) { // else an answer was lost in here; the program need not wait for it
                running(type, id);
            }
        });
    }

    /** Whether it goes on for as long as bytes get on; whoever serves it ends it when they do not. */
    private static boolean movesBytes(int type) {
        return type == LocalLayout.FORCE || type == LocalLayout.PUBLISH || type == LocalLayout.REFRESH;
    }

    private void running(int type, int id) {
        if (channel.isActive() && channel.isWritable()) {
            ByteBuf message = channel.alloc().buffer(LocalLayout.HEADER_LENGTH);
            Header.write(message, type, LocalStatus.RUNNING.code(), id, 0, 0, 0, 0);
            channel.writeAndFlush(message);
        }
    }

    /** The last words, see {@link LocalLayout#GOODBYE}; any thread. */
    ChannelFuture goodbye() {
        ByteBuf message = channel.alloc().buffer(LocalLayout.HEADER_LENGTH);
        Header.write(message, LocalLayout.GOODBYE, 0, 0, service.session(), 0, 0, 0);
        return channel.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
    }

    private CompletionStage<ControlReply> serve(int type, long a, long b, int c, String text) {
        try {
            return switch (type) {
                case LocalLayout.CREATE -> create(text, a, b, c);
                case LocalLayout.EXPORT -> export(text, b, c);
                case LocalLayout.DELETE -> service.delete(process, text);
                case LocalLayout.MAP -> map(text, a, c);
                case LocalLayout.UNMAP -> service.unmap(process, a);
                case LocalLayout.LEAVING -> service.leaving(process, a, b, c != 0);
                case LocalLayout.FORCE -> service.force(process, a, b, Integer.toUnsignedLong(c));
                case LocalLayout.PUBLISH -> service.publish(process, a);
                case LocalLayout.REFRESH -> service.refresh(process, a);
                case LocalLayout.PROGRESS -> service.progress(process, a, text);
                case LocalLayout.PUBLISH_FRAMES, LocalLayout.SUBSCRIBE_FRAMES -> stream(type, text, a, b, c);
                case LocalLayout.QUERY -> service.query(process, text);
                default ->
                    CompletableFuture.completedFuture(
                            ControlReply.failed(LocalStatus.VERSION, "dsmd knows no request of type " + type));
            };
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(internal(e));
        }
    }

    private CompletionStage<ControlReply> create(String name, long size, long flags, int pageSize) {
        if ((flags & LocalLayout.REGION_RESIDENT) != 0) {
            return invalid("only an exported file can be made resident; a created region is always in memory");
        }
        if ((flags & ~LocalLayout.REGION_ANY_WRITER) != 0) {
            return invalid("a create with the unknown flags 0x" + Long.toHexString(flags));
        }
        return service.create(process, name, size, pageSize, flags != 0);
    }

    private CompletionStage<ControlReply> export(String text, long flags, int pageSize) {
        int split = text.indexOf('\0');
        if (split < 0) {
            return invalid("an export needs a region name and a file");
        }
        if ((flags & ~(LocalLayout.REGION_ANY_WRITER | LocalLayout.REGION_RESIDENT)) != 0) {
            return invalid("an export with the unknown flags 0x" + Long.toHexString(flags));
        }
        return service.export(
                process,
                text.substring(0, split),
                text.substring(split + 1),
                pageSize,
                (flags & LocalLayout.REGION_ANY_WRITER) != 0,
                (flags & LocalLayout.REGION_RESIDENT) != 0);
    }

    private CompletionStage<ControlReply> map(String name, long periodMs, int flags) {
        String problem = MapOptions.problem(flags, periodMs);
        return problem != null ? invalid(problem) : service.map(process, name, MapOptions.of(flags, periodMs));
    }

    /** {@code c}: the number of frames, 0 = the default, and the flags. */
    private CompletionStage<ControlReply> stream(int type, String name, long frameSize, long dropMs, int c) {
        int frames = (c & 0xff) == 0 ? LocalLayout.DEFAULT_FRAMES : c & 0xff;
        int flags = c >>> 8;
        boolean publishes = type == LocalLayout.PUBLISH_FRAMES;
        int flag = publishes ? LocalLayout.STREAM_DISCARD : LocalLayout.STREAM_LATEST;
        if ((flags & ~flag) != 0) {
            return invalid((publishes ? "a producer" : "a consumer") + " of frames with the unknown flags 0x"
                    + Integer.toHexString(flags));
        }
        if (frames < LocalLayout.LEAST_FRAMES || frames > LocalLayout.MOST_FRAMES) {
            return invalid("a side of a stream has " + LocalLayout.LEAST_FRAMES + " to " + LocalLayout.MOST_FRAMES
                    + " frames, not " + frames);
        }
        return publishes
                ? service.publishFrames(process, name, frameSize, frames, dropMs, flags != 0)
                : service.subscribeFrames(process, name, frames, flags != 0);
    }

    private static CompletionStage<ControlReply> invalid(String reason) {
        return CompletableFuture.completedFuture(ControlReply.failed(LocalStatus.INVALID_ARGUMENT, reason));
    }

    private ControlReply internal(Throwable failure) {
        LOG.error("a request of {} failed inside dsmd", process, failure);
        return ControlReply.failed(
                LocalStatus.INTERNAL,
                "dsmd failed on this request (" + Reasons.of(failure) + "); its log has the details");
    }

    private void answer(int type, int id, ControlReply whole) {
        if (!channel.isActive()) {
            return;
        }
        ControlReply reply = whole.payload().length <= LocalLayout.MAX_PAYLOAD
                ? whole
                : ControlReply.failed(
                        LocalStatus.LIMIT,
                        "the answer has " + whole.payload().length + " bytes; no program takes more than "
                                + LocalLayout.MAX_PAYLOAD);
        ByteBuf message = channel.alloc().buffer(LocalLayout.HEADER_LENGTH + reply.payload().length);
        Header.write(message, type, reply.status().code(), id, reply.a(), reply.b(), reply.c(), reply.payload().length);
        channel.write(message.writeBytes(reply.payload()));
        for (int descriptor : reply.descriptors()) {
            channel.write(new FileDescriptor(descriptor));
        }
        channel.flush();
    }

    private void refuse(String problem) {
        LOG.warn("control connection of {}: {}; closed", process, problem);
        channel.close();
    }

    @Override
    protected void ended() {
        sessions.closed(this);
        gathered.release();
        service.disconnected(process);
        process.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof java.io.IOException) {
            LOG.debug("control connection of {}: {}", process, Reasons.of(cause));
        } else {
            LOG.error("control connection of {} failed inside dsmd; closed", process, cause);
        }
        ctx.close();
    }
}
