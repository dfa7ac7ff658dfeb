package io.pagewire.daemon.directory;

/** Where the bytes of a region come from. Immutable; safe for use by any thread. */
public enum Kind {
    /** Made by a program and filled with zeros; the bytes live in the owner's memory only (SPEC: V8). */
    CREATED,
    /** A file of the owner host (SPEC: V9). */
    EXPORTED,
    /** No region but a frame stream: its span is the window, its owner the producer's host (SPEC: V12). */
    STREAM
}
