package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.Reasons;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket on which every message is one bare header: fault lines, agents and ends of frame streams. Nearly always a read gives
 * exactly one message, which is taken from where it lies; a split one is gathered.
 *
 * <p>Belongs to the event loop of its region or stream.
 */
abstract class ShortMessageHandler extends EndedOnce {
    private static final Logger LOG = LoggerFactory.getLogger(ShortMessageHandler.class);

    private Channel channel;
    private ByteBuf partial;

    /** Handles one message; returns null, or the reason why it breaks the protocol. */
    protected abstract String message(ByteBuf bytes, int at);

    /** The socket is closed. */
    protected abstract void closed();

    /** What this socket is, for the log. */
    protected abstract String describe();

    protected final void send(int type, int status, int id, long a, long b, int c) {
        ByteBuf message = channel.alloc().directBuffer(LocalLayout.HEADER_LENGTH);
        Header.write(message, type, status, id, a, b, c, 0);
        channel.writeAndFlush(message, channel.voidPromise());
    }

    final void close() {
        channel.close();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    protected final void read(ChannelHandlerContext ctx, Object msg) {
        ByteBuf in = (ByteBuf) msg;
        try {
            while (in.isReadable() && channel.isActive()) {
                if (partial == null && in.readableBytes() >= LocalLayout.HEADER_LENGTH) {
                    int at = in.readerIndex();
                    in.skipBytes(LocalLayout.HEADER_LENGTH);
                    accept(in, at);
                } else {
                    gather(ctx, in);
                }
            }
        } finally {
            in.release();
        }
    }

    private void gather(ChannelHandlerContext ctx, ByteBuf in) {
        if (partial == null) {
            partial = ctx.alloc().directBuffer(LocalLayout.HEADER_LENGTH);
        }
        partial.writeBytes(in, Math.min(in.readableBytes(), LocalLayout.HEADER_LENGTH - partial.readableBytes()));
        if (partial.readableBytes() == LocalLayout.HEADER_LENGTH) {
            ByteBuf whole = partial;
            partial = null;
            try {
                accept(whole, 0);
            } finally {
                whole.release();
            }
        }
    }

    private void accept(ByteBuf bytes, int at) {
        String problem = Header.problem(bytes, at);
        if (problem == null && bytes.getIntLE(at + LocalLayout.LENGTH) != 0) {
            problem = "message with a payload where none is allowed";
        }
        if (problem == null) {
            problem = message(bytes, at);
        }
        if (problem != null) {
            LOG.warn("{}: {}; closed", describe(), problem);
            channel.close();
        }
    }

    @Override
    protected final void ended() {
        if (partial != null) {
            partial.release();
            partial = null;
        }
        closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof java.io.IOException) {
            LOG.debug("{}: {}", describe(), Reasons.of(cause));
        } else {
            LOG.error("{} failed inside this daemon; closed", describe(), cause);
        }
        ctx.close();
    }
}
