/*
 * Walks a linked list of plain pointers in a region, wherever it was built:
 *
 *     list_walk REGION OFFSET-OF-FIRST-NODE
 *
 * Every node is { int64 value; uint64 address of the next node, 0 = end }. Prints how many nodes there are and the sum of
 * their values. Exit code: 0 done, 1 failed, 2 usage. The daemon is found as by every program: $PAGEWIRE_SOCKET or default.
 */
#include <pagewire/pagewire.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct node {
    int64_t value;
    const struct node *next;
};

static int walk(const struct pw_region *region, uint64_t offset) {
    uint64_t size = pw_size(region), most = size / sizeof(struct node), count = 0;
    const char *base = pw_address(region);
    if (size < sizeof(struct node) || offset > size - sizeof(struct node)) {
        fprintf(stderr, "list_walk: offset %" PRIu64 " lies outside the region of %" PRIu64 " bytes\n", offset, size);
        return 1;
    }
    int64_t sum = 0;
    for (const struct node *node = (const struct node *)(const void *)(base + offset); node != NULL; node = node->next) {
        uint64_t at = (uint64_t)(uintptr_t)node - (uint64_t)(uintptr_t)base;
        if (at > size - sizeof(struct node) || ++count > most) {
            fprintf(stderr, "list_walk: node %" PRIu64 " points to %p, which is no node of this region\n", count, (const void *)node);
            return 1;
        }
        sum += node->value;
    }
    printf("count %" PRIu64 " sum %" PRId64 "\n", count, sum);
    return 0;
}

int main(int argc, char **argv) {
    struct pw_client *client;
    struct pw_region *region;
    char *end = NULL;
    uint64_t offset = argc == 3 ? strtoull(argv[2], &end, 0) : 0;
    if (argc != 3 || *argv[2] == '\0' || *end != '\0') {
        fprintf(stderr, "usage: list_walk REGION OFFSET\n");
        return 2;
    }
    if (pw_connect(NULL, &client) < 0) {
        fprintf(stderr, "list_walk: %s\n", pw_error());
        return 1;
    }
    if (pw_map(client, argv[1], 0, &region) < 0) {
        fprintf(stderr, "list_walk: %s\n", pw_error());
        pw_disconnect(client);
        return 1;
    }
    int rc = walk(region, offset);
    pw_disconnect(client);
    if (ferror(stdout) || fflush(stdout) != 0) {
        perror("list_walk: cannot write to standard output");
        return 1;
    }
    return rc;
}
