package io.pagewire.daemon.directory;

/**
 * Hears about the owner of one region, see {@link Directory#watch}. The first call tells the present state.
 *
 * <p>Called on the directory's own thread; must not block.
 */
public interface OwnerListener {
    /** The region has this owner now; its epoch is higher than any told before. */
    void ownerChanged(OwnerRecord owner);

    /** The region has no live owner now. */
    void ownerGone(int regionId);

    /** The region was deleted (or never existed); nothing more is told afterwards. */
    void regionDeleted(int regionId);
}
