/**
 * Frame streams in a simulated cluster: a producer, the daemon of its host, and hosts with consumers, around the production
 * {@link io.pagewire.core.stream.StreamHub}. The slots have contents, which a socket's queue refers to until they have arrived, so
 * that a torn frame shows. {@link io.pagewire.testkit.stream.StreamSimulation} is one run,
 * {@link io.pagewire.testkit.stream.StreamBug} the defects that can be planted into the harness.
 *
 * <p>One simulation belongs to one thread.
 */
package io.pagewire.testkit.stream;
