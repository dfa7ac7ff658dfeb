package io.pagewire.system.jvm;

import java.util.ArrayList;
import java.util.List;

/**
 * One cell of the matrix: a JDK, a collector, and whether the JVM is plain or has everything switched on that comes near signals
 * and JNI: -Xcheck:jni, libjsig, JFR.
 *
 * <p>Immutable; safe for use by any thread.
 */
record Cell(Jdk jdk, Collector collector, boolean plain) {
    /** The cells of this collector on every JDK of this machine that is wanted. */
    static List<Cell> of(Collector collector, boolean plain) {
        List<Cell> cells = new ArrayList<>();
        for (int feature : Jdk.WANTED) {
            Jdk jdk = Jdk.find(feature);
            if (jdk != null) {
                cells.add(new Cell(jdk, collector, plain));
            }
        }
        return cells;
    }

    @Override
    public String toString() {
        return jdk + ", " + collector + (plain ? "" : ", -Xcheck:jni, libjsig, JFR");
    }
}
