package io.pagewire;

import java.util.List;

/**
 * A region was closed, but pages that were written on this host are not home: the time that was given is over, nothing gets there
 * any more, or home has not taken them. The message says which of these, and whether this host's dsmd goes on with it.
 *
 * <p>Immutable; safe for use by any thread.
 */
public final class NotHomeException extends PagewireException {
    private static final long serialVersionUID = 1L;

    /**
     * A run of pages.
     *
     * @param first number of its first page
     * @param count how many pages it has
     */
    public record Pages(long first, long count) {}

    private final transient List<Pages> pages;

    /** Made by the library. */
    public NotHomeException(String message, List<Pages> pages) {
        super(message);
        this.pages = List.copyOf(pages);
    }

    /** All pages that are not home, in the order of their addresses. */
    public List<Pages> pages() {
        return pages;
    }
}
