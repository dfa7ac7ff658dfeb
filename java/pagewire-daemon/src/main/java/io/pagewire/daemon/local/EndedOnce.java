package io.pagewire.daemon.local;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * A handler that hears of the end of its socket once, and of nothing after that. A socket may end in the moment in which it gets its
 * handler: then the handler is told by whoever put it there, and Netty's own event may still be on its way to it.
 *
 * <p>Belongs to the event loop of its socket.
 */
abstract class EndedOnce extends ChannelInboundHandlerAdapter {
    private boolean ended;

    /** Something has come; {@code in} is this call's to release. */
    protected abstract void read(ChannelHandlerContext ctx, Object in);

    /** The socket is closed. */
    protected abstract void ended();

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object in) {
        if (ended) {
            ReferenceCountUtil.release(in);
        } else {
            read(ctx, in);
        }
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ctx) {
        if (!ended) {
            ended = true;
            ended();
        }
    }
}
