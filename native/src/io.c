#include "io.h"

#include "deadline.h"
#include "decode.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* 0 = ready or worth a try, -ETIMEDOUT. */
static int wait_for(int fd, short events, uint64_t deadline) {
    for (;;) {
        uint64_t left = pw_left(deadline);
        if (left == 0) {
            return -ETIMEDOUT;
        }
        struct pollfd ready = {.fd = fd, .events = events};
        struct timespec timeout = pw_timespec(left);
        int rc = ppoll(&ready, 1, &timeout, NULL);
        if (rc > 0) {
            return 0;
        }
        if (rc < 0 && errno != EINTR) {
            return -errno;
        }
    }
}

int pw_io_connect(const char *path, uint64_t deadline) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return -ENAMETOOLONG;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    /* EAGAIN: the daemon's queue of new connections is full; no poll tells when it has room. */
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        if (error == EINTR) {
            continue;
        }
        if (error != EAGAIN || pw_left(deadline) == 0) {
            close(fd);
            return error == EAGAIN ? -ETIMEDOUT : -error;
        }
        struct timespec pause = pw_timespec(PW_MS);
        nanosleep(&pause, NULL);
    }
    return fd;
}

int pw_io_send(int fd, const void *bytes, size_t length, uint64_t deadline) {
    const char *from = bytes;
    while (length > 0) {
        ssize_t sent = send(fd, from, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            from += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            int rc = wait_for(fd, POLLOUT, deadline);
            if (rc != 0) {
                return rc;
            }
        } else if (errno != EINTR) {
            return errno == EPIPE ? -ECONNRESET : -errno;
        }
    }
    return 0;
}

int pw_io_recv(int fd, void *bytes, size_t length, uint64_t deadline) {
    char *to = bytes;
    while (length > 0) {
        ssize_t got = recv(fd, to, length, MSG_DONTWAIT);
        if (got > 0) {
            to += got;
            length -= (size_t)got;
        } else if (got == 0) {
            return -ECONNRESET;
        } else if (errno == EAGAIN) {
            int rc = wait_for(fd, POLLIN, deadline);
            if (rc != 0) {
                return rc;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

int pw_io_recv_fd(int fd, uint64_t deadline) {
    char byte; /* any value: Netty sends one that it never set */
    struct iovec one = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
    ssize_t got;
    while ((got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) < 0) {
        if (errno == EAGAIN) {
            int rc = wait_for(fd, POLLIN, deadline);
            if (rc != 0) {
                return rc;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    int received[4];
    size_t count = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
            size_t here = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < here && count < 4; i++) {
                memcpy(&received[count++], CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            }
        }
    }
    int truncated = (message.msg_flags & MSG_CTRUNC) != 0;
    if (got == 1 && count == 1 && !truncated) {
        return received[0];
    }
    for (size_t i = 0; i < count; i++) {
        close(received[i]);
    }
    return got == 0 ? -ECONNRESET : truncated ? -EMFILE : -EPROTO;
}

int pw_io_hello(int fd, int type, uint64_t token, uint64_t deadline, struct pw_message *answer) {
    *answer = (struct pw_message){.version = PW_PROTOCOL_VERSION, .type = (uint8_t)type, .a = token};
    int rc = pw_io_send(fd, answer, sizeof *answer, deadline);
    if (rc == 0) {
        rc = pw_io_recv(fd, answer, sizeof *answer, deadline);
    }
    return rc == 0 ? pw_decode_hello(answer, type) : rc;
}
