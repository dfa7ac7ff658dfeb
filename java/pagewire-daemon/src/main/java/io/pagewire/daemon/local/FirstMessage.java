package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.daemon.sys.TimeNamespace;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ScheduledFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the first message of a local socket, learns what the socket is, and gives it its handler; a fault line, an agent or an end
 * of a stream also moves to the loop of its region or stream. Who is at the other end is asked of the kernel, never taken from
 * the message.
 *
 * <p>Belongs to the control loop.
 */
class FirstMessage extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(FirstMessage.class);
    private static final int PATIENCE_MS = 5000;

    private final ControlService service;
    private final ControlSessions sessions;
    private ByteBuf gathered;
    private ScheduledFuture<?> patience;
    private boolean decided;

    FirstMessage(ControlService service, ControlSessions sessions) {
        this.service = service;
        this.sessions = sessions;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        gathered = ctx.alloc().buffer(LocalLayout.HEADER_LENGTH + 256);
        patience = Timers.after(ctx.executor(), PATIENCE_MS, "closing a socket that says nothing", ctx::close);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        try {
            if (decided) {
                LOG.warn("a local socket sent more before it was answered; closed");
                ctx.close();
                return;
            }
            gathered.writeBytes(in, Math.min(in.readableBytes(), 4096));
        } finally {
            in.release();
        }
        if (gathered.readableBytes() < LocalLayout.HEADER_LENGTH) {
            return;
        }
        String problem = Header.problem(gathered, 0);
        int length = gathered.getIntLE(LocalLayout.LENGTH);
        if (problem == null && length > LocalLayout.MAX_NAME) {
            problem = "first message with a payload of " + length + " bytes";
        }
        if (problem == null && gathered.readableBytes() < LocalLayout.HEADER_LENGTH + length) {
            return;
        }
        if (problem == null && gathered.readableBytes() > LocalLayout.HEADER_LENGTH + length) {
            problem = "more than one message before the first was answered";
        }
        decided = true;
        if (problem == null) {
            problem = decide(ctx);
        } else if (gathered.getUnsignedByte(LocalLayout.VERSION) != LocalLayout.PROTOCOL_VERSION) {
            answer(ctx, LocalStatus.VERSION, problem); // the first byte of an answer means the same in every version
        }
        if (problem != null) {
            LOG.warn("local socket: {}; closed", problem);
            ctx.close();
        }
    }

    private String decide(ChannelHandlerContext ctx) {
        Peer peer;
        try {
            peer = peer(ctx.channel());
        } catch (IOException e) {
            String reason = "dsmd cannot learn from the kernel which process this is: " + Reasons.of(e);
            answer(ctx, LocalStatus.PERMISSION, reason);
            return reason;
        }
        String refusal = service.refuseUser(peer.uid());
        if (refusal != null) {
            answer(ctx, LocalStatus.PERMISSION, refusal);
            return refusal;
        }
        int type = gathered.getUnsignedByte(LocalLayout.TYPE);
        return switch (type) {
            case LocalLayout.HELLO_CONTROL -> control(ctx, peer);
            case LocalLayout.HELLO_LINE, LocalLayout.HELLO_AGENT -> attach(ctx, peer, type);
            case LocalLayout.HELLO_STREAM -> attachStream(ctx, peer);
            default -> "first message of type " + type;
        };
    }

    /** Who the kernel says is at the other end. */
    Peer peer(Channel channel) throws IOException {
        PeerCredentials credentials = ((EpollDomainSocketChannel) channel).peerCredentials();
        return new Peer(credentials.pid(), credentials.uid());
    }

    /** A process at the other end. */
    record Peer(int pid, int uid) {}

    private String control(ChannelHandlerContext ctx, Peer peer) {
        int length = gathered.getIntLE(LocalLayout.LENGTH);
        String program = gathered.toString(LocalLayout.HEADER_LENGTH, length, StandardCharsets.UTF_8);
        LocalProcess process;
        try {
            if (peer.pid() == 0) {
                throw new IOException(
                        "it is in another pid namespace, as of a container, where dsmd sees no processes; start"
                                + " dsmd in that container, or the container with the pid namespace of dsmd (docker run --pid)");
            }
            process = LocalProcess.open(peer.pid(), peer.uid(), program);
        } catch (IOException e) {
            String reason = "dsmd cannot watch over this process: " + Reasons.of(e);
            answer(ctx, LocalStatus.PERMISSION, reason);
            return reason;
        }
        byte[] host = service.host().getBytes(StandardCharsets.UTF_8);
        ByteBuf reply = ctx.alloc().buffer(LocalLayout.HEADER_LENGTH + host.length);
        int id = gathered.getIntLE(LocalLayout.ID);
        Header.write(
                reply, LocalLayout.HELLO_CONTROL, 0, id, service.session(), 0, service.faultDeadlineMs(), host.length);
        ctx.writeAndFlush(reply.writeBytes(host));
        leave(ctx, new ControlSession(service, sessions, process, ctx.channel()));
        return null;
    }

    private String attach(ChannelHandlerContext ctx, Peer peer, int type) {
        Mapping mapping = service.mapping(gathered.getLongLE(LocalLayout.A));
        if (mapping == null || mapping.process().pid() != peer.pid()) {
            answer(ctx, LocalStatus.UNKNOWN_REGION, "no such mapping of this process");
            return "a " + (type == LocalLayout.HELLO_LINE ? "fault line" : "agent") + " of process " + peer.pid()
                    + " names no mapping of it";
        }
        int id = gathered.getIntLE(LocalLayout.ID);
        EventLoops.move(ctx.channel(), mapping.side().loop(), () -> {
            ShortMessageHandler handler = type == LocalLayout.HELLO_LINE ? mapping.openLine() : mapping.openAgent();
            if (handler == null) {
                answer(ctx, LocalStatus.LIMIT, "the mapping has all the lines and agents it may have, or has ended");
                ctx.close();
                return;
            }
            leave(ctx, handler);
            handler.send(type, 0, id, TimeNamespace.inode(), Sys.bootTimeNs(), 0);
        });
        return null;
    }

    private String attachStream(ChannelHandlerContext ctx, Peer peer) {
        StreamEnd end = service.streamEnd(gathered.getLongLE(LocalLayout.A));
        if (end == null || end.process().pid() != peer.pid()) {
            answer(ctx, LocalStatus.UNKNOWN_REGION, "no such end of a stream in this process");
            return "a stream socket of process " + peer.pid() + " names no end of a stream in it";
        }
        int id = gathered.getIntLE(LocalLayout.ID);
        EventLoops.move(ctx.channel(), end.side().loop(), () -> {
            StreamSocket handler = end.openSocket();
            if (handler == null) {
                answer(ctx, LocalStatus.LIMIT, "this end of the stream has its socket already, or the stream is over");
                ctx.close();
                return;
            }
            leave(ctx, handler);
            handler.send(LocalLayout.HELLO_STREAM, 0, id, 0, 0, 0);
            if (ctx.channel().isActive()) {
                end.side().attached(end);
            }
        });
        return null;
    }

    private void answer(ChannelHandlerContext ctx, LocalStatus status, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        ByteBuf reply = ctx.alloc().buffer(LocalLayout.HEADER_LENGTH + text.length);
        int type = gathered.getUnsignedByte(LocalLayout.TYPE);
        Header.write(reply, type, status.code(), gathered.getIntLE(LocalLayout.ID), 0, 0, 0, text.length);
        ctx.writeAndFlush(reply.writeBytes(text));
    }

    private void leave(ChannelHandlerContext ctx, EndedOnce successor) {
        boolean active = ctx.channel().isActive();
        ctx.pipeline().replace(this, null, successor);
        if (!active) {
            // The peer left before its handler stood; tell the handler what it could not see.
            ctx.pipeline().fireChannelInactive();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (patience != null) {
            patience.cancel(false);
        }
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.error("a local socket failed inside dsmd; closed", cause);
        }
        ctx.close();
    }
}
