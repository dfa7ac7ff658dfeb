package io.pagewire.daemon.circuit;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;

/**
 * How much must have come before the kernel wakes the event loop ({@code SO_RCVLOWAT}). To be woken for every segment of a long run
 * of bytes costs more than the bytes themselves.
 *
 * <p>Belongs to one circuit and its event loop.
 */
final class LowWaterMark {
    /** Bytes that are worth waking up for, as long as that many are sure to come. */
    private static final int ENOUGH = 512 << 10;

    /** For less, setting the mark costs as much as being woken once more. */
    private static final int LEAST = 128 << 10;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVLOWAT = 18;
    private static final IntegerUnixChannelOption OPTION =
            new IntegerUnixChannelOption("SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT);

    private int mark = 1;

    /** @param sure bytes that the peer has announced and not sent yet as far as we know; 0 = anything may be the next */
    void set(Channel channel, int sure) {
        int wanted = sure < LEAST ? 1 : Math.min(sure, ENOUGH);
        if (wanted != mark && channel instanceof EpollSocketChannel tcp && tcp.isOpen()) {
            mark = wanted;
            tcp.config().setOption(OPTION, wanted);
        }
    }
}
