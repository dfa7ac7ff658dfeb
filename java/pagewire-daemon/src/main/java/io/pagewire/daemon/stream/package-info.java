/**
 * Frame streams: the memory of a host's slots, the ends of programs and circuits, and the hub that decides between them (SPEC:
 * V12). The producer's host has a {@code HomeStream}, a host with consumers of a stream elsewhere a {@code ClientStream}.
 */
package io.pagewire.daemon.stream;
