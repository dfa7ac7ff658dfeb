package io.pagewire.internal;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.pagewire", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule shouldDependOnNothingButTheWireLayouts = classes()
            .that()
            .resideInAnyPackage("io.pagewire", "io.pagewire.internal")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "io.pagewire", "io.pagewire.internal", "io.pagewire.wire");

    @ArchTest
    static final ArchRule shouldDeclareEveryNativeMethodInOneClass =
            methods().that().haveModifier(JavaModifier.NATIVE).should().beDeclaredIn(Native.class);

    @ArchTest
    static final ArchRule shouldNotUseUnsafe =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("sun.misc.Unsafe");
}
