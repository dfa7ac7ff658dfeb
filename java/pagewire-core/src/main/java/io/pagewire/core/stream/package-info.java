/**
 * Frame streams: who may fill, see and keep which slot of a host's frames (SPEC: V12). No I/O, threads or clock; the same hub
 * works at the producer's host and at each host with consumers.
 */
package io.pagewire.core.stream;
