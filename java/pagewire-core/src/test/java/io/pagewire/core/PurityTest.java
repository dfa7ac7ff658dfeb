package io.pagewire.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The core decides; it does no I/O, starts no thread, reads no clock and draws no random number. */
class PurityTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.pagewire.core");

    @Test
    void shouldDependOnNothingButTheLanguageAndCollections() {
        classes()
                .that()
                .resideInAPackage("io.pagewire.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.pagewire.core..", "java.lang", "java.lang.invoke", "java.lang.runtime", "java.util")
                .check(CORE);
    }

    @Test
    void shouldUseNoThreadClockOrRandomNumber() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.lang\\.(Thread.*|System|Runtime|Process.*)|java\\.util\\.(Random|Timer.*|Date)")
                .check(CORE);
    }
}
