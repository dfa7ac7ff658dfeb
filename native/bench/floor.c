/*
 * The raw floor for benchmarks: what two C processes reach over loopback TCP (TCP_NODELAY) with blocking sockets and nothing
 * in between. Started as `floor`, it forks its server and obeys lines on stdin, each answered with one line of JSON:
 *
 *     small N    N requests of 32 bytes -> responses of 32 bytes    [ns, ns, ...]
 *     page N     N requests of 32 bytes -> responses of 4 KiB       [ns, ns, ...]
 *     stream N   N requests of 32 bytes -> responses of 1 MiB       {"bytes":B,"ns":T}
 *     blocks N S one request of 32 bytes -> N blocks of S bytes     {"bytes":B,"ns":T,"cpuNs":C}
 *
 * The requests of a stream are all sent at once, as read-ahead would. Blocks are what frames are beside: the server stores a word
 * into each page of its one buffer before it sends it, the client looks at each of these words when a block has come; C is the
 * processor time of both processes. Ends with stdin; the server ends with its connection or its parent. Exit code 0, or 1 with a
 * reason on stderr.
 */
#include "output.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REQUEST 32u
#define LARGEST (1u << 20)
#define MOST 10000000ull
#define AHEAD 8u
#define PAGE 4096u
#define LARGEST_BLOCK (64u << 20)

static char buffer[LARGEST];
static _Alignas(PAGE) char block[LARGEST_BLOCK];

/* A request: how long a response shall be; for blocks, how many of them follow each other, else 0. */
struct request {
    uint32_t length;
    uint32_t blocks;
    uint32_t reserved[REQUEST / 4 - 2];
};
_Static_assert(sizeof(struct request) == REQUEST, "a request has 32 bytes");

static _Noreturn void die(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int read_all(int fd, void *to, size_t length) {
    for (size_t got = 0; got < length;) {
        ssize_t n = recv(fd, (char *)to + got, length - got, 0);
        if (n <= 0) {
            return -1;
        }
        got += (size_t)n;
    }
    return 0;
}

static int write_all(int fd, const void *from, size_t length) {
    for (size_t sent = 0; sent < length;) {
        ssize_t n = send(fd, (const char *)from + sent, length - sent, MSG_NOSIGNAL);
        if (n <= 0) {
            return -1;
        }
        sent += (size_t)n;
    }
    return 0;
}

static void no_delay(int fd) {
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
        die("TCP_NODELAY");
    }
}

static void fill_block(uint32_t size, uint64_t number) {
    for (uint32_t at = 0; at + sizeof number <= size; at += PAGE) {
        memcpy(block + at, &number, sizeof number);
    }
}

static int send_blocks(int fd, const struct request *request) {
    for (uint64_t number = 1; number <= request->blocks; number++) {
        fill_block(request->length, number);
        if (write_all(fd, block, request->length) != 0) {
            return -1;
        }
    }
    return 0;
}

static int answer(int fd, const struct request *request) {
    if (request->blocks != 0) {
        return request->length > LARGEST_BLOCK ? -1 : send_blocks(fd, request);
    }
    return request->length > LARGEST ? -1 : write_all(fd, buffer, request->length);
}

static int serve(int listener) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
        die("accept");
    }
    no_delay(fd);
    struct request request;
    while (read_all(fd, &request, sizeof request) == 0 && answer(fd, &request) == 0) {
    }
    return 0;
}

static void round_trips(int fd, uint64_t count, uint32_t length) {
    struct request request = {.length = length};
    uint64_t *took = malloc((count + 1) * sizeof *took);
    if (took == NULL) {
        die("memory for the samples");
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t start = now();
        if (write_all(fd, &request, sizeof request) != 0 || read_all(fd, buffer, length) != 0) {
            die("the server ended");
        }
        took[i] = now() - start;
    }
    putchar('[');
    for (uint64_t i = 0; i < count; i++) {
        printf(i == 0 ? "%" PRIu64 : ",%" PRIu64, took[i]);
    }
    puts("]");
    free(took);
}

static void stream(int fd, uint64_t count) {
    struct request request = {.length = LARGEST};
    uint64_t start = now();
    uint64_t asked = 0;
    for (uint64_t i = 0; i < count; i++) {
        for (; asked < count && asked < i + AHEAD; asked++) {
            if (write_all(fd, &request, sizeof request) != 0) {
                die("the server ended");
            }
        }
        if (read_all(fd, buffer, LARGEST) != 0) {
            die("the server ended");
        }
    }
    printf("{\"bytes\":%" PRIu64 ",\"ns\":%" PRIu64 "}\n", count * LARGEST, now() - start);
}

static uint64_t cpu_of(pid_t process) {
    clockid_t its_clock;
    struct timespec used;
    if (clock_getcpuclockid(process, &its_clock) != 0 || clock_gettime(its_clock, &used) != 0) {
        die("processor time of a process");
    }
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

static void check_block(uint32_t size, uint64_t number) {
    for (uint32_t at = 0; at + sizeof number <= size; at += PAGE) {
        uint64_t found;
        memcpy(&found, block + at, sizeof found);
        if (found != number) {
            fprintf(stderr, "floor: block %" PRIu64 " holds %" PRIu64 " at byte %" PRIu32 "\n", number, found, at);
            exit(1);
        }
    }
}

static void blocks(int fd, pid_t server, uint64_t count, uint32_t size) {
    struct request request = {.length = size, .blocks = (uint32_t)count};
    uint64_t cpu = cpu_of(getpid()) + cpu_of(server);
    uint64_t start = now();
    if (write_all(fd, &request, sizeof request) != 0) {
        die("the server ended");
    }
    for (uint64_t number = 1; number <= count; number++) {
        if (read_all(fd, block, size) != 0) {
            die("the server ended");
        }
        check_block(size, number);
    }
    uint64_t took = now() - start;
    cpu = cpu_of(getpid()) + cpu_of(server) - cpu;
    printf("{\"bytes\":%" PRIu64 ",\"ns\":%" PRIu64 ",\"cpuNs\":%" PRIu64 "}\n", count * size, took, cpu);
}

static void obey(int fd, pid_t server) {
    char line[128], what[16];
    uint64_t count, size;
    while (fgets(line, sizeof line, stdin) != NULL) {
        int words = sscanf(line, "%15s %" SCNu64 " %" SCNu64, what, &count, &size);
        if (words < 2 || count > MOST) {
            puts("{\"error\":\"say small N, page N, stream N or blocks N SIZE\"}");
        } else if (words == 3 && strcmp(what, "blocks") == 0 && count > 0 && size > 0 && size <= LARGEST_BLOCK) {
            blocks(fd, server, count, (uint32_t)size);
        } else if (strcmp(what, "small") == 0) {
            round_trips(fd, count, REQUEST);
        } else if (strcmp(what, "page") == 0) {
            round_trips(fd, count, 4096);
        } else if (strcmp(what, "stream") == 0) {
            stream(fd, count);
        } else {
            puts("{\"error\":\"say small N, page N, stream N or blocks N SIZE\"}");
        }
        if (pw_output_ended("floor", 0) != 0) {
            exit(1);
        }
    }
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0
        || getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        die("listen on 127.0.0.1");
    }
    memset(buffer, 'x', sizeof buffer);
    pid_t parent = getpid();
    pid_t server = fork();
    if (server < 0) {
        die("fork");
    }
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        return getppid() == parent ? serve(listener) : 0;
    }
    close(listener);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        die("connect to the server");
    }
    no_delay(fd);
    obey(fd, server);
    close(fd);
    waitpid(server, NULL, 0);
    return 0;
}
