#include "successor.h"

#include "client.h"
#include "decode.h"
#include "io.h"
#include "lease.h"
#include "line.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

void pw_successor_drop(struct pw_successor *successor) {
    if (successor->fd >= 0) {
        close(successor->fd);
        successor->fd = -1;
        successor->next_try = pw_deadline_in_ms(100);
    }
}

void pw_successor_tend(struct pw_region *region, struct pw_successor *successor) {
    if (successor->fd >= 0) {
        if (pw_left(successor->deadline) == 0) {
            pw_successor_drop(successor);
        }
        return;
    }
    pw_lines_close(region);
    if (pw_now() < successor->next_try) {
        return; /* the lease timer brings us back here */
    }
    uint32_t index = 0;
    while (index < region->lines && region->line[index].state != PW_LINE_NONE) {
        index++;
    }
    if (index == region->lines && (region->line_wanted == 0 || index >= region->max_lines)) {
        return;
    }
    int fd = pw_io_connect(region->client->socket, pw_now()); /* does not wait when the daemon's queue is full */
    if (fd < 0) {
        return;
    }
    struct pw_message hello = {.version = PW_PROTOCOL_VERSION, .type = PW_HELLO_LINE, .a = region->token};
    successor->sent = pw_clock(CLOCK_BOOTTIME);
    if (send(fd, &hello, sizeof hello, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof hello) {
        close(fd);
        return;
    }
    successor->fd = fd;
    successor->index = index;
    successor->got = 0;
    successor->deadline = pw_deadline_in_ms(region->fault_ms);
}

void pw_successor_read(struct pw_region *region, struct pw_successor *successor) {
    if (successor->fd < 0) {
        return;
    }
    ssize_t n = recv(successor->fd, (char *)&successor->answer + successor->got, sizeof successor->answer - successor->got,
                     MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    successor->got += n > 0 ? (size_t)n : 0;
    if (n > 0 && successor->got < sizeof successor->answer) {
        return;
    }
    if (n > 0 && pw_decode_hello(&successor->answer, PW_HELLO_LINE) == 0
        && pw_lease_meet(region, successor->sent, &successor->answer) == 0) {
        pw_line_ready(region, successor->index, successor->fd);
        successor->fd = -1;
    } else {
        pw_successor_drop(successor);
    }
}
