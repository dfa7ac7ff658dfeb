/**
 * The decisions of Pagewire: page table, coherence at home and at a client host, local rights, leases, read-ahead. Nothing
 * here does I/O, starts a thread, reads a clock or draws a random number: events come in as method calls with the time in
 * nanoseconds, decisions go out through the port interfaces. So the same classes run in {@code dsmd} and in the simulator.
 *
 * <p>One region's objects belong to one thread (the event loop of the region); nothing here is safe for use by two threads.
 */
package io.pagewire.core;
