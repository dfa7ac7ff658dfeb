package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A budget of a few frames that counts them.
 *
 * <p>Not thread-safe.
 */
final class FewFrames implements FrameBudget {
    int bound;
    int taken;
    int wantedBack;

    /** Runs before frames are counted as given back. */
    Runnable onGive = () -> {};

    FewFrames(int bound) {
        this.bound = bound;
    }

    @Override
    public boolean limited() {
        return true;
    }

    @Override
    public boolean take(int frames) {
        if (taken + frames > bound) {
            return false;
        }
        taken += frames;
        return true;
    }

    @Override
    public void takeReserve(int frames) {
        taken += frames;
    }

    @Override
    public void give(int frames) {
        onGive.run();
        assertThat(frames).as("frames given back").isBetween(1, taken);
        taken -= frames;
    }

    @Override
    public int wantedBack() {
        return wantedBack;
    }
}
