package io.pagewire.daemon.local;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.pagewire.wire.LocalLayout;
import java.io.IOException;

/**
 * The socket of a producer or of a consumer of a frame stream. What a program has said before it closed its end counts, also when
 * something that was on its way to it can no longer be written.
 *
 * <p>Belongs to the event loop of its stream.
 */
public final class StreamSocket extends ShortMessageHandler {
    private final StreamEnd end;
    private ChannelHandlerContext context;
    private boolean finished;
    private boolean deaf;

    StreamSocket(StreamEnd end) {
        this.end = end;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        super.handlerAdded(ctx);
        context = ctx;
        ctx.channel().config().setAutoClose(false); // a failed write ends writing alone
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            deaf = true; // what can still be read is read; its end closes the socket
        } else {
            super.exceptionCaught(ctx, cause);
        }
    }

    @Override
    protected String message(ByteBuf bytes, int at) {
        int type = bytes.getUnsignedByte(at + LocalLayout.TYPE);
        if (!deaf && !context.channel().isWritable()) {
            return "more is asked than is read"; // every answer is small, and only as many go out as were asked for
        }
        return end.isProducer() ? fromProducer(type, bytes, at) : fromConsumer(type, bytes, at);
    }

    private String fromProducer(int type, ByteBuf bytes, int at) {
        switch (type) {
            case LocalLayout.FILLED:
                return finished
                        ? "a frame after the end of the stream"
                        : end.side()
                                .filled(
                                        end,
                                        bytes.getUnsignedShortLE(at + LocalLayout.STATUS),
                                        bytes.getUnsignedIntLE(at + LocalLayout.C),
                                        bytes.getLongLE(at + LocalLayout.B));
            case LocalLayout.WAITING:
                end.side().waiting(end);
                return null;
            case LocalLayout.DRAIN:
                end.side().drain(end, bytes.getIntLE(at + LocalLayout.ID));
                return null;
            case LocalLayout.FINISH:
                finished = true;
                end.side().finish(end);
                return null;
            default:
                return "message of type " + type + " from a producer";
        }
    }

    private String fromConsumer(int type, ByteBuf bytes, int at) {
        return switch (type) {
            case LocalLayout.NEXT -> end.side().next(end);
            case LocalLayout.RELEASE -> end.side().released(end, bytes.getUnsignedShortLE(at + LocalLayout.STATUS));
            case LocalLayout.CANCEL -> end.side().cancel(end, bytes.getIntLE(at + LocalLayout.ID));
            default -> "message of type " + type + " from a consumer";
        };
    }

    @Override
    protected void closed() {
        end.socketClosed();
    }

    @Override
    protected String describe() {
        return "stream socket of " + end;
    }
}
