package io.pagewire.system.jvm;

/**
 * A garbage collector to run a test with.
 *
 * <p>Immutable; safe for use by any thread.
 */
enum Collector {
    G1("-XX:+UseG1GC"),
    ZGC("-XX:+UseZGC"),
    SERIAL("-XX:+UseSerialGC");

    final String flag;

    Collector(String flag) {
        this.flag = flag;
    }
}
