package io.pagewire.daemon.region;

import io.pagewire.daemon.memory.PageMemory;
import io.pagewire.wire.FaultCause;

/**
 * Passes on what the memory behind a region's pages has to say to the region's core.
 *
 * <p>Belongs to the region's event loop.
 */
final class CoreMemory {
    private CoreMemory() {}

    static PageMemory.Core of(HomeRuntime home) {
        return new Home(home);
    }

    static PageMemory.Core of(ClientRuntime client) {
        return new Client(client);
    }

    private record Home(HomeRuntime home) implements PageMemory.Core {
        @Override
        public void spilled(long page, int cause, long now) {
            home.core().spilled(page, cause, now);
        }

        @Override
        public void loaded(long page, int cause, long now) {
            home.core().loaded(page, cause, now);
        }

        @Override
        public void framesFree(long now) {
            home.core().framesFree(now);
        }

        @Override
        public void shrink(int frames, long now) {
            home.core().shrink(frames, now);
        }

        @Override
        public void explain(FaultCause cause, String text) {
            home.explain(cause, text);
        }
    }

    private record Client(ClientRuntime client) implements PageMemory.Core {
        @Override
        public void spilled(long page, int cause, long now) {
            client.core().spilled(page, cause, now);
        }

        @Override
        public void loaded(long page, int cause, long now) {
            client.core().loaded(page, cause, now);
        }

        @Override
        public void framesFree(long now) {
            client.core().framesFree(now);
        }

        @Override
        public void shrink(int frames, long now) {
            client.core().shrink(frames, now);
        }

        @Override
        public void explain(FaultCause cause, String text) {
            client.explain(cause, text);
        }
    }
}
