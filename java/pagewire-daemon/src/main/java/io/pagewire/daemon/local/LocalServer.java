package io.pagewire.daemon.local;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Listens on the daemon's Unix socket.
 *
 * <p>Safe for use by any thread.
 */
public final class LocalServer implements AutoCloseable {
    private static final int READ_SIZE = 512;

    private final SocketPath socket;
    private final Channel listener;
    private final ControlSessions sessions;

    private LocalServer(SocketPath socket, Channel listener, ControlSessions sessions) {
        this.socket = socket;
        this.listener = listener;
        this.sessions = sessions;
    }

    /**
     * Binds the socket, readable and writable by the daemon's own user only; see {@link SocketPath}.
     */
    public static LocalServer bind(Path socket, EventLoops loops, ControlService service) throws IOException {
        ControlSessions sessions = new ControlSessions();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.control())
                .channel(EpollServerDomainSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_SIZE))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new FirstMessage(service, sessions));
                    }
                });
        Channel[] listener = new Channel[1];
        SocketPath place = SocketPath.take(socket, () -> listener[0] = listen(bootstrap, socket));
        return new LocalServer(place, listener[0], sessions);
    }

    private static Channel listen(ServerBootstrap bootstrap, Path socket) throws IOException {
        ChannelFuture bound =
                bootstrap.bind(new DomainSocketAddress(socket.toString())).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on the socket " + socket + ": " + Reasons.of(bound.cause())
                    + "; choose another one with --socket");
        }
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        return bound.channel();
    }

    /** Says on every control connection that everything its program has written is home. Blocks for a moment. */
    public void goodbye() {
        sessions.goodbye();
    }

    @Override
    public void close() throws IOException {
        listener.close().awaitUninterruptibly();
        socket.giveBack();
    }
}
