package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.pagewire.core.HomePort;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.PeerLayout;

/**
 * Reads runs of pages and sends them as PAGES messages of at most 64 KiB each (or one page, where pages are larger), so that
 * the client can use the first while the rest is on its way.
 *
 * <p>Belongs to the region's event loop.
 */
final class PageSender {
    private static final int MESSAGE_BYTES = 64 << 10;

    private final PageSource source;
    private final int pageSize;
    private final int perMessage;
    private ByteBuf[] batch = new ByteBuf[16];
    private Circuit shortCircuit;
    private long shortFirst;

    PageSender(PageSource source, int pageSize) {
        this.source = source;
        this.pageSize = pageSize;
        this.perMessage = Math.max(1, MESSAGE_BYTES / pageSize);
    }

    /**
     * Sends all pages of the run, to be written there when {@code exclusive}: then all of it or nothing. Else, when a page behind the first cannot be read,
     * sends those before it and sees to it that the rest is declined: whoever needs one of them will ask for it first. With
     * {@code last} false a decline follows at once. Returns {@link HomePort#SENT}, {@link HomePort#WARMING}, or the cause why
     * the first page cannot be read.
     *
     * @param bulk {@link Circuit#piece} has allowed it
     */
    int send(
            Circuit circuit,
            int request,
            long first,
            int count,
            int grantNumber,
            boolean last,
            boolean exclusive,
            boolean bulk) {
        int flags = exclusive ? PeerLayout.PAGES_EXCLUSIVE : 0;
        int messages = (count + perMessage - 1) / perMessage;
        if (messages > batch.length) {
            batch = new ByteBuf[messages];
        }
        int good = 0;
        int built = 0;
        while (built < messages) {
            int pages = Math.min(perMessage, count - good);
            int end = last && good + pages == count ? PeerLayout.PAGES_LAST : 0;
            batch[built] = begin(circuit, request, first + good, pages, grantNumber, flags | end);
            int result = source.read(batch[built++], (first + good) * pageSize, pages * pageSize);
            if (result == PageSource.READ) {
                good += pages;
                continue;
            }
            batch[--built].release();
            batch[built] = null;
            if (result == PageSource.COLD) {
                release(built);
                return HomePort.WARMING;
            }
            if (exclusive) {
                release(built); // The host would be the holder of pages that it never got.
                return result;
            }
            if (pages > 1) {
                int before = good;
                while (built < batch.length && good < before + pages) {
                    ByteBuf single = begin(circuit, request, first + good, 1, grantNumber, flags);
                    if (source.read(single, (first + good) * pageSize, pageSize) != PageSource.READ) {
                        single.release();
                        break;
                    }
                    batch[built++] = single;
                    good++;
                }
            }
            if (good == 0) {
                return result;
            }
            break;
        }
        for (int i = 0; i < built; i++) {
            circuit.send(batch[i], bulk);
            batch[i] = null;
        }
        if (good < count) {
            if (last) {
                writeDecline(circuit, request, first + good, count - good, 0);
            } else {
                shortCircuit = circuit;
                shortFirst = first + good;
            }
        }
        return HomePort.SENT;
    }

    private ByteBuf begin(Circuit circuit, int request, long first, int count, int grantNumber, int flags) {
        ByteBuf message = circuit.begin(PeerLayout.PAGES, PeerLayout.PAGES_DATA + count * pageSize);
        message.writeIntLE(request).writeIntLE(count).writeLongLE(first);
        return message.writeIntLE(grantNumber).writeIntLE(flags);
    }

    private void release(int built) {
        for (int i = 0; i < built; i++) {
            batch[i].release();
            batch[i] = null;
        }
    }

    /** Declines what is left of a request; one that {@link #send} could not serve to the end begins earlier. */
    void decline(Circuit circuit, int request, long first, int count, int cause) {
        long from = shortCircuit == circuit ? shortFirst : first;
        shortCircuit = null;
        writeDecline(circuit, request, from, (int) (first + count - from), cause);
    }

    /** The first page that the {@link #send} before this could not send; -1 when it sent them all. */
    long cutShort(Circuit circuit) {
        long first = shortCircuit == circuit ? shortFirst : -1;
        shortCircuit = null;
        return first;
    }

    private static void writeDecline(Circuit circuit, int request, long first, int count, int cause) {
        ByteBuf message = circuit.begin(PeerLayout.DECLINE, PeerLayout.DECLINE_LENGTH);
        message.writeIntLE(request)
                .writeIntLE(count)
                .writeLongLE(first)
                .writeIntLE(cause)
                .writeIntLE(0);
        circuit.send(message);
    }
}
