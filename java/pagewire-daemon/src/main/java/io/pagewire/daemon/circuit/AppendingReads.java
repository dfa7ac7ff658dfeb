package io.pagewire.daemon.circuit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Has a circuit's socket read into the buffer in which a message has begun, so that its bytes need not be gathered by copying;
 * otherwise into buffers whose size follows the traffic.
 *
 * <p>Belongs to one circuit and its event loop.
 */
final class AppendingReads implements RecvByteBufAllocator {
    private static final int LEAST = 2 << 10;
    private static final int FIRST = 8 << 10;
    private static final int MOST = 256 << 10;

    /** Of a read that is likely to end with bytes that belong elsewhere. */
    private static final int BEFORE_RAW = 2 << 10;

    /** Bytes outside of messages that are read before other circuits of the loop have their turn. */
    private static final int RAW_A_TURN = 4 << 20;

    private final MessageReader reader;

    AppendingReads(MessageReader reader) {
        this.reader = reader;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own channels still make their handles by this method.
    public Handle newHandle() {
        return new AppendingHandle((ExtendedHandle) new AdaptiveRecvByteBufAllocator(LEAST, FIRST, MOST).newHandle());
    }

    @SuppressWarnings("deprecation")
    private final class AppendingHandle implements ExtendedHandle {
        private final ExtendedHandle sizes;
        private int turn;

        AppendingHandle(ExtendedHandle sizes) {
            this.sizes = sizes;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf begun = reader.continued();
            if (begun != null) {
                return begun;
            }
            if (!reader.hasRaw()) {
                return sizes.allocate(allocator);
            }
            return allocator.directBuffer(BEFORE_RAW);
        }

        @Override
        public int guess() {
            return sizes.guess();
        }

        @Override
        public void reset(ChannelConfig config) {
            turn = 0;
            sizes.reset(config);
        }

        @Override
        public void incMessagesRead(int count) {
            sizes.incMessagesRead(count);
        }

        @Override
        public void lastBytesRead(int bytes) {
            turn += Math.max(bytes, 0);
            sizes.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return sizes.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            sizes.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return sizes.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return mayGoOn() && sizes.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return mayGoOn() && sizes.continueReading(maybeMoreData);
        }

        private boolean mayGoOn() {
            return !reader.hasRaw() || turn < RAW_A_TURN;
        }

        @Override
        public void readComplete() {
            sizes.readComplete();
        }
    }
}
