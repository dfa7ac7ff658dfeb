package io.pagewire.testkit;

import io.pagewire.core.FrameBudget;
import java.util.ArrayList;
import java.util.List;

/**
 * The frames that one daemon may use, shared by its regions, and counted in pages whatever their size.
 *
 * <p>Not thread-safe.
 */
final class Budget {
    /** One region's view. */
    final class View implements FrameBudget {
        private final Node node;
        private int own;
        private int uncounted;
        private int refused;

        View(Node node) {
            this.node = node;
        }

        /** Frames that the region has taken and not given back. */
        int own() {
            return own;
        }

        @Override
        public boolean limited() {
            return true;
        }

        @Override
        public boolean take(int frames) {
            if (frames < 1) {
                throw new Violation(node.where() + "takes " + frames + " frames");
            }
            if (taken + frames <= limit) {
                add(frames);
                return true;
            }
            if (node.world.bug(Bug.IGNORE_BUDGET)) {
                uncounted += frames;
                return true;
            }
            refused = Math.max(refused, frames);
            if (!node.world.bug(Bug.FORGET_REFUSED)) {
                askOthers(node, frames);
            }
            return false;
        }

        @Override
        public void takeReserve(int frames) {
            add(frames);
        }

        private void add(int frames) {
            own += frames;
            taken += frames;
        }

        @Override
        public void give(int frames) {
            int phantom = Math.min(uncounted, frames);
            uncounted -= phantom;
            own -= frames - phantom;
            taken -= frames - phantom;
            if (frames < 1 || own < 0) {
                throw new Violation(node.where() + "gives back " + frames + " frames, so that it has " + own);
            }
            tellRefused();
        }

        @Override
        public int wantedBack() {
            return own > 0 ? Math.max(0, taken + slack - limit) : 0;
        }
    }

    private final Daemon daemon;
    private final int limit;
    private final int slack;
    private final List<View> views = new ArrayList<>();
    private int taken;
    private boolean telling;
    private boolean asking;

    Budget(Daemon daemon, int limit) {
        this.daemon = daemon;
        this.limit = limit;
        this.slack = daemon.random.nextInt(2);
    }

    View view(Node node) {
        View view = new View(node);
        views.add(view);
        return view;
    }

    private void askOthers(Node asker, int frames) {
        if (asking) {
            return;
        }
        asking = true;
        daemon.after(delay(), () -> {
            asking = false;
            for (View view : List.copyOf(views)) {
                if (view.node != asker && view.own > 0) {
                    view.node.shrink(frames);
                }
            }
        });
    }

    /** Whoever was refused hears of it when there is room again. */
    private void tellRefused() {
        if (telling || taken >= limit || views.stream().noneMatch(view -> view.refused > 0)) {
            return;
        }
        telling = true;
        daemon.after(delay(), () -> {
            telling = false;
            for (View view : List.copyOf(views)) {
                if (view.refused > 0 && !daemon.world.bug(Bug.FORGET_REFUSED)) {
                    view.refused = 0;
                    view.node.framesFree();
                }
            }
        });
    }

    private long delay() {
        return daemon.random.nextLong(200_000);
    }
}
