package io.pagewire.daemon;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Dependencies between the daemon's packages point one way. */
@AnalyzeClasses(packages = "io.pagewire.daemon", importOptions = ImportOption.DoNotIncludeTests.class)
class PackagesTest {
    @ArchTest
    static final ArchRule layers = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("root")
            .definedBy("io.pagewire.daemon")
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
            .whereLayer("region")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("local")
            .mayOnlyBeAccessedByLayers("root", "region")
            .whereLayer("circuit")
            .mayOnlyBeAccessedByLayers("root", "region", "local")
            .whereLayer("memory")
            .mayOnlyBeAccessedByLayers("root", "region")
            .whereLayer("config")
            .mayOnlyBeAccessedByLayers("root", "region", "memory")
            .whereLayer("directory")
            .mayOnlyBeAccessedByLayers("root", "region", "config")
            .whereLayer("sys")
            .mayOnlyBeAccessedByLayers("root", "region", "local", "directory", "config", "memory");
}
