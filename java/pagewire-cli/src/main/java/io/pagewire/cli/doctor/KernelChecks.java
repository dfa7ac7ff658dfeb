package io.pagewire.cli.doctor;

import static io.pagewire.cli.doctor.Finding.ok;
import static io.pagewire.cli.doctor.Finding.problem;
import static io.pagewire.cli.doctor.Finding.warn;

import io.pagewire.cli.Sizes;
import java.util.List;
import java.util.Optional;

/**
 * Checks of the kernel and of the limits of this process.
 *
 * <p>Immutable; safe for use by any thread.
 */
final class KernelChecks {
    /** The address space regions stand in, the same on all hosts (SPEC: V15). */
    static final long FIRST_ADDRESS = 0x6600_0000_0000L;

    static final long END_ADDRESS = 0x6F00_0000_0000L;

    private static final long DEFAULT_MAPS = 65_530;
    private static final long MEMLOCK_WANTED = 64L << 20;

    private final Facts facts;

    KernelChecks(Facts facts) {
        this.facts = facts;
    }

    List<Finding> all() {
        return List.of(
                machine(),
                pageSize(),
                guardMarkers(),
                userfaultfd(),
                memfd(),
                maxMapCount(),
                memlock(),
                files(),
                hugePages(),
                randomBits(),
                addressRange());
    }

    private Finding machine() {
        String kernel = facts.text("proc/sys/kernel/osrelease").orElse("unknown");
        String arch = System.getProperty("os.arch");
        String value = "Linux " + kernel + " on " + arch;
        if (!arch.equals("amd64") && !arch.equals("aarch64")) {
            return problem("machine", value, "Pagewire runs on x86-64 and arm64 only");
        }
        if (!facts.kernelAtLeast(5, 10)) {
            return problem("machine", value, "use Linux 5.10 or later");
        }
        return ok("machine", value);
    }

    private Finding pageSize() {
        for (String line : facts.lines("proc/self/smaps")) {
            if (line.startsWith("KernelPageSize:")) {
                long kib = Long.parseLong(line.replaceAll("[^0-9]", ""));
                String value = kib + " KiB";
                return kib == 4
                        ? ok("page size", value)
                        : warn(
                                "page size",
                                value,
                                "create regions with --page-size " + kib + "K or more on such a kernel");
            }
        }
        return warn("page size", "unknown", "/proc/self/smaps cannot be read; mount /proc");
    }

    private Finding guardMarkers() {
        // Shared memory took them in 6.15; a mapping's own probe decides, and PAGEWIRE_ENGINE forces either way.
        return facts.kernelAtLeast(6, 15)
                ? ok("guard markers", "kernel has them for shared memory (Linux 6.15 or later)")
                : warn(
                        "guard markers",
                        "not in this kernel",
                        "nothing to do: mprotect serves instead; Linux 6.15 makes scattered access to large regions quicker");
    }

    private Finding userfaultfd() {
        boolean allowed = facts.number("proc/sys/vm/unprivileged_userfaultfd").orElse(0L) == 1;
        if (allowed || facts.usable("dev/userfaultfd")) {
            return ok("userfaultfd", allowed ? "allowed for every user" : "allowed through /dev/userfaultfd");
        }
        return ok("userfaultfd", "not allowed for this user; this version does not use it");
    }

    private Finding memfd() {
        long level = facts.number("proc/sys/vm/memfd_noexec").orElse(0L);
        return level < 2
                ? ok("memfd", "allowed (vm.memfd_noexec = " + level + ")")
                : problem("memfd", "vm.memfd_noexec = " + level, "run: sudo sysctl -w vm.memfd_noexec=1");
    }

    private Finding maxMapCount() {
        Optional<Long> count = facts.number("proc/sys/vm/max_map_count");
        if (count.isEmpty()) {
            return warn("vm.max_map_count", "unknown", "/proc/sys/vm/max_map_count cannot be read; mount /proc");
        }
        if (count.get() < DEFAULT_MAPS) {
            return warn(
                    "vm.max_map_count",
                    count.get().toString(),
                    "run: sudo sysctl -w vm.max_map_count=" + DEFAULT_MAPS
                            + ", or scattered rights are taken back early");
        }
        return ok("vm.max_map_count", count.get().toString());
    }

    private Finding memlock() {
        Optional<Long> limit = facts.limit("Max locked memory");
        if (limit.isEmpty()) {
            return warn("locked memory", "unknown", "/proc/self/limits cannot be read; mount /proc");
        }
        if (limit.get() == Long.MAX_VALUE) {
            return ok("locked memory", "unlimited");
        }
        return limit.get() >= MEMLOCK_WANTED
                ? ok("locked memory", Sizes.human(limit.get()))
                : warn(
                        "locked memory",
                        Sizes.human(limit.get()),
                        "programs that call mlockall need more: ulimit -l unlimited, or LimitMEMLOCK=infinity in a systemd unit");
    }

    private Finding files() {
        // The JVM raises its soft limit to the hard one at the start, so what is seen here is what dsmd gets as well.
        Optional<Long> limit = facts.limit("Max open files");
        if (limit.isEmpty()) {
            return warn("open files", "unknown", "/proc/self/limits cannot be read; mount /proc");
        }
        if (limit.get() < 1024) {
            return problem("open files", limit.get().toString(), "run: ulimit -n 65536");
        }
        return limit.get() < 4096
                ? warn(
                        "open files",
                        limit.get().toString(),
                        "run: ulimit -n 65536; every mapping needs some 20 in dsmd")
                : ok(
                        "open files",
                        limit.get() == Long.MAX_VALUE
                                ? "unlimited"
                                : limit.get().toString());
    }

    private Finding hugePages() {
        String text =
                facts.text("sys/kernel/mm/transparent_hugepage/shmem_enabled").orElse("");
        int from = text.indexOf('[');
        String mode = from < 0 ? "" : text.substring(from + 1, text.indexOf(']', from));
        switch (mode) {
            case "":
                return ok("huge pages", "this kernel has none for shared memory");
            case "always", "force", "within_size":
                return warn(
                        "huge pages",
                        "shared memory takes them (" + mode + ")",
                        "one page in use may take 2 MiB of memory: "
                                + "echo advise | sudo tee /sys/kernel/mm/transparent_hugepage/shmem_enabled");
            default:
                return ok("huge pages", "shared memory takes none unasked (" + mode + ")");
        }
    }

    private Finding randomBits() {
        Optional<Long> bits = facts.number("proc/sys/vm/mmap_rnd_bits");
        if (bits.isPresent() && bits.get() > 32) {
            return warn(
                    "address randomness",
                    "vm.mmap_rnd_bits = " + bits.get(),
                    "libraries may stand where regions belong: sudo sysctl -w vm.mmap_rnd_bits=32");
        }
        return ok("address randomness", bits.map(n -> "vm.mmap_rnd_bits = " + n).orElse("not settable here"));
    }

    private Finding addressRange() {
        long top = 0;
        for (String line : facts.lines("proc/self/maps")) {
            String[] range = line.split("[ -]", 3);
            long from = Long.parseUnsignedLong(range[0], 16);
            long to = Long.parseUnsignedLong(range[1], 16);
            if (Long.compareUnsigned(from, END_ADDRESS) < 0 && Long.compareUnsigned(to, FIRST_ADDRESS) > 0) {
                return problem(
                        "address range",
                        "0x" + range[0] + " is taken by " + line.substring(line.lastIndexOf(' ') + 1),
                        "regions stand from 0x660000000000 to 0x6f0000000000: keep what is there away from it");
            }
            top = Long.compareUnsigned(to, 1L << 62) < 0 ? Math.max(top, to) : top;
        }
        if (top == 0) {
            return warn("address range", "unknown", "/proc/self/maps cannot be read; mount /proc");
        }
        return top < END_ADDRESS
                ? problem(
                        "address range",
                        "this process ends at 0x" + Long.toHexString(top),
                        "a 48-bit address space is needed")
                : ok("address range", "0x660000000000 to 0x6f0000000000 is free in this process");
    }
}
