package io.pagewire.core;

/**
 * What became of a waiter when its turn had come.
 *
 * <p>Immutable; safe for use by any thread.
 */
enum Served {
    /** It has its answer. */
    DONE,
    /** It goes on waiting, and those behind it get their turn. */
    LATER,
    /** An operation was begun for its sake; the page's queue rests until that ends. */
    STARTED
}
