/* A child has no region, must not use the parent's lines, and cannot take them away from it. */
#include "check.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile char *memory;
static struct pw_region *region;
static struct pw_client *client;

/* Was there before us; in a child it must be called, with the address that was touched. */
static void before_us(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    _exit(info->si_addr == (void *)(uintptr_t)(memory + 4096) ? 43 : 44);
}

static int in_child(int what) {
    pid_t child = fork();
    if (child == 0) {
        struct pw_client *other;
        struct pw_region *again;
        switch (what) {
        case 0:
            (void)memory[4096];
            _exit(1);
        case 1:
            _exit(pw_connect(NULL, &other) == -EPERM && pw_map(client, "other", 0, &again) == -EPERM ? 42 : 1);
        default:
            pw_unmap(region);
            pw_disconnect(client);
            _exit(42);
        }
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = before_us, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    struct fake *fake = fake_start(NULL);
    region = check_map(fake, &client);
    memory = pw_address(region);
    memory[4096] = 'p';
    uint64_t faults = fake_faults(fake);
    CHECK(in_child(0) == 43);
    CHECK(fake_faults(fake) == faults); /* the daemon never heard of it */
    CHECK(in_child(1) == 42);
    CHECK(in_child(2) == 42);
    CHECK(fake_unmaps(fake) == 0);
    CHECK(memory[4096] == 'p');
    for (int i = 0; i < 20; i++) {
        CHECK(in_child(0) == 43);
        memory[(2 + i) * 4096] = 'q';
    }
    CHECK(fake_faults(fake) == faults + 20);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
