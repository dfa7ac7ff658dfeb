/* Our handlers and those of others, whoever came first. */
#include "check.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static char *foreign; /* a PROT_NONE page that is none of ours */
static struct sigaction saved_by_later;
static volatile sig_atomic_t earlier_calls, later_calls, last_code;
static sigjmp_buf out;

typedef void (*handler_function)(int, siginfo_t *, void *);

static void open_foreign(void) {
    mprotect(foreign, 4096, PROT_READ | PROT_WRITE);
}

static void close_foreign(void) {
    mprotect(foreign, 4096, PROT_NONE);
}

/* Was there before us. */
static void earlier(int signal, siginfo_t *info, void *context) {
    CHECK(signal == SIGSEGV && context != NULL);
    earlier_calls++;
    last_code = info->si_code;
    if (info->si_code > 0) {
        CHECK(info->si_addr == foreign);
        open_foreign();
    }
}

/* Comes after us and calls whoever was there, as JVMs and crash reporters do. */
static void later(int signal, siginfo_t *info, void *context) {
    later_calls++;
    saved_by_later.sa_sigaction(signal, info, context);
}

static void jumps_out(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    siglongjmp(out, 1);
}


static void touch_foreign(void) {
    close_foreign();
    *(volatile char *)foreign = 1;
}

static void set(handler_function handler, struct sigaction *old) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(SIGSEGV, &action, old) == 0);
}

static void should_pass_foreign_faults_to_the_handler_before_us(void) {
    touch_foreign();
    CHECK(earlier_calls == 1 && last_code == SEGV_ACCERR);
}

static void should_pass_signals_that_were_sent(void) {
    CHECK(raise(SIGSEGV) == 0);
    CHECK(earlier_calls == 2 && last_code <= 0);
}

static void should_serve_our_pages_behind_a_handler_that_came_later(volatile char *memory) {
    set(later, &saved_by_later);
    memory[3 * 4096] = 1;
    CHECK(later_calls == 1 && earlier_calls == 2);
    touch_foreign();
    CHECK(later_calls == 2 && earlier_calls == 3);
}

/* Ours -> later -> ours again -> earlier: everyone once, and no loop. */
static void should_not_loop_when_two_handlers_chain_to_each_other(volatile char *memory) {
    CHECK(pw_reinstall_handler() == 0);
    memory[4 * 4096] = 1;
    CHECK(later_calls == 2);
    touch_foreign();
    CHECK(later_calls == 3 && earlier_calls == 4);
    CHECK(pw_reinstall_handler() == 0);
    touch_foreign();
    CHECK(later_calls == 4 && earlier_calls == 5);
}

static void should_survive_handlers_that_jump_out(void) {
    struct sigaction ours;
    set(jumps_out, &ours);
    CHECK(pw_reinstall_handler() == 0);
    for (int i = 0; i < 3; i++) {
        close_foreign();
        volatile int back = 0;
        if (sigsetjmp(out, 1) == 0) {
            *(volatile char *)foreign = 1;
            CHECK(!"reached");
        } else {
            back = 1;
        }
        CHECK(back == 1);
    }
}

static void should_keep_errno(volatile char *memory) {
    errno = 12345;
    memory[5 * 4096] = 1;
    CHECK(errno == 12345);
}

/* In a child, because it dies. */
static int how_it_ends(void (*what)(volatile char *memory)) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct pw_client *client;
        struct sigaction plain = {.sa_handler = SIG_DFL};
        sigaction(SIGSEGV, &plain, NULL);
        struct fake *fake = fake_start(NULL);
        volatile char *memory = pw_address(check_map(fake, &client));
        unlink(fake_socket(fake));
        char folder[108];
        strcpy(folder, fake_socket(fake));
        *strrchr(folder, '/') = '\0';
        rmdir(folder);
        memory[0] = 1;
        what(memory);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void touch_null(volatile char *memory) {
    (void)memory;
    *(volatile char *)foreign = 1;
}

static void send_to_self(volatile char *memory) {
    (void)memory;
    raise(SIGSEGV);
}

int main(void) {
    foreign = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(how_it_ends(touch_null) == SIGSEGV);
    CHECK(how_it_ends(send_to_self) == SIGSEGV);

    set(earlier, NULL);
    struct pw_client *client;
    struct fake *fake = fake_start(NULL);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    memory[0] = 1;
    CHECK(earlier_calls == 0);
    should_pass_foreign_faults_to_the_handler_before_us();
    should_pass_signals_that_were_sent();
    should_serve_our_pages_behind_a_handler_that_came_later(memory);
    should_not_loop_when_two_handlers_chain_to_each_other(memory);
    should_keep_errno(memory);
    should_survive_handlers_that_jump_out();
    memory[6 * 4096] = 1;
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
