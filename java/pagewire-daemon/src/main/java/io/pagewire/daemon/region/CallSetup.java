package io.pagewire.daemon.region;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.config.Deadlines;
import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.sys.Addresses;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.Reasons;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * The slow part of setting a circuit up: ask the name server who owns the region, find the address, connect (SPEC: V13). The
 * result arrives on the region's event loop.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class CallSetup {
    /** What comes of it; called on the region's loop, one of the two, once. */
    public interface Outcome {
        /** Connected; {@code circuit} is the channel's handler already. */
        void connected(OwnerRecord owner, Circuit circuit);

        void failed(FaultCause cause, String text);
    }

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(4 << 20, 8 << 20);

    private CallSetup() {}

    /** {@code slow} may block; each call has one outcome. */
    public static void start(
            Directory directory, int regionId, Deadlines deadlines, EventLoop loop, Executor slow, Outcome outcome) {
        directory
                .owner(regionId, deadlines.ownerMs())
                .whenCompleteAsync(
                        (owner, failure) -> {
                            if (failure != null) {
                                Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                                loop.execute(() -> outcome.failed(causeOf(cause), Reasons.of(cause)));
                                return;
                            }
                            if (owner.lost()) {
                                loop.execute(() -> outcome.failed(
                                        FaultCause.DATA_LOST,
                                        "the contents were lost when the dsmd of host " + owner.host()
                                                + " stopped; delete the region and create it again"));
                                return;
                            }
                            InetSocketAddress address;
                            try {
                                address = new InetSocketAddress(InetAddress.getByName(owner.address()), owner.port());
                            } catch (UnknownHostException e) {
                                loop.execute(() -> outcome.failed(
                                        FaultCause.OWNER_LOST,
                                        "the address " + owner.address() + " of host " + owner.host()
                                                + " is unknown here"));
                                return;
                            }
                            connect(owner, address, deadlines.connectMs(), loop, outcome);
                        },
                        slow);
    }

    private static FaultCause causeOf(Throwable failure) {
        if (failure instanceof DirectoryException problem) {
            return switch (problem.kind()) {
                case NO_OWNER -> FaultCause.NO_OWNER;
                case UNKNOWN_REGION -> FaultCause.UNKNOWN_REGION;
                default -> FaultCause.DIRECTORY_UNREACHABLE;
            };
        }
        return FaultCause.DIRECTORY_UNREACHABLE;
    }

    private static void connect(
            OwnerRecord owner, InetSocketAddress address, int deadlineMs, EventLoop loop, Outcome outcome) {
        Circuit circuit = new Circuit(Unanswered.INSTANCE);
        new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, deadlineMs)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(circuit)
                .connect(address)
                .addListener(done -> {
                    if (done.isSuccess()) {
                        outcome.connected(owner, circuit);
                    } else {
                        outcome.failed(
                                FaultCause.OWNER_LOST,
                                "host " + owner.host() + " at " + Addresses.of(owner.address(), owner.port())
                                        + " cannot be reached (" + Reasons.of(done.cause()) + ")");
                    }
                });
    }
}
