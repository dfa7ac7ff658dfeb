/* Runs a command for which calls of the kernel fail as they do on an older kernel or under a container's filter:
 *
 *     without CALL[/ARGUMENT/VALUE]=ERRNO... -- COMMAND...
 *
 * for example `without preadv2=EOPNOTSUPP madvise/2/22=EINVAL -- dsmd`: argument 2 counts from 0. Ends with 125 when it cannot,
 * else it becomes the command. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#error "the number of this architecture is not known here"
#endif

#define MOST 256
#define CANNOT 125

struct name {
    const char *name;
    long number;
};

static const struct name calls[] = {
    {"epoll_pwait2", 441},
    {"fallocate", SYS_fallocate},
    {"madvise", SYS_madvise},
    {"membarrier", SYS_membarrier},
    {"memfd_create", SYS_memfd_create},
    {"mlock", SYS_mlock},
    {"mremap", SYS_mremap},
    {"pidfd_open", 434},
    {"pidfd_send_signal", 424},
    {"preadv2", SYS_preadv2},
    {"process_vm_readv", SYS_process_vm_readv},
    {"setpriority", SYS_setpriority},
    {"sync_file_range", SYS_sync_file_range},
    {NULL, 0},
};

static const struct name errors[] = {
    {"EACCES", EACCES}, {"EINVAL", EINVAL}, {"ENOSYS", ENOSYS},         {"EOPNOTSUPP", EOPNOTSUPP},
    {"EPERM", EPERM},   {"ENOMEM", ENOMEM}, {"NOTHING", 0 /* is done */}, {NULL, 0},
};

static struct sock_filter program[MOST];
static unsigned short length;

static _Noreturn void die(const char *what, const char *which) {
    fprintf(stderr, "without: %s%s\n", what, which);
    exit(CANNOT);
}

static long number_of(const struct name *names, const char *name, const char *what) {
    for (; names->name != NULL; names++) {
        if (strcmp(names->name, name) == 0) {
            return names->number;
        }
    }
    die(what, name);
}

static void add(uint16_t code, uint32_t value, uint8_t yes, uint8_t no) {
    if (length == MOST) {
        die("too many calls", "");
    }
    program[length++] = (struct sock_filter){.code = code, .jt = yes, .jf = no, .k = value};
}

static void load(size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* CALL[/ARGUMENT/VALUE]=ERRNO */
static void forbid(char *rule) {
    char *error = strrchr(rule, '=');
    if (error == NULL) {
        die("no error is named in ", rule);
    }
    *error++ = '\0';
    char *argument = strchr(rule, '/');
    char *value = argument == NULL ? NULL : strchr(argument + 1, '/');
    if (argument != NULL) {
        if (value == NULL) {
            die("no value is named in ", rule);
        }
        *argument++ = *value++ = '\0';
    }
    uint32_t call = (uint32_t)number_of(calls, rule, "unknown call ");
    uint32_t answer = SECCOMP_RET_ERRNO | (uint32_t)number_of(errors, error, "unknown error ");
    load(offsetof(struct seccomp_data, nr));
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, argument == NULL ? 1 : 3);
    if (argument != NULL) {
        unsigned long which = strtoul(argument, NULL, 10);
        if (which > 5) {
            die("no such argument: ", argument);
        }
        load(offsetof(struct seccomp_data, args) + which * sizeof(uint64_t)); /* the lower half on both architectures */
        add(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)strtoul(value, NULL, 0), 0, 1);
    }
    add(BPF_RET | BPF_K, answer, 0, 0);
}

int main(int argc, char **argv) {
    int at = 1;
    load(offsetof(struct seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    while (at < argc && strcmp(argv[at], "--") != 0) {
        forbid(argv[at++]);
    }
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    if (++at >= argc) {
        die("usage: without CALL[/ARGUMENT/VALUE]=ERRNO... -- COMMAND...", "");
    }
    struct sock_fprog filter = {.len = length, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) {
        die("cannot filter calls: ", strerror(errno));
    }
    execvp(argv[at], argv + at);
    die(argv[at], ": cannot be run");
}
