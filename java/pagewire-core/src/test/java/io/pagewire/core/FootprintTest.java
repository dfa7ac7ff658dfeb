package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the core costs: bytes a page, and garbage on the path of a fault. */
class FootprintTest {
    private static final int PAGES = 1 << 18;
    private static final int EVENTS = 100_000;
    private static final Geometry GEOMETRY = new Geometry(PAGES, 4096);

    @Test
    void shouldUseAtMostSixteenBytesAPageAtHomeOnceEachHasBeenFetched() throws Exception {
        HomeRegion home = new HomeRegion(GEOMETRY, new Silent(), new Silent(), HomeSettings.defaults(GEOMETRY));
        home.hostJoined(0, 70, true, 0);
        for (int i = 0; i < PAGES; i++) {
            assertThat(home.fetch(0, i, i * 31L % PAGES, 1, 0)).isNull();
        }
        assertThat(arrayBytes(home) / (double) PAGES).isBetween(8.0, 16.1);
    }

    @Test
    void shouldUseAtMostSixteenBytesAPageAtAClientOnceEachHasArrived() throws Exception {
        Silent port = new Silent();
        ClientRegion client = new ClientRegion(GEOMETRY, port, port, ClientSettings.defaults(GEOMETRY));
        client.mappingOpened(1, Right.READ);
        client.connectNow(0);
        client.circuitUp(5, 0);
        for (int i = 0; i < PAGES; i++) {
            client.localFault(1, 0, i, i * 31L % PAGES, Right.READ, 0); // in no order, so that nothing is read ahead
            client.arrived(port.request, i * 31L % PAGES, 1, 1, true, false, 0);
        }
        assertThat(arrayBytes(client) / (double) PAGES).isBetween(12.0, 12.1);
    }

    @Test
    void shouldCostNextToNothingWhereNobodyHasTouchedAPage() throws Exception {
        Geometry huge = new Geometry(200L << 30 >> 12, 4096);
        HomeRegion home = new HomeRegion(huge, new Silent(), new Silent(), HomeSettings.defaults(huge));
        ClientRegion client = new ClientRegion(huge, new Silent(), new Silent(), ClientSettings.defaults(huge));
        home.hostJoined(0, 70, true, 0);
        home.fetch(0, 1, huge.pages() - 1, 1, 0);
        home.hostGone(0, 0);
        home.suspend(Cause.FENCED, 0);
        home.resume(0, 1);
        client.connectNow(0);
        client.circuitUp(5, 0);
        client.circuitLost(Cause.OWNER_LOST, 0);
        assertThat(arrayBytes(home)).as("bytes for 200 GiB").isLessThan(4 << 20);
        assertThat(arrayBytes(client)).as("bytes for 200 GiB").isLessThan(4 << 20);
    }

    @Test
    void shouldAllocateNothingAtHomeOnceWarm() {
        Silent port = new Silent();
        HomeRegion home = new HomeRegion(GEOMETRY, port, port, HomeSettings.defaults(GEOMETRY));
        home.mappingOpened(1, Right.WRITE);
        home.mappingOpened(2, Right.WRITE);
        home.hostJoined(0, 70, true, 0);
        home.hostJoined(1, 71, true, 0);
        assertThat(allocated(() -> homeRounds(home, port))).isZero();
        assertThat(home.waiting()).isZero();
        assertThat(port.grants).isGreaterThan(EVENTS / 10);
    }

    @Test
    void shouldAllocateNothingAtAClientOnceWarm() {
        Silent port = new Silent();
        ClientRegion client = new ClientRegion(GEOMETRY, port, port, ClientSettings.defaults(GEOMETRY));
        client.mappingOpened(1, Right.READ);
        client.connectNow(0);
        client.circuitUp(5, 0);
        assertThat(allocated(() -> clientRounds(client, port))).isZero();
        assertThat(client.waiting()).isZero();
        assertThat(port.grants).isGreaterThan(EVENTS / 10);
    }

    /** Seven events a round: two hosts fetch, a writer purges both, another host's fetch takes the right back. */
    private static void homeRounds(HomeRegion home, Silent port) {
        for (int i = 0; i < EVENTS / 7; i++) {
            long page = i * 31L % PAGES;
            long now = i * 1000L;
            home.fetch(0, i, page, 1, now);
            home.revoked(1, port.sequence, now);
            home.fetch(1, i, page, 1, now);
            home.localFault(1, 0, i, page, Right.WRITE, now);
            home.purged(0, page, 1, port.operation, now);
            home.purged(1, page, 1, port.operation, now);
            home.tick(now);
        }
    }

    /** Six events a round: a fault, its answer, a second fault, a purge, the agent's answer, a tick. */
    private static void clientRounds(ClientRegion client, Silent port) {
        for (int i = 0; i < EVENTS / 6; i++) {
            long page = i * 31L % PAGES;
            long now = i * 1000L;
            client.localFault(1, 0, i, page, Right.READ, now);
            client.arrived(port.request, page, 1, i, true, false, now);
            client.localFault(1, 1, i, page, Right.READ, now);
            client.purge(page, 1, i, now);
            client.revoked(1, port.sequence, now);
            client.tick(now);
        }
    }

    private static long allocated(Runnable rounds) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        rounds.run();
        long least = Long.MAX_VALUE;
        // The meter itself and a compiler that deoptimises may allocate once; a steady leak shows in every try.
        for (int i = 0; i < 5 && least > 0; i++) {
            long before = threads.getThreadAllocatedBytes(self);
            long overhead = threads.getThreadAllocatedBytes(self) - before;
            before = threads.getThreadAllocatedBytes(self);
            rounds.run();
            least = Math.min(least, threads.getThreadAllocatedBytes(self) - before - overhead);
        }
        return least;
    }

    private static long arrayBytes(Object root) throws IllegalAccessException {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> open = new ArrayDeque<>();
        open.add(root);
        long bytes = 0;
        while (!open.isEmpty()) {
            Object object = open.pop();
            if (!seen.add(object)) {
                continue;
            }
            if (object.getClass().isArray()) {
                bytes +=
                        (long) Array.getLength(object) * width(object.getClass().getComponentType());
                if (object instanceof Object[] parts
                        && object.getClass().getComponentType().isArray()) {
                    Arrays.stream(parts).filter(Objects::nonNull).forEach(open::add);
                }
            }
            if (!object.getClass().getName().startsWith("io.pagewire")) {
                continue;
            }
            for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
                for (Field field : type.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())
                            && !field.getType().isPrimitive()
                            && !type.getName().startsWith("java.")) {
                        field.setAccessible(true);
                        Object value = field.get(object);
                        if (value != null) {
                            open.add(value);
                        }
                    }
                }
            }
        }
        return bytes;
    }

    private static int width(Class<?> type) {
        if (type == long.class || type == double.class || !type.isPrimitive()) {
            return 8;
        }
        return type == int.class || type == float.class ? 4 : type == boolean.class || type == byte.class ? 1 : 2;
    }

    /** Counts and remembers, allocates nothing. */
    private static final class Silent implements HomePort, ClientPort, LocalPort {
        @Override
        public void holds(int slot, long firstPage, int count, int grantNumber) {}

        @Override
        public void home(long firstPage, int count) {}

        long grants;
        long sequence;
        int operation;
        int request;

        @Override
        public int sendPages(int slot, int req, long firstPage, int count, int grantNumber, boolean last, boolean all) {
            return SENT;
        }

        @Override
        public boolean takes(int slot) {
            return true;
        }

        @Override
        public int takesAhead(int slot) {
            return Integer.MAX_VALUE;
        }

        @Override
        public void upgrade(int slot, int req, long page, int grantNumber) {}

        @Override
        public void recall(int slot, long page, Right left, int op) {
            operation = op;
        }

        @Override
        public int store(long firstPage, int count) {
            return 0;
        }

        @Override
        public void acknowledge(int slot, long firstPage, int count, int grantNumber, int cause) {}

        @Override
        public void lost(long firstPage, int count, int slot) {}

        @Override
        public int reserveForWrite(long firstPage, int count) {
            return 0;
        }

        @Override
        public int applyPublished(int slot, long page) {
            return 0;
        }

        @Override
        public void published(int slot, long page, int cause) {}

        @Override
        public void want(int req, long firstPage, int count, int heldGrant) {
            request = req;
        }

        @Override
        public void recalled(long page, int op, Right left, boolean bytes, int grantNumber) {}

        @Override
        public void writeBack(long firstPage, int count, Right left, int grantNumber) {}

        @Override
        public void handBack(long firstPage, int count, int grantNumber) {}

        @Override
        public void flushed(int token, int cause) {}

        @Override
        public void lost(long firstPage, int count) {}

        @Override
        public int spill(long page) {
            return 0;
        }

        @Override
        public int load(long page, int sector) {
            return 0;
        }

        @Override
        public void forget(int sector) {}

        @Override
        public void decline(int slot, int req, long firstPage, int count, int cause) {}

        @Override
        public void purge(int slot, long firstPage, int count, int op) {
            operation = op;
        }

        @Override
        public void hangUp(int slot, int cause) {}

        @Override
        public void resolve() {}

        @Override
        public void fetch(int req, long firstPage, int count) {
            request = req;
        }

        @Override
        public void fetchAhead(int req, long firstPage, int count) {}

        @Override
        public void purged(long firstPage, int count, int op) {}

        @Override
        public void release(long firstPage, int count, int grantNumber) {}

        @Override
        public void discard(long firstPage, int count) {}

        @Override
        public void hangUp(int cause) {}

        @Override
        public void grant(int mapping, int line, int requestId, long firstPage, int count, Right right, long seq) {
            grants++;
            sequence = seq;
        }

        @Override
        public void fail(int mapping, int line, int requestId, long page, int cause) {}

        @Override
        public void revoke(int mapping, long firstPage, int count, Right left, long seq) {
            sequence = seq;
        }

        @Override
        public void revokeAtLeisure(int mapping, long firstPage, int count, Right left, long seq) {
            sequence = seq;
        }

        @Override
        public void fence(int mapping) {}
    }
}
