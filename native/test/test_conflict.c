/* The region's address is taken: an error that names who is there, and what is there stays. */
#include "check.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    struct pw_client *client;
    struct pw_region *region;
    struct fake *fake = fake_start(NULL);
    struct pw_options options = {.socket = fake_socket(fake)};
    int fd = memfd_create("somebody-else", 0);
    CHECK(ftruncate(fd, 4096) == 0);
    void *there = (void *)(FAKE_BASE + 5 * 4096);
    CHECK(mmap(there, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0) == there);
    *(char *)there = 'x';
    CHECK(pw_connect(&options, &client) == 0);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == -EEXIST);
    printf("%s\n", pw_error());
    CHECK(strstr(pw_error(), "somebody-else") != NULL && strstr(pw_error(), "660000005000") != NULL);
    CHECK(*(char *)there == 'x');
    CHECK(fake_unmaps(fake) == 1);
    CHECK(munmap(there, 4096) == 0);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == 0);
    CHECK(*(volatile char *)there == 0);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
