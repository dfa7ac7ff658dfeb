package io.pagewire.daemon;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.ScheduledExecutorService;

/** Dependencies between the daemon's packages point one way. */
@AnalyzeClasses(packages = "io.pagewire.daemon", importOptions = ImportOption.DoNotIncludeTests.class)
class PackagesTest {
    @ArchTest
    static final ArchRule layers = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("root")
            .definedBy("io.pagewire.daemon")
            .layer("stream")
            .definedBy("io.pagewire.daemon.stream..")
            .layer("region")
            .definedBy("io.pagewire.daemon.region..")
            .layer("local")
            .definedBy("io.pagewire.daemon.local..")
            .layer("circuit")
            .definedBy("io.pagewire.daemon.circuit..")
            .layer("directory")
            .definedBy("io.pagewire.daemon.directory..")
            .layer("config")
            .definedBy("io.pagewire.daemon.config..")
            .layer("memory")
            .definedBy("io.pagewire.daemon.memory..")
            .layer("sys")
            .definedBy("io.pagewire.daemon.sys..")
            .whereLayer("root")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("stream")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("region")
            .mayOnlyBeAccessedByLayers("root", "stream")
            .whereLayer("local")
            .mayOnlyBeAccessedByLayers("root", "stream", "region")
            .whereLayer("circuit")
            .mayOnlyBeAccessedByLayers("root", "stream", "region", "local")
            .whereLayer("memory")
            .mayOnlyBeAccessedByLayers("root", "stream", "region")
            .whereLayer("config")
            .mayOnlyBeAccessedByLayers("root", "stream", "region", "memory")
            .whereLayer("directory")
            .mayOnlyBeAccessedByLayers("root", "stream", "region", "config")
            .whereLayer("sys")
            .mayOnlyBeAccessedByLayers("root", "stream", "region", "local", "circuit", "directory", "config", "memory");

    /** An executor keeps to itself what a timer's task has thrown. */
    @ArchTest
    static final ArchRule timers = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.pagewire.daemon.sys.Timers")
            .should()
            .callMethodWhere(target(nameMatching("schedule.*"))
                    .and(target(owner(assignableTo(ScheduledExecutorService.class)))));
}
