package io.pagewire.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.cli.doctor.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines made of files. Thread rule: one thread a test. */
class DoctorTest {
    @TempDir
    private Path root;

    @BeforeEach
    void goodMachine() throws IOException {
        write("proc/sys/kernel/osrelease", "6.18.4-amd64\n");
        write("proc/self/smaps", "00400000-00401000 r--p 0 00:00 0\nKernelPageSize:        4 kB\n");
        write("proc/self/maps", "7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]\n");
        write("proc/sys/vm/unprivileged_userfaultfd", "0\n");
        write("proc/sys/vm/memfd_noexec", "0\n");
        write("proc/sys/vm/max_map_count", "65530\n");
        write("proc/sys/vm/mmap_rnd_bits", "28\n");
        write("sys/kernel/mm/transparent_hugepage/shmem_enabled", "always within_size advise [never] deny force\n");
        limits("unlimited", "1048576");
    }

    @Test
    void shouldFindNothingOnAGoodMachine() {
        assertThat(Doctor.examine(root)).allSatisfy(finding -> {
            if (!finding.check().contains("J")) {
                assertThat(finding.level()).as(finding.toString()).isEqualTo(Level.OK);
                assertThat(finding.advice()).isEmpty();
            }
        });
    }

    @Test
    void shouldSayThatAnOldKernelHasNoGuardMarkers() throws IOException {
        write("proc/sys/kernel/osrelease", "6.1.0-37-amd64\n");
        assertThat(finding("guard markers").level()).isEqualTo(Level.WARN);
        assertThat(finding("machine").level()).isEqualTo(Level.OK);
        write("proc/sys/kernel/osrelease", "4.19.0-amd64\n");
        assertThat(finding("machine").level()).isEqualTo(Level.PROBLEM);
    }

    @Test
    void shouldNameWhoStandsInTheAddressRange() throws IOException {
        write("proc/self/maps", "6ed000000000-6ed000001000 r--p 00000000 00:00 0 /usr/lib/libodd.so\n");
        assertThat(finding("address range").level()).isEqualTo(Level.PROBLEM);
        assertThat(finding("address range").value()).contains("/usr/lib/libodd.so");
    }

    @Test
    void shouldWantA48BitAddressSpace() throws IOException {
        write("proc/self/maps", "7fc0000000-7fc0001000 rw-p 00000000 00:00 0 [stack]\n");
        assertThat(finding("address range").level()).isEqualTo(Level.PROBLEM);
    }

    @Test
    void shouldAdviseAboutLimits() throws IOException {
        limits("8388608", "512");
        assertThat(finding("locked memory").level()).isEqualTo(Level.WARN);
        assertThat(finding("locked memory").advice()).contains("ulimit -l");
        assertThat(finding("open files").level()).isEqualTo(Level.PROBLEM);
        write("proc/sys/vm/max_map_count", "1000\n");
        assertThat(finding("vm.max_map_count").advice()).contains("sysctl -w vm.max_map_count=65530");
        write("proc/sys/vm/memfd_noexec", "2\n");
        assertThat(finding("memfd").level()).isEqualTo(Level.PROBLEM);
    }

    @Test
    void shouldWarnAboutHugePagesThatNobodyAskedFor() throws IOException {
        write("sys/kernel/mm/transparent_hugepage/shmem_enabled", "[always] within_size advise never deny force\n");
        assertThat(finding("huge pages").level()).isEqualTo(Level.WARN);
        write("sys/kernel/mm/transparent_hugepage/shmem_enabled", "always within_size [advise] never deny force\n");
        assertThat(finding("huge pages").level()).isEqualTo(Level.OK);
    }

    @Test
    void shouldSurviveAMachineThatSaysNothing(@TempDir Path empty) {
        assertThat(Doctor.examine(empty))
                .allSatisfy(finding -> assertThat(finding.value()).isNotEmpty());
    }

    private Finding finding(String check) {
        return Doctor.examine(root).stream()
                .filter(finding -> finding.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    private void limits(String memlock, String files) throws IOException {
        write("proc/self/limits", """
                Limit                     Soft Limit           Hard Limit           Units
                Max open files            %s                   %s                   files
                Max locked memory         %s                   %s                   bytes
                """.formatted(files, files, memlock, memlock));
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
