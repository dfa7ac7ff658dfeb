#include "queue.h"

#include "line.h"

enum { WAITING, LOOK, GIVEN };

struct pw_waiter {
    struct pw_waiter *next, *previous; /* (queue's lock) */
    struct pw_line *line;
    _Atomic uint32_t word; /* what it sleeps on */
};

static void append(struct pw_queue *queue, struct pw_waiter *waiter) {
    waiter->previous = queue->last;
    *(queue->last != NULL ? &queue->last->next : &queue->first) = waiter;
    queue->last = waiter;
}

static void take_out(struct pw_queue *queue, struct pw_waiter *waiter) {
    *(waiter->previous != NULL ? &waiter->previous->next : &queue->first) = waiter->next;
    *(waiter->next != NULL ? &waiter->next->previous : &queue->last) = waiter->previous;
}

static void serve(struct pw_region *region) {
    struct pw_queue *queue = &region->queue;
    struct pw_waiter *waiter;
    struct pw_line *line;
    while ((waiter = queue->first) != NULL && (line = pw_line_try(region, 0)) != NULL) {
        take_out(queue, waiter);
        region->line_wanted--;
        waiter->line = line;
        waiter->word = GIVEN; /* from here on its stack may be gone; the kernel only compares the address */
        pw_futex_wake(&waiter->word, 1);
    }
}

void pw_queue_serve(struct pw_region *region) {
    pw_lock(&region->queue.lock);
    serve(region);
    pw_unlock(&region->queue.lock);
}

/* 1 = out of the queue; 0 = a line was handed over before. */
static int leave(struct pw_region *region, struct pw_waiter *waiter) {
    pw_lock(&region->queue.lock);
    int waits = waiter->word != GIVEN;
    if (waits) {
        take_out(&region->queue, waiter);
        region->line_wanted--;
    }
    pw_unlock(&region->queue.lock);
    return waits;
}

/* While others are given their pages the time of those who wait does not run out. */
static void extend(const struct pw_region *region, uint64_t *deadline, uint64_t patience) {
    uint64_t moved = region->line_moved;
    if (moved != 0 && moved + patience > *deadline) {
        *deadline = moved + patience;
    }
}

struct pw_line *pw_queue_wait(struct pw_region *region, uint64_t *deadline, uint64_t patience) {
    struct pw_waiter self = {0};
    region->line_wanted++; /* before the look at the lines: whoever frees one after it sees that somebody waits */
    pw_lock(&region->queue.lock);
    append(&region->queue, &self);
    serve(region);
    pw_unlock(&region->queue.lock);
    if (region->lines < region->max_lines) {
        pw_agent_poke(region);
    }
    while (self.word != GIVEN) {
        extend(region, deadline, patience);
        uint64_t left = pw_left(*deadline);
        if (left == 0 || region->state != PW_OPEN) {
            if (leave(region, &self)) {
                return NULL;
            }
            break;
        }
        pw_futex_wait(&self.word, WAITING, left);
        uint32_t look = LOOK;
        atomic_compare_exchange_strong(&self.word, &look, WAITING);
    }
    extend(region, deadline, patience);
    return self.line;
}

void pw_queue_wake_all(struct pw_region *region) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pw_lock(&region->queue.lock);
    for (struct pw_waiter *waiter = region->queue.first; waiter != NULL; waiter = waiter->next) {
        waiter->word = LOOK;
        pw_futex_wake(&waiter->word, 1);
    }
    pw_unlock(&region->queue.lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
