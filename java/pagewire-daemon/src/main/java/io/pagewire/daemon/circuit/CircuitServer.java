package io.pagewire.daemon.circuit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.pagewire.daemon.sys.Addresses;
import io.pagewire.daemon.sys.Timers;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.PeerLayout;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Takes calls of other hosts: reads the SETUP, finds the region, moves the connection to the region's loop and hands it over.
 *
 * <p>Works on the control loop; may be opened and closed by any thread.
 */
public final class CircuitServer implements AutoCloseable {
    /** Finds who serves a region. Called on the control loop. */
    public interface Exchange {
        /** The home of the region, or null when this host is not its home; then {@link #whyNot} says why. */
        Home home(int regionId);

        /** Why there is no home of this region here. */
        Reason whyNot(int regionId, String regionName);
    }

    /** The home of a region. */
    public interface Home {
        EventLoop loop();

        /** Accepts or refuses; called on {@link #loop()}, where the circuit lives already. */
        void call(Circuit circuit, SetupRequest setup, int circuitId, int incarnation, long epoch);
    }

    private static final int PATIENCE_MS = 3000;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(4 << 20, 8 << 20);

    private final Exchange exchange;
    private Channel listener;

    public CircuitServer(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Listens; returns the port, which the system chose when 0 was given. */
    public int bind(String host, int port, EventLoops loops) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.control())
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Caller caller = new Caller(exchange);
                        channel.pipeline().addLast(new Circuit(caller));
                        Timers.after(
                                channel.eventLoop(),
                                PATIENCE_MS,
                                "closing a connection that does not call",
                                () -> caller.giveUp(channel));
                    }
                });
        ChannelFuture bound = bootstrap.bind(new InetSocketAddress(host, port)).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + Addresses.of(host, port) + ": " + Reasons.of(bound.cause())
                    + "; choose another address with --listen");
        }
        listener = bound.channel();
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** What a connection that has just been taken begins with: a circuit on which nothing but a call may come. */
    static Circuit waitingForCall(Exchange exchange) {
        return new Circuit(new Caller(exchange));
    }

    @Override
    public void close() {
        if (listener != null) {
            listener.close().awaitUninterruptibly();
        }
    }

    /** The events of a connection until its SETUP has come. */
    private static final class Caller implements CircuitEvents {
        private final Exchange exchange;
        private boolean called;

        Caller(Exchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public String message(Circuit circuit, int type, ByteBuf bytes, int at, int length) {
            if (type != PeerLayout.SETUP) {
                return "message of type " + type + " before any call";
            }
            String problem = SetupRequest.problem(bytes, at, length);
            if (problem != null) {
                return problem;
            }
            called = true;
            int header = at - PeerLayout.HEADER_LENGTH;
            int circuitId = bytes.getIntLE(header + PeerLayout.CIRCUIT);
            int incarnation = bytes.getIntLE(header + PeerLayout.INCARNATION);
            long epoch = bytes.getLongLE(header + PeerLayout.EPOCH);
            SetupRequest setup = SetupRequest.read(bytes, at);
            Home home = exchange.home(setup.regionId());
            if (home == null) {
                circuit.bind(circuitId, incarnation, epoch);
                Reason reason = exchange.whyNot(setup.regionId(), setup.region());
                circuit.sendLast(PeerLayout.REFUSE, reason.cause().code(), reason.text());
                return null;
            }
            circuit.hold();
            EventLoops.move(circuit.channel(), home.loop(), () -> {
                if (circuit.isOpen()) {
                    home.call(circuit, setup, circuitId, incarnation, epoch);
                    circuit.resume();
                }
            });
            return null;
        }

        void giveUp(Channel channel) {
            if (!called) {
                Circuit circuit = channel.pipeline().get(Circuit.class);
                if (circuit != null && circuit.isOpen()) {
                    circuit.sendLast(PeerLayout.BYE, FaultCause.PROTOCOL.code(), "no call came");
                }
            }
        }

        @Override
        public void closed(Circuit circuit, String reason) {
            // Nothing was agreed with this caller, so there is nothing to undo.
        }
    }
}
