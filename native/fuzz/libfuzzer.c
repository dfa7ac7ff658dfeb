/* The same targets under libFuzzer, which finds its way by coverage: PAGEWIRE_FUZZ_TARGET names the target. */
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    const char *wanted = getenv("PAGEWIRE_FUZZ_TARGET");
    for (size_t i = 0; i < fuzz_target_count; i++) {
        if (wanted != NULL && strcmp(wanted, fuzz_targets[i].name) == 0) {
            target = &fuzz_targets[i];
        }
    }
    if (target == NULL) {
        fprintf(stderr, "PAGEWIRE_FUZZ_TARGET names no target\n");
        exit(2);
    }
    if (target->begin != NULL) {
        target->begin();
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length <= FUZZ_MOST) {
        target->run(bytes, length);
    }
    return 0;
}
