package io.pagewire.core;

/**
 * How many frames a region may still take. All regions of a daemon share one budget of bytes; this is one region's view of it,
 * in its own pages. Calls never call back into the core. SPEC: V7.
 *
 * <p>Called on the region's thread; what stands behind it serves several threads.
 */
public interface FrameBudget {
    /** No bound: frames are always to be had, and no page ever leaves for want of memory. */
    FrameBudget UNLIMITED = new FrameBudget() {
        @Override
        public boolean limited() {
            return false;
        }

        @Override
        public boolean take(int frames) {
            return true;
        }

        @Override
        public void takeReserve(int frames) {}

        @Override
        public void give(int frames) {}

        @Override
        public int wantedBack() {
            return 0;
        }
    };

    /** Whether there is a bound at all; does not change. */
    boolean limited();

    /**
     * Takes frames; false when not that many are free, and then none is taken. After a refusal the adapter calls the region's
     * {@code framesFree} once frames may be had again, and asks other regions to {@code shrink}.
     */
    boolean take(int frames);

    /** Takes frames beyond the bound if need be: for bytes that come home and must not wait. */
    void takeReserve(int frames);

    /** Gives frames back. */
    void give(int frames);

    /** How many frames this region should give up soon, so that the next fault need not wait; 0 when there is room. */
    int wantedBack();
}
