/* Preloaded mappings: filled before pw_map returns, no fault afterwards, and what they exchange with home. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define PAGES 64u
#define SPAN ((uint64_t)PAGES * 4096)

static struct pw_message last[256]; /* by type */
static _Atomic int polls, steps = 1, ending;
enum { DONE, WARNS, FAILS, STUCK, NONSENSE, REFUSED };

static int daemon_side(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    (void)payload;
    last[request->type] = *request;
    switch (request->type) {
    case PW_PUBLISH:
        fake_answer(fd, request, PW_ST_OK, ending == NONSENSE ? PAGES + 1 : 5, 0, 0, "");
        return 1;
    case PW_REFRESH:
        if (ending == REFUSED) {
            fake_answer(fd, request, PW_ST_OWNER_LOST, 0, 0, 0, "host b is silent");
        } else {
            fake_answer(fd, request, PW_ST_OK, 3, 0, 0, "");
        }
        return 1;
    case PW_PROGRESS:
        break;
    default:
        return 0;
    }
    int now = ++polls;
    uint64_t done = SPAN / (uint64_t)(steps + 1) * (uint64_t)(now < steps ? now : steps);
    if (now <= steps || ending == STUCK) {
        fake_answer(fd, request, PW_ST_OK, done, SPAN, PW_PROGRESS_RUNNING, "");
    } else if (ending == FAILS) {
        fake_answer(fd, request, PW_ST_OK, done, SPAN, PW_PROGRESS_FAILED, "the owner went away");
    } else if (ending == NONSENSE) {
        fake_answer(fd, request, PW_ST_OK, done, SPAN, PW_PROGRESS_FAILED + 1, "");
    } else {
        fake_answer(fd, request, PW_ST_OK, SPAN, SPAN, PW_PROGRESS_DONE, ending == WARNS ? "dsmd may lock 64 KiB only" : "");
    }
    return 1;
}

static uint64_t told;
static int tells, stop_at, may_lock;

static int progress(void *context, uint64_t done, uint64_t total) {
    CHECK(context == &tells && done >= told && done <= total && total == SPAN);
    told = done;
    return ++tells == stop_at;
}

static int map(struct pw_client *client, int how, struct pw_region **region) {
    struct pw_map_options options = {
        .flags = PW_MAP_PRELOADED | PW_MAP_EAGER,
        .period_ms = 250,
        .progress = progress,
        .context = &tells,
    };
    ending = how;
    polls = tells = 0;
    told = 0;
    return pw_map_with(client, FAKE_REGION, &options, region);
}

static struct fake *start(const struct fake_options *options, uint32_t connect_ms, struct pw_client **client) {
    struct fake *fake = fake_start(options);
    struct pw_options where = {.socket = fake_socket(fake), .connect_ms = connect_ms};
    CHECK(pw_connect(&where, client) == 0);
    return fake;
}

static void should_fill_and_lock_before_it_returns_and_never_fault(void) {
    struct pw_client *client;
    struct pw_region *region;
    struct pw_stats stats;
    struct fake_options options = {.not_home = 1, .control = daemon_side};
    struct fake *fake = start(&options, 0, &client);
    steps = 3;
    fake_frames(fake)[SPAN - 1] = 'z';
    CHECK(map(client, DONE, &region) == 0);
    CHECK(tells == 4 && told == SPAN && polls == 4);
    CHECK(last[PW_MAP].a == 250 && last[PW_MAP].c == (PW_MAP_PRELOADED | PW_MAP_EAGER));
    CHECK(last[PW_PROGRESS].a != 0 && last[PW_PROGRESS].length == 0);
    CHECK(strcmp(pw_engine(region), "mprotect") == 0);
    volatile char *memory = pw_address(region);
    CHECK(check_smaps(pw_address(region), "Rss") == (long)(SPAN >> 10)); /* before the first access */
    may_lock = *pw_warning() == '\0';
    if (may_lock) {
        CHECK(check_smaps(pw_address(region), "Locked") > 0); /* a share of it: the fake daemon has the pages mapped too */
    } else {
        printf("%s\n", pw_warning());
    }
    CHECK(memory[SPAN - 1] == 'z');
    for (uint64_t page = 0; page < PAGES; page++) {
        memory[page * 4096] = (char)page;
        CHECK(fake_frames(fake)[page * 4096] == (char)page);
    }
    CHECK(pw_prefetch(region, 0, SPAN, PW_WRITE) == 0);
    pw_get_stats(region, &stats);
    CHECK(stats.handler_entries == 0 && stats.read_faults == 0 && stats.write_faults == 0 && fake_faults(fake) == 0);
    pw_disconnect(client);
    CHECK(fake_unmaps(fake) == 1);
    fake_stop(fake, 0);
}

static void should_publish_and_refresh(void) {
    struct pw_client *client;
    struct pw_region *region;
    uint64_t pages = 0;
    struct fake_options options = {.control = daemon_side};
    struct fake *fake = start(&options, 0, &client);
    CHECK(pw_map(client, FAKE_REGION, PW_MAP_PRELOADED, &region) == 0);
    CHECK(last[PW_MAP].a == 0);
    CHECK(pw_publish(region, &pages) == 0 && pages == 5);
    CHECK(last[PW_PUBLISH].a == last[PW_PROGRESS].a && last[PW_PUBLISH].length == 0); /* the mapping's token */
    CHECK(pw_refresh(region, &pages) == 0 && pages == 3 && last[PW_REFRESH].a == last[PW_PUBLISH].a);
    CHECK(pw_publish(region, NULL) == 0);
    ending = NONSENSE;
    CHECK(pw_publish(region, &pages) == -EPROTO && pages == 3);
    ending = REFUSED;
    CHECK(pw_refresh(region, NULL) == -EHOSTDOWN && strstr(pw_error(), "host b is silent") != NULL);
    ending = DONE;
    pw_unmap(region);

    struct pw_map_options demand = {.period_ms = 10};
    CHECK(pw_map_with(client, FAKE_REGION, &demand, &region) == -EINVAL && strstr(pw_error(), "period") != NULL);
    demand.period_ms = 0;
    demand.reserved[0] = 1;
    CHECK(pw_map_with(client, FAKE_REGION, &demand, &region) == -EINVAL && strstr(pw_error(), "reserved") != NULL);
    CHECK(pw_map_with(client, FAKE_REGION, NULL, &region) == 0);
    CHECK(pw_publish(region, &pages) == -EINVAL && strstr(pw_error(), "PW_MAP_PRELOADED") != NULL);
    CHECK(pw_refresh(region, &pages) == -EINVAL);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_leave_nothing_mapped_when_it_fails(void) {
    static const struct {
        int how, code;
        const char *text;
    } cases[] = {
        {FAILS, -EIO, "the owner went away"},
        {STUCK, -ETIMEDOUT, "bytes are in memory"},
        {NONSENSE, -EPROTO, "progress"},
        {DONE, -ECANCELED, "progress function"},
    };
    struct pw_client *client;
    struct pw_region *region;
    struct fake_options options = {.control = daemon_side};
    struct fake *fake = start(&options, 1000, &client);
    volatile char *memory = (volatile char *)FAKE_BASE;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stop_at = cases[i].code == -ECANCELED ? 2 : 0;
        region = NULL;
        CHECK(map(client, cases[i].how, &region) == cases[i].code && region == NULL);
        CHECK(strstr(pw_error(), cases[i].text) != NULL && strstr(pw_error(), FAKE_REGION) != NULL);
        CHECK(fake_unmaps(fake) == i + 1);
        CHECK(check_load(memory) == -1);
    }
    stop_at = 0;
    CHECK(map(client, WARNS, &region) == 0); /* and the name is free for another try */
    CHECK(strstr(pw_warning(), "dsmd may lock 64 KiB only") != NULL);
    CHECK(check_load(memory) == 0);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_refuse_another_kind_than_was_asked_for(void) {
    struct pw_client *client;
    struct pw_region *region;
    struct fake_options lies[] = {
        {.control = daemon_side, .lie_kind = 1},
        {.control = daemon_side, .lie_initial = 1}, /* no right for good */
    };
    for (size_t i = 0; i < 2; i++) {
        struct fake *fake = start(&lies[i], 0, &client);
        CHECK(map(client, DONE, &region) == -EPROTO);
        pw_disconnect(client);
        fake_stop(fake, 0);
    }
    struct fake_options unasked = {.flags = PW_FLAG_PRELOADED, .initial = PW_READ};
    struct fake *fake = start(&unasked, 0, &client);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == -EPROTO);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_give_the_right_back_after_a_failed_store_without_asking(void) {
    struct pw_client *client;
    struct pw_region *region;
    struct fake_options options = {.control = daemon_side, .highest = PW_READ, .not_home = 1};
    struct fake *fake = start(&options, 0, &client);
    CHECK(pw_map(client, FAKE_REGION, PW_MAP_PRELOADED, &region) == 0);
    volatile char *memory = pw_address(region);
    CHECK(check_load(memory) == 0 && check_store(memory, 1) == -1 && fake_faults(fake) == 1);
    CHECK(check_load(memory) == 0 && fake_faults(fake) == 1);

    CHECK(fake_revoke(fake, 0, 0, PW_NONE) == 0); /* the region was deleted, for example: then dsmd is asked why */
    CHECK(check_load(memory) == 0 && fake_faults(fake) == 2);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void *load(void *at) {
    return (void *)(intptr_t)check_load(at);
}

static void should_be_filled_again_by_the_next_daemon(void) {
    struct pw_client *client;
    struct pw_region *region;
    struct pw_event event;
    struct pw_stats stats;
    pthread_t thread;
    void *seen;
    struct fake_options options = {.control = daemon_side};
    struct fake *fake = start(&options, 0, &client);
    steps = 1;
    CHECK(map(client, DONE, &region) == 0);
    volatile char *memory = pw_address(region);
    memory[0] = 'a';
    CHECK(pw_next_event(region, &event, 0) == 0);
    ending = STUCK;
    char socket[108];
    strcpy(socket, fake_socket(fake));
    fake_stop(fake, 1);
    CHECK(pw_next_event(region, &event, 5000) == 1);
    CHECK(event.kind == PW_EVENT_LOST && event.page == 0 && event.count == PAGES); /* what was not published is gone */

    options.socket = socket;
    last[PW_MAP] = (struct pw_message){0};
    last[PW_PROGRESS] = (struct pw_message){0};
    fake = fake_start(&options);
    fake_frames(fake)[0] = 'b';
    for (int i = 0; i < 1000 && last[PW_PROGRESS].type == 0; i++) {
        check_sleep_ms(10);
    }
    CHECK(last[PW_PROGRESS].type == PW_PROGRESS);
    CHECK(last[PW_MAP].a == 250 && last[PW_MAP].c == PW_MAP_PRELOADED);
    pthread_create(&thread, NULL, load, (void *)(uintptr_t)memory); /* waits for all pages */
    check_sleep_ms(100);
    ending = DONE;
    pthread_join(thread, &seen);
    CHECK((intptr_t)seen == 'b');
    memory[4096] = 'c';
    CHECK(fake_frames(fake)[4096] == 'c' && fake_faults(fake) == 0);
    pw_get_stats(region, &stats);
    CHECK(stats.lost_pages == PAGES && stats.failed_faults == 0);
    uint64_t pages;
    CHECK(pw_publish(region, &pages) == 0 && last[PW_PUBLISH].a == last[PW_PROGRESS].a);
    long locked = -1;
    for (int i = 0; may_lock && i < 500 && locked <= 0; i++) {
        check_sleep_ms(10);
        locked = check_smaps(pw_address(region), "Locked");
    }
    CHECK(locked > 0 || !may_lock);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_try_again_when_the_next_daemon_cannot_fill_it(void) {
    struct pw_client *client;
    struct pw_region *region;
    struct fake_options options = {.control = daemon_side, .fault_ms = 10000};
    struct fake *fake = start(&options, 0, &client);
    CHECK(map(client, DONE, &region) == 0);
    char socket[108];
    strcpy(socket, fake_socket(fake));
    ending = FAILS;
    fake_stop(fake, 1);
    options.socket = socket;
    fake = fake_start(&options);
    for (int i = 0; i < 1000 && fake_unmaps(fake) == 0; i++) { /* the mapping that could not be filled */
        check_sleep_ms(10);
    }
    CHECK(fake_unmaps(fake) > 0);
    ending = DONE;
    int back = 0;
    for (int i = 0; i < 1000 && !back; i++) {
        check_sleep_ms(10);
        back = check_load(pw_address(region)) == 0;
    }
    CHECK(back);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    check_catch_bus();
    should_fill_and_lock_before_it_returns_and_never_fault();
    should_publish_and_refresh();
    should_leave_nothing_mapped_when_it_fails();
    should_refuse_another_kind_than_was_asked_for();
    should_give_the_right_back_after_a_failed_store_without_asking();
    should_be_filled_again_by_the_next_daemon();
    should_try_again_when_the_next_daemon_cannot_fill_it();
    return 0;
}
