/*
 * A program whose mapping falls silent: its agent's socket is gone, or answers nobody. Most of the ways there are healthy.
 *
 *     silent WAY SOCKET REGION [MS]
 *
 * It prints "ready" when it has got there, and ends with 0 when it is alive and well MS later.
 */
#include "local_protocol.h"
#include "pagewire/pagewire.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *socket_path, *region_name, *program;
static unsigned ms = 2000;

static void die(const char *what) {
    fprintf(stderr, "silent: %s: %s\n", what, pw_error());
    perror("silent");
    exit(1);
}

static void rest(void) {
    usleep(ms * 1000);
    exit(0);
}

static void ready(void) {
    printf("ready\n");
    fflush(stdout);
}

/* ---- without the library ---- */

static int dial(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        die("connect");
    }
    return fd;
}

static void get(int fd, void *bytes, size_t length) {
    if (length > 0 && recv(fd, bytes, length, MSG_WAITALL) != (ssize_t)length) {
        die("recv");
    }
}

static int get_fd(int fd) {
    char byte;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec one = {&byte, 1};
    struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
    int passed;
    if (recvmsg(fd, &message, 0) != 1 || CMSG_FIRSTHDR(&message) == NULL) {
        die("recvmsg");
    }
    memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof passed);
    return passed;
}

static void ask(int fd, int type, uint64_t a, const char *text, void *reply, size_t length) {
    char bytes[512], rest_of_it[512];
    struct pw_message head = {
        .version = PW_PROTOCOL_VERSION, .type = (uint8_t)type, .id = 7, .a = a, .length = (uint32_t)strlen(text)};
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, text, strlen(text));
    if (send(fd, bytes, sizeof head + strlen(text), 0) < 0) {
        die("send");
    }
    get(fd, &head, sizeof head);
    if (head.status != PW_ST_OK || head.length > sizeof rest_of_it) {
        die("refused");
    }
    get(fd, rest_of_it, head.length);
    memcpy(reply, rest_of_it, length);
}

static int control_fd, agent_fd;
static volatile char *frames;

/* As the library does it: the lease page first, then the agent. */
static struct pw_map_reply map_raw(void) {
    struct pw_map_reply reply;
    control_fd = dial();
    ask(control_fd, PW_HELLO_CONTROL, (uint64_t)getpid(), "silent", NULL, 0);
    ask(control_fd, PW_MAP, 0, region_name, &reply, sizeof reply);
    int frames_fd = get_fd(control_fd), lease_fd = get_fd(control_fd);
    frames = mmap(NULL, reply.span, PROT_READ | PROT_WRITE, MAP_SHARED, frames_fd, 0);
    if (frames == MAP_FAILED || mmap(NULL, PW_LEASE_LENGTH, PROT_READ, MAP_SHARED, lease_fd, 0) == MAP_FAILED) {
        die("mmap");
    }
    close(lease_fd);
    agent_fd = dial();
    ask(agent_fd, PW_HELLO_AGENT, reply.token, "", NULL, 0);
    return reply;
}

static void *store_on(void *argument) {
    (void)argument;
    close(agent_fd);
    ready();
    for (unsigned i = 0; i < ms; i++) {
        frames[0]++;
        usleep(1000);
    }
    exit(0);
}

/* ---- with it ---- */

static struct pw_region *map_and_store(struct pw_client **client) {
    struct pw_options options = {.socket = socket_path, .program = "silent"};
    struct pw_region *region;
    if (pw_connect(&options, client) != 0 || pw_map(*client, region_name, 0, &region) != 0) {
        die("map");
    }
    ((volatile char *)pw_address(region))[0] = 's';
    return region;
}

static void run_instead(const char *way) {
    char time[16];
    snprintf(time, sizeof time, "%u", ms);
    execl("/proc/self/exe", program, way, socket_path, region_name, time, (char *)NULL);
    die("exec");
}

int main(int argc, char **argv) {
    struct pw_client *client;
    pthread_t thread;
    if (argc < 4) {
        return 2;
    }
    program = argv[0];
    socket_path = argv[2];
    region_name = argv[3];
    ms = argc > 4 ? (unsigned)atoi(argv[4]) : ms;
    const char *way = argv[1];
    if (strcmp(way, "rest") == 0) {
        ready();
    } else if (strcmp(way, "use") == 0) {
        map_and_store(&client);
        ready();
    } else if (strcmp(way, "unmap-late") == 0) { /* the agent's socket first: not how it should be, and no harm */
        struct pw_map_reply reply = map_raw();
        close(agent_fd);
        usleep(50 * 1000);
        ask(control_fd, PW_UNMAP, reply.token, "", NULL, 0);
        ready();
    } else if (strcmp(way, "exec") == 0) {
        map_and_store(&client);
        run_instead("rest");
    } else if (strcmp(way, "exec-and-map") == 0) {
        map_and_store(&client);
        run_instead("use");
    } else if (strcmp(way, "exec-beside-child") == 0) { /* the child has the agent's socket, so it does not even close */
        map_and_store(&client);
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, 9);
            close(1);
            rest();
        }
        run_instead("rest");
    } else if (strcmp(way, "store-on") == 0) {
        map_raw();
        store_on(NULL);
    } else if (strcmp(way, "store-on-in-thread") == 0) { /* of a process whose first thread has ended */
        map_raw();
        pthread_create(&thread, NULL, store_on, NULL);
        pthread_exit(NULL);
    } else if (strcmp(way, "store-in-thread") == 0) { /* in order; a process whose first thread has ended */
        struct pw_region *region = map_and_store(&client);
        frames = pw_address(region);
        agent_fd = -1;
        pthread_create(&thread, NULL, store_on, NULL);
        pthread_exit(NULL);
    } else {
        return 2;
    }
    rest();
}
