#include "advice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int pw_advise(void *at, size_t length, int dumped) {
    int rc = madvise(at, length, MADV_DONTFORK);
    rc = rc == 0 && !dumped ? madvise(at, length, MADV_DONTDUMP) : rc;
    return rc == 0 ? 0 : -errno;
}

int pw_dump_wanted(int asked) {
    const char *wish = getenv("PAGEWIRE_DUMP");
    return asked || (wish != NULL && strcmp(wish, "1") == 0);
}
