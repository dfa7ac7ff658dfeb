package io.pagewire.daemon.circuit;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.util.concurrent.FastThreadLocal;
import io.pagewire.daemon.sys.Timers;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;

/**
 * The end of a connection behind our last word. If it were closed at once, bytes that have come and that nobody has read would
 * have the kernel reset it, and a reset may overtake the last word. So only our direction is closed; what still comes is thrown
 * away until the peer, which has read the word by then, has closed too. A peer that neither sends nor confirms anything for
 * {@value #QUIET_MS} ms is not waited for any longer, nor one that goes on for {@value #MOST_MS} ms.
 *
 * <p>Belongs to the event loop of its channel.
 */
final class Farewell {
    private static final int LOOK_MS = 500;
    private static final int QUIET_MS = 10 * LOOK_MS;
    private static final int MOST_MS = 120 * LOOK_MS;

    /** Those of one event loop that are under way. */
    private static final FastThreadLocal<Map<Channel, Farewell>> UNDER_WAY = new FastThreadLocal<>() {
        @Override
        protected Map<Channel, Farewell> initialValue() {
            return new HashMap<>();
        }
    };

    private final Circuit circuit;
    private final Channel channel;
    private final String reason;
    private final ScheduledFuture<?> looks;
    private long reads;
    private int passedMs;
    private int quietMs;

    private Farewell(Circuit circuit, Channel channel, String reason) {
        this.circuit = circuit;
        this.channel = channel;
        this.reason = reason;
        this.reads = circuit.reads();
        looks = Timers.every(channel.eventLoop(), LOOK_MS, "closing a circuit behind its last word", this::look);
        Map<Channel, Farewell> here = UNDER_WAY.get();
        here.put(channel, this);
        channel.closeFuture().addListener(closed -> {
            looks.cancel(false);
            here.remove(channel);
        });
    }

    /** Closes our direction once everything that has been written has left, and the connection once the peer has closed too. */
    static void begin(Circuit circuit, Channel channel, String reason) {
        if (channel.isOpen()) {
            Farewell farewell = new Farewell(circuit, channel, reason);
            channel.config().setAutoRead(true);
            channel.writeAndFlush(channel.alloc().buffer(0)).addListener(left -> farewell.left(left.isSuccess()));
        }
    }

    /** On an event loop: the channels whose last word is under way. */
    static Collection<Channel> underWay() {
        return List.copyOf(UNDER_WAY.get().keySet());
    }

    private void left(boolean whole) {
        if (whole && channel instanceof EpollSocketChannel tcp && tcp.isActive()) {
            tcp.shutdownOutput().addListener(done -> {
                if (!done.isSuccess()) {
                    circuit.close(reason);
                }
            });
        } else {
            circuit.close(reason);
        }
    }

    private void look() {
        passedMs += LOOK_MS;
        quietMs += LOOK_MS;
        if (circuit.reads() != reads || confirms()) {
            reads = circuit.reads();
            quietMs = 0;
        }
        if (quietMs >= QUIET_MS || passedMs >= MOST_MS) {
            circuit.close(reason);
        }
    }

    /** Whether the peer's kernel has just confirmed something, be it slowly, while we have still something to be confirmed. */
    private boolean confirms() {
        if (!(channel instanceof EpollSocketChannel tcp) || !tcp.isOpen()) {
            return false;
        }
        EpollTcpInfo info = tcp.tcpInfo();
        return info.unacked() > 0 && info.lastAckRecv() < LOOK_MS;
    }
}
