package io.pagewire.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All checks of the machine.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Doctor {
    private Doctor() {}

    /** Looks at the machine whose files are below root. */
    public static List<Finding> examine(Path root) {
        Facts facts = new Facts(root);
        List<Finding> findings = new ArrayList<>(new KernelChecks(facts).all());
        findings.addAll(JavaChecks.all(facts));
        return findings;
    }
}
