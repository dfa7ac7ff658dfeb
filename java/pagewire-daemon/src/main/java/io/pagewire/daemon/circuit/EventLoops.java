package io.pagewire.daemon.circuit;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.pagewire.wire.Reasons;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's event loops: one for control work (accepting, requests of administrators and programs), a few for regions and as
 * many for frame streams. All channels of one region live on the same loop, so what a fault needs is never handed between threads;
 * control work and the bulk bytes of streams have no part in that.
 *
 * <p>Safe for use by any thread.
 */
public final class EventLoops implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);
    private static final int LAST_WORDS_MS = 2000;

    private final MultiThreadIoEventLoopGroup control;
    private final MultiThreadIoEventLoopGroup[] groups;
    private final IoEventLoop[] regions;
    private final MultiThreadIoEventLoopGroup[] streamGroups;
    private final IoEventLoop[] streams;

    /** @param spinUs how long a region's loop looks for more work before it sleeps; 0 = not at all */
    public EventLoops(int regionLoops, int spinUs) {
        control = group("dsmd-control", EpollIoHandler.newFactory());
        IoHandlerFactory spinning = EpollIoHandler.newFactory(0, () -> new SpinStrategy(spinUs));
        groups = new MultiThreadIoEventLoopGroup[regionLoops];
        regions = new IoEventLoop[regionLoops];
        streamGroups = new MultiThreadIoEventLoopGroup[regionLoops];
        streams = new IoEventLoop[regionLoops];
        for (int i = 0; i < regionLoops; i++) {
            groups[i] = group("dsmd-region", spinUs == 0 ? EpollIoHandler.newFactory() : spinning);
            regions[i] = groups[i].next();
            streamGroups[i] = group("dsmd-stream", EpollIoHandler.newFactory());
            streams[i] = streamGroups[i].next();
        }
    }

    private void awaitLastWords() {
        long deadline = System.nanoTime() + LAST_WORDS_MS * 1_000_000L;
        List<EventLoop> all = new ArrayList<>(List.of(regions));
        all.addAll(List.of(streams));
        all.add(control());
        all.removeIf(EventLoop::isShuttingDown);
        List<Future<Collection<Channel>>> asked = new ArrayList<>();
        all.forEach(loop -> asked.add(loop.submit(Farewell::underWay)));
        try {
            for (Future<Collection<Channel>> one : asked) {
                for (Channel channel : one.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    channel.closeFuture().await(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                }
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("last words of circuits that have ended may be lost: {}", Reasons.of(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static MultiThreadIoEventLoopGroup group(String name, IoHandlerFactory factory) {
        return new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name, true), factory);
    }

    public IoEventLoop control() {
        return control.next();
    }

    /** How many loops serve regions. */
    public int count() {
        return regions.length;
    }

    public IoEventLoop loop(int index) {
        return regions[index];
    }

    /** The loop of the region with this id. */
    public IoEventLoop forRegion(int regionId) {
        return regions[Math.floorMod(regionId, regions.length)];
    }

    /** The loop of the frame stream with this id. */
    public IoEventLoop forStream(int regionId) {
        return streams[Math.floorMod(regionId, streams.length)];
    }

    /**
     * Moves a channel to another loop, then runs {@code arrived} there. The peer must be waiting for an answer: nothing is
     * read in between.
     */
    public static void move(Channel channel, EventLoop target, Runnable arrived) {
        channel.config().setAutoRead(false);
        if (channel.eventLoop() == target) {
            arrived.run();
            channel.config().setAutoRead(true);
            return;
        }
        channel.deregister()
                .addListener(left -> target.register(channel).addListener(done -> {
                    if (done.isSuccess()) {
                        arrived.run();
                        channel.config().setAutoRead(true);
                    } else {
                        channel.unsafe().closeForcibly();
                    }
                }));
    }

    /** Circuits whose last word is under way get it through first, if their peers take it within {@value #LAST_WORDS_MS} ms. */
    @Override
    public void close() {
        awaitLastWords();
        for (MultiThreadIoEventLoopGroup group : groups) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
        for (MultiThreadIoEventLoopGroup group : streamGroups) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
        control.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
