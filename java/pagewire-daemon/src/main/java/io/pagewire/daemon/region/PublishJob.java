package io.pagewire.daemon.region;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pagewire.core.Cause;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.wire.PeerLayout;

/**
 * Applies the changes of one page: brings it into memory, has the core take it from everybody, stores the changed bytes, answers.
 *
 * <p>Belongs to the region's event loop.
 */
final class PublishJob extends SyncJob {
    private final HomeSync sync;
    private final PublishedPage changes;
    private final int pageSize;
    private boolean warm;
    private boolean asked;
    private int warmCause;

    PublishJob(HomeSync sync, SyncClient client, PublishedPage changes) {
        super(client);
        this.sync = sync;
        this.changes = changes;
        this.pageSize = sync.home().record().pageSize();
    }

    private long offset() {
        return changes.page() * pageSize;
    }

    @Override
    boolean goOn(long now) {
        if (!warm) {
            warm = true;
            if (isCold()) {
                sync.elsewhere(this, () -> warmCause = sync.source().warm(offset(), pageSize), () -> {});
                return false;
            }
        }
        if (asked) {
            return false;
        }
        asked = true;
        if (warmCause != 0) {
            answer(warmCause);
            return true;
        }
        String problem = sync.core().publish(client().circuit().slot(), changes.page(), now);
        if (problem != null) {
            sync.broken(this, "the core takes no publish: " + problem);
        }
        return true;
    }

    /** A store into a part of a page that is on disk would wait for the disk, on this loop. */
    private boolean isCold() {
        ByteBuf page = Unpooled.directBuffer(pageSize);
        try {
            return sync.source().read(page, offset(), pageSize) == PageSource.COLD;
        } finally {
            page.release();
        }
    }

    /** Nobody has the page at this moment. Returns 0 or a cause. */
    int apply(long page) {
        if (page != changes.page()) {
            return Cause.CLOSED;
        }
        ByteBuf whole = Unpooled.directBuffer(pageSize);
        try {
            int read = sync.source().read(whole, offset(), pageSize);
            if (read == PageSource.COLD) { // It has left memory again within this moment: rather wait for it than fail.
                read = sync.source().warm(offset(), pageSize);
                read = read == 0 ? sync.source().read(whole, offset(), pageSize) : read;
            }
            if (read != PageSource.READ) {
                return read == PageSource.COLD ? Cause.NO_MEMORY : read;
            }
            byte[] bytes = new byte[changes.content()];
            whole.getBytes(0, bytes);
            changes.applyTo(bytes);
            whole.setBytes(0, bytes);
            return sync.source().write(whole, 0, bytes.length, offset());
        } finally {
            whole.release();
        }
    }

    void applied(long page, int cause) {
        if (page == changes.page()) {
            answer(cause);
        }
    }

    private void answer(int cause) {
        client().answered(changes);
        Circuit to = client().circuit().circuit();
        if (to.isOpen()) {
            ByteBuf message = to.begin(PeerLayout.PUBLISHED, PeerLayout.SYNC_LENGTH);
            to.send(message.writeIntLE(changes.request()).writeIntLE(cause).writeLongLE(changes.page()));
        }
        sync.ended(this);
    }
}
