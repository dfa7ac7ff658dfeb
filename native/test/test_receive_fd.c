/* A descriptor that is lost on the way is noticed, and one too many is not kept. */
#include "check.h"
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_fds(int to, char byte, const int *fds, size_t count) {
    struct iovec one = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(part), fds, count * sizeof(int));
    }
    CHECK(sendmsg(to, &message, 0) == 1);
}

static int lowest_free(void) {
    int fd = dup(0);
    close(fd);
    return fd;
}

int main(void) {
    int pair[2], fds[3] = {0, 1, 2};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    uint64_t deadline = pw_deadline_in_ms(2000);
    int free_before = lowest_free();

    send_fds(pair[0], 0, fds, 1);
    int fd = pw_io_recv_fd(pair[1], deadline);
    CHECK(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
    close(fd);
    /* Netty does not set the byte that goes with a descriptor. */
    send_fds(pair[0], 7, fds, 1);
    fd = pw_io_recv_fd(pair[1], deadline);
    CHECK(fd >= 0);
    close(fd);
    send_fds(pair[0], 0, fds, 0);
    CHECK(pw_io_recv_fd(pair[1], deadline) == -EPROTO);
    send_fds(pair[0], 0, fds, 3);
    CHECK(pw_io_recv_fd(pair[1], deadline) == -EPROTO);
    CHECK(lowest_free() == free_before);

    /* No room for it: the kernel drops the descriptor, and recvmsg succeeds all the same. */
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = (rlim_t)free_before;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    send_fds(pair[0], 0, fds, 1);
    CHECK(pw_io_recv_fd(pair[1], deadline) == -EMFILE);

    CHECK(pw_io_recv_fd(pair[1], pw_deadline_in_ms(30)) == -ETIMEDOUT);
    close(pair[0]);
    CHECK(pw_io_recv_fd(pair[1], deadline) == -ECONNRESET);
    return 0;
}
