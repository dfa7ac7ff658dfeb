/**
 * Private hosts on this machine for the demo and the benchmark: daemons, programs that play a part on one host, and the raw
 * floor to measure beside. All are child processes that end when their standard input does, so none outlives its parent.
 */
package io.pagewire.cli.hosts;
