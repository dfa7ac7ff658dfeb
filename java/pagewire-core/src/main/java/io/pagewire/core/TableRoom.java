package io.pagewire.core;

/**
 * The memory that page tables of all regions of a daemon may take. A table grows as pages are touched; where there is no more
 * room, faults and fetches of pages that nobody has touched yet fail with {@link Cause#NO_MEMORY}, and everything else goes on.
 *
 * <p>Called on the threads of all regions.
 */
public interface TableRoom {
    /** No bound. */
    TableRoom UNLIMITED = new TableRoom() {
        @Override
        public boolean isFull() {
            return false;
        }

        @Override
        public void take(int bytes) {}
    };

    /** Whether a table should not grow any more. */
    boolean isFull();

    /** A table has grown by so many bytes; also beyond the bound, where pages that are served lie beside untouched ones. */
    void take(int bytes);
}
