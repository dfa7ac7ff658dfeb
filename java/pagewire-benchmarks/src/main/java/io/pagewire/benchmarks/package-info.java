/**
 * Micro-benchmarks of what a fault runs through inside a daemon, without sockets: run with {@code tools/jmh}, which turns JMH's
 * gc profiler on, so that an allocation on the path shows. What a user sees is measured by {@code dsmctl bench}.
 *
 * <p>Each benchmark's state belongs to its thread.
 */
package io.pagewire.benchmarks;
