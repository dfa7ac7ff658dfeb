/**
 * A cluster on one thread: hosts, daemons, processes, circuits and a directory around the production classes of
 * {@code pagewire-core}, with simulated time and everything random drawn from one seed. {@link io.pagewire.testkit.Simulation}
 * is one run, {@link io.pagewire.testkit.Simulate} the command, {@link io.pagewire.testkit.Oracle} the checker that knows what
 * every load must see, {@link io.pagewire.testkit.Bug} the defects that can be planted into the harness to show that the
 * checkers find them.
 *
 * <p>One simulation belongs to one thread.
 */
package io.pagewire.testkit;
