package io.pagewire.system.jvm;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * One cell of the matrix: a JDK, a collector, and what else is switched on.
 *
 * <p>Immutable; safe for use by any thread.
 */
record Cell(int feature, Collector collector, Extra extra) {
    /** What runs in the JVM besides. */
    enum Extra {
        NOTHING,
        CHECK_JNI,
        LIBJSIG,
        FLIGHT_RECORDER
    }

    /** Every JDK with every collector, plain. */
    static List<Cell> plain() {
        return all(List.of(Extra.NOTHING));
    }

    /** Every JDK with every collector and every extra. */
    static List<Cell> full() {
        return all(List.of(Extra.values()));
    }

    private static List<Cell> all(List<Extra> extras) {
        List<Cell> cells = new ArrayList<>();
        for (int feature : Jdk.WANTED) {
            for (Collector collector : Collector.values()) {
                for (Extra extra : extras) {
                    cells.add(new Cell(feature, collector, extra));
                }
            }
        }
        return cells;
    }

    /** The JDK, or the test is skipped with a message when the machine has none of this version. */
    Jdk jdk() {
        Jdk jdk = Jdk.find(feature);
        Assumptions.assumeTrue(
                jdk != null, () -> "no JDK " + feature + " found: set JAVA_" + feature + "_HOME to test on it");
        return jdk;
    }

    @Override
    public String toString() {
        return "JDK " + feature + ", " + collector + (extra == Extra.NOTHING ? "" : ", " + extra);
    }
}
