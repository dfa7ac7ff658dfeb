package io.pagewire.daemon.region;

import io.pagewire.core.FramePort;

/**
 * The pages of an exported file: they are in the page cache, which is the kernel's, so there is no bound and nothing is
 * spilled. What the core discards stays in the file.
 *
 * <p>Stateless; safe for use by any thread.
 */
enum FileMemory implements FramePort {
    INSTANCE;

    @Override
    public void discard(long firstPage, int count) {
        // The file is where the bytes are.
    }

    @Override
    public int spill(long page) {
        throw unbounded();
    }

    @Override
    public int load(long page, int sector) {
        throw unbounded();
    }

    @Override
    public void forget(int sector) {
        throw unbounded();
    }

    private static IllegalStateException unbounded() {
        return new IllegalStateException("the pages of an exported file are never spilled");
    }
}
