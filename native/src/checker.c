/*
 * Requests to valgrind: a sequence of instructions that does nothing on a processor, and that valgrind takes for a call with
 * the arguments in one register, the answer in another. The numbers are part of its interface.
 */
#include "checker.h"

#include "error.h"

#include <errno.h>
#include <stdint.h>

#define RUNNING_ON_VALGRIND 0x1001u
#define MAKE_MEM_DEFINED 0x4D430002u /* of memcheck; other tools answer 0 */

#if defined(__x86_64__)
static uintptr_t ask(uintptr_t request, uintptr_t first, uintptr_t second) {
    volatile uintptr_t arguments[6] = {request, first, second, 0, 0, 0};
    uintptr_t answer = 0;
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
                     : "+d"(answer)
                     : "a"(&arguments[0])
                     : "cc", "memory");
    return answer;
}
#else
static uintptr_t ask(uintptr_t request, uintptr_t first, uintptr_t second) {
    volatile uintptr_t arguments[6] = {request, first, second, 0, 0, 0};
    register uintptr_t answer __asm__("x3") = 0;
    register volatile uintptr_t *asked __asm__("x4") = &arguments[0];
    __asm__ volatile("ror x12, x12, #3; ror x12, x12, #13; ror x12, x12, #51; ror x12, x12, #61; orr x10, x10, x10"
                     : "+r"(answer)
                     : "r"(asked)
                     : "cc", "memory");
    return answer;
}
#endif

int pw_on_valgrind(void) {
    return ask(RUNNING_ON_VALGRIND, 0, 0) != 0;
}

/* There in programs that were built with -fsanitize=thread. */
__attribute__((weak)) void __tsan_init(void);

int pw_check_sanitizer(void) {
    return __tsan_init == NULL ? 0
                               : pw_fail(ENOTSUP, "this program was built with -fsanitize=thread, and ThreadSanitizer keeps the"
                                                  " addresses of regions for itself; build it without, or look for races with"
                                                  " valgrind --tool=helgrind");
}

void pw_valgrind_readable(void *at, size_t length) {
    ask(MAKE_MEM_DEFINED, (uintptr_t)at, length);
}
