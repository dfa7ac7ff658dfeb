/**
 * Breaks a cluster of real processes at random, by a seed, while programs write and read checksummed records in it, and judges
 * what they saw ({@code tools/chaos}). {@link io.pagewire.testkit.chaos.Plan} says what happens when, {@code Run} does it,
 * {@code Judge} knows what may follow.
 */
package io.pagewire.testkit.chaos;
