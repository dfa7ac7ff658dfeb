#include "conflict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void pw_conflict_name(uint64_t base, uint64_t end, char *who, size_t size) {
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    snprintf(who, size, "something that /proc/self/maps does not show");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        uint64_t start, stop;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &stop) == 2 && start < end && stop > base) {
            line[strcspn(line, "\n")] = '\0';
            const char *path = strpbrk(line, "/[");
            snprintf(who, size, "%.300s at 0x%" PRIx64 "-0x%" PRIx64, path != NULL ? path : "anonymous memory", start, stop);
            break;
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
}
