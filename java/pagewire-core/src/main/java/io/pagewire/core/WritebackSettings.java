package io.pagewire.core;

/**
 * When written pages of a client go home without being asked for, and how many may be away from home.
 *
 * <p>Immutable; safe for use by any thread.
 *
 * @param ageNs a page that was given to a writer that long ago goes home while the circuit is idle; doubled, up to
 *     {@code maxAgeNs}, for a page that was wanted back soon the last time
 * @param maxAgeNs a page goes home after that time although others wait for the circuit, and however often it is written
 * @param backgroundPages with more pages than that not at home they go home sooner, although others wait for the circuit
 * @param maxPages with that many pages not at home nobody gets another one to write until one has come home
 */
public record WritebackSettings(long ageNs, long maxAgeNs, int backgroundPages, int maxPages) {
    /** Written pages go home when somebody asks for them. */
    public static final WritebackSettings OFF = new WritebackSettings(Long.MAX_VALUE, Long.MAX_VALUE, 0, 0);

    public WritebackSettings {
        if (ageNs < 0 || maxAgeNs < ageNs || backgroundPages < 0 || maxPages < backgroundPages) {
            throw new IllegalArgumentException("write-back after " + ageNs + " to " + maxAgeNs + " ns, of more than "
                    + backgroundPages + " pages, at most " + maxPages);
        }
    }

    boolean isOn() {
        return maxPages > 0;
    }
}
