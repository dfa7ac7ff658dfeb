package io.pagewire.testkit;

import io.pagewire.core.Right;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A host that has a region preloaded, seen from home: it publishes changes of single pages, and asks now and again for what has
 * changed since the version it holds. What it is not told of must be as it was.
 *
 * <p>Not thread-safe.
 */
final class Preloaded {
    /** No coherent host has this number. */
    static final int SLOT = 20;

    private final HomeNode node;
    private final Simulation world;
    private final SplittableRandom random;
    private final long[] held;
    private final int[] publishing;
    private long heldVersion;
    private boolean refreshing;
    private boolean incomplete;
    private long newVersion;
    private int next;
    private int request;

    Preloaded(HomeNode node) {
        this.node = node;
        this.world = node.world;
        this.random = node.daemon.random.split();
        this.held = new long[node.shared.pages()];
        this.publishing = new int[held.length];
    }

    void join() {
        node.region().hostJoined(SLOT, 0, false, node.host.clock());
    }

    void tick(long now) {
        if (!world.mayDisturb()) {
            return;
        }
        if (random.nextInt(8) == 0) {
            int page = random.nextInt(held.length);
            publishing[page]++;
            if (world.bug(Bug.PUBLISH_AT_ONCE)) {
                apply(page);
            }
            node.expectValid(node.region().publish(SLOT, page, now));
        }
        if (!refreshing && random.nextInt(6) == 0) {
            refreshing = true;
            incomplete = false;
            newVersion = node.region().version();
            next = 0;
            goOn();
        }
    }

    /** Asks for the next page that may have changed. */
    private void goOn() {
        int end = held.length;
        int page = next;
        if (heldVersion > 0 && next < end) {
            page = (int) node.region().changedSince(heldVersion, next);
            page = page < 0 ? end : page;
        }
        for (int unchanged = next; unchanged < page; unchanged++) {
            long newest = world.oracle.newest(node.shared, unchanged);
            if (held[unchanged] != newest && !node.shared.lost) {
                throw new Violation(node.where() + "page " + unchanged + " is said to be unchanged since version "
                        + heldVersion + ", which had " + held[unchanged] + ", but it is " + newest);
            }
        }
        if (page < end) {
            next = page;
            node.expectValid(node.region().fetch(SLOT, ++request, page, 1, node.host.clock()));
            return;
        }
        refreshing = false;
        if (!incomplete) {
            heldVersion = world.bug(Bug.REFRESH_TO_ITS_END) ? node.region().version() : newVersion;
        }
    }

    void sent(long first, int count, long[] values) {
        System.arraycopy(values, 0, held, (int) first, count);
        proceed();
    }

    void declined() {
        incomplete = true;
        proceed();
    }

    private void proceed() {
        next++;
        node.daemon.after(random.nextLong(Times.MS), this::goOn);
    }

    /** Stores a published change; nobody else has the page at this moment. */
    int apply(int page) {
        world.oracle.published(node, page);
        return 0;
    }

    void published(int page) {
        if (--publishing[page] < 0) {
            throw new Violation(node.where() + "a publish of page " + page + " is answered twice");
        }
    }

    /** Publishes that home has not answered. */
    int open() {
        return Arrays.stream(publishing).sum();
    }

    /** Home asks a host for something that holds no copies. */
    Violation asked(String what, long page, Right left) {
        return new Violation(node.where() + what + " of page " + page + " down to " + left
                + " goes to a host that has the region preloaded");
    }
}
