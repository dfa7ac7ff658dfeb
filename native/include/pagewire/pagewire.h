/*
 * pagewire.h - distributed shared memory by name, through real page faults.
 *
 * A program connects to the dsmd of its host, maps a region by name and uses plain loads and stores. The region stands at
 * the same address in every process on every host.
 *
 *     struct pw_client *client;
 *     struct pw_region *region;
 *     if (pw_connect(NULL, &client) < 0 || pw_map(client, "prices", 0, &region) < 0) {
 *         fprintf(stderr, "%s\n", pw_error());
 *         return 1;
 *     }
 *     const double *prices = pw_address(region);
 *
 * Functions that return int give 0 or a negative errno; pw_error() then has one line that says what is wrong, where, and
 * what to do. Beside those named with each function, any that asks dsmd may give
 *
 *     -ENOENT, -ECONNREFUSED  no dsmd at the socket        -ETIMEDOUT   dsmd was silent for connect_ms, or gave up itself
 *     -ECONNRESET             dsmd closed the connection   -EPROTO      an answer of another version, or none of dsmd's
 *     -EHOSTUNREACH           no directory                 -EHOSTDOWN   no owner
 *     -ESTALE                 the contents are lost        -EPERM       the owner refused; or this is a forked child
 *     -EACCES                 not allowed here             -ENOBUFS     a limit of dsmd is reached
 *     -EIO                    file or internal error       -EMFILE, -ENOMEM
 *
 * -EINVAL also means options, flags or reserved fields that this version does not know, and -ECANCELED that a progress
 * function ended the call.
 *
 * Every wait has a deadline. All functions may be called from any thread unless they say otherwise; none may
 * be called from a signal handler.
 *
 * A load or store that cannot be served raises SIGBUS at the instruction, as for any mapped file (pw_set_failure_mode
 * changes that). A store to a region that only its owner's host may write is such a failure elsewhere (SPEC O2); a region made
 * with PW_REGION_ANY_WRITER may be written on every host, each page by one host at a time (SPEC V7).
 */
#ifndef PAGEWIRE_H
#define PAGEWIRE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pw_client;
struct pw_region;
struct pw_writer;
struct pw_reader;

/* Why a page fault failed; the values are FaultCause codes of the Java side. */
enum pw_cause {
    PW_OWNER_LOST = 1,
    PW_DEADLINE = 2,
    PW_REFUSED = 3,
    PW_READ_ONLY = 4,
    PW_UNKNOWN_REGION = 5,
    PW_DATA_LOST = 6,
    PW_FILE_ERROR = 7,
    PW_DIRECTORY_UNREACHABLE = 8,
    PW_DAEMON_LOST = 9,
    PW_CLOSED = 10,
    PW_OUT_OF_RANGE = 11,
    PW_PROTOCOL = 12,
    PW_NO_MEMORY = 13,
    PW_NO_OWNER = 14,
    PW_FENCED = 15,
    PW_PRODUCER_LOST = 16,
    PW_TOO_SLOW = 17,
};

enum pw_right { PW_NONE = 0, PW_READ = 1, PW_WRITE = 2 };

/* Options of pw_connect; zero means the default. Fill with {0} and set what is needed. */
struct pw_options {
    const char *socket;        /* of dsmd; default: $PAGEWIRE_SOCKET, else the per-user default that dsmd uses too */
    const char *program;       /* name shown by `dsmctl status`; default: the process name */
    uint32_t connect_ms;       /* how long dsmd may be silent while it is connected to or asked, ms; default 5000. A dsmd that
                                  is at work says so ten times a second, and its own deadlines end the request */
    uint32_t reserved[5];
};

/* Flags of struct pw_region_options. */
#define PW_REGION_ANY_WRITER 1u /* programs of every host may store, not only those of the owner's (SPEC V7) */
#define PW_REGION_RESIDENT 2u   /* pw_export_with only: the file is read and locked in memory in advance (SPEC V9) */

/* How to make a region. Fill with {0} and set what is needed. */
struct pw_region_options {
    uint32_t page_size; /* bytes, a power of two, 4096 to 2 MiB; 0 = 4096 */
    uint32_t flags;     /* PW_REGION_ */
    /* Of a resident export, or NULL: called from the calling thread, about 50 times a second at most, with the bytes that are
     * in memory and the bytes in all; the last call before success has done == total. Other than 0 ends the call. It must not
     * disconnect the client. */
    int (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
    uint32_t reserved[4]; /* 0 */
};

/* Flags of pw_map and struct pw_map_options. */
#define PW_MAP_EAGER 1u     /* set the circuit up now instead of at the first fault */
#define PW_MAP_READ_ONLY 2u /* this mapping never stores; such mappings cost the kernel least */
#define PW_MAP_PRELOADED 4u /* all pages are brought and locked in memory before the call returns; no fault later (SPEC V10) */
#define PW_MAP_DUMP 8u      /* core dumps of this process have the region in them. Else they leave it out: to dump it, the kernel
                             * gives memory to every page that has none here, whatever --frames-max says. PAGEWIRE_DUMP=1 in the
                             * environment does the same for all regions and streams */

/* How to map a region. Fill with {0} and set what is needed. */
struct pw_map_options {
    uint32_t flags;     /* PW_MAP_ */
    uint32_t period_ms; /* with PW_MAP_PRELOADED: dsmd publishes and refreshes this often, and publishes at the end; 0 = never */
    /* Of a preloaded mapping, or NULL: as in struct pw_region_options. It must not unmap the region either. */
    int (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
    uint32_t reserved[4]; /* 0 */
};

/* What became of faults in one mapping since it was made; counts never go back. */
struct pw_stats {
    uint64_t read_faults;      /* faults served with read access */
    uint64_t write_faults;     /* faults served with write access */
    uint64_t failed_faults;    /* faults that ended in a failure */
    uint64_t retried_faults;   /* grants not applied because a newer revoke had come */
    uint64_t revokes;          /* revokes applied by the agent */
    uint64_t lost_events;      /* events dropped because the queue was full */
    uint64_t fault_ns;         /* total time from fault to right applied, ns */
    uint64_t fault_max_ns;     /* longest of them, ns */
    uint64_t vma_resets;       /* times scattered rights were taken together to keep the number of mappings bounded */
    uint64_t hold_ns;          /* time the agent kept pages so that their threads could progress, ns */
    uint64_t handler_entries;  /* times our SIGSEGV handler was entered for an address of this mapping */
    uint64_t lost_pages;       /* pages that went back to an older state, see PW_EVENT_LOST; a page counts each time */
};

/* An event of a region, for listeners; see pw_next_event. */
enum pw_event_kind {
    PW_EVENT_READ = 1,
    PW_EVENT_WRITE = 2,
    PW_EVENT_FAILED = 3,
    PW_EVENT_REVOKED = 4,
    /* The pages went back to an older state: the host that had written them is gone and had not forced what it wrote. Of a
     * preloaded mapping also: its dsmd ended, and what had not been published is gone. */
    PW_EVENT_LOST = 5,
};

struct pw_event {
    uint32_t kind;             /* enum pw_event_kind */
    uint32_t cause;            /* enum pw_cause, for PW_EVENT_FAILED */
    uint64_t page;             /* page number in the region */
    uint64_t count;            /* pages concerned */
    uint64_t duration_ns;      /* of the fault; of PW_EVENT_REVOKED: until the right was given up */
    int32_t thread;            /* kernel thread id of the thread that faulted; 0 when there was no fault */
    uint32_t reserved;
};

/* Connects to the dsmd of this host. -ENOENT / -ECONNREFUSED: no daemon at that socket. SPEC V14. */
int pw_connect(const struct pw_options *options, struct pw_client **client);

/* Unmaps every region of the client and closes the connection, also when one of them ends with an error; the first of these
 * errors is the result (see pw_unmap). The client must not be used afterwards. Safe with NULL: 0. */
int pw_disconnect(struct pw_client *client);

/* Name of this host as its dsmd announced it when the client connected; valid until pw_disconnect, never NULL. */
const char *pw_host(const struct pw_client *client);

/* Path of the socket the client is connected to, for those who left the choice to the library. Never NULL. */
const char *pw_socket(const struct pw_client *client);

/* Creates a region of size bytes (rounded up to whole pages) filled with zeros; this host becomes its owner.
 * page_size: bytes, a power of two, 4096 to 2 MiB, 0 = 4096. -EEXIST, -EINVAL, -EHOSTUNREACH (directory). SPEC V8, O2. */
int pw_create(struct pw_client *client, const char *name, uint64_t size, uint32_t page_size);

/* The same with more to choose. options may be NULL. SPEC V7. */
int pw_create_with(struct pw_client *client, const char *name, uint64_t size, const struct pw_region_options *options);

/* Makes an existing file a region of this host. path: absolute or relative to this process. A file is exported once, whatever link
 * or mount leads to it, and again when no program has the deleted region mapped any more. One that cannot be opened for writing (a
 * running program, a read-only file system) can only be read as a region: pw_warning says why. -ENOENT, -EEXIST, -EACCES, -EIO. */
int pw_export(struct pw_client *client, const char *name, const char *path, uint32_t page_size);

/* The same with more to choose; options may be NULL. With PW_REGION_RESIDENT it returns when all blocks are read and locked in
 * memory. -ETIMEDOUT then means that nothing moved for the deadline of a request. When it fails after the region was made, the
 * region is deleted again. A limit that keeps dsmd from locking the file is no error but a pw_warning. SPEC V9. */
int pw_export_with(struct pw_client *client, const char *name, const char *path, const struct pw_region_options *options);

/* Forgets the region everywhere; mappings of it fail from then on. Only on the owning host. Returns when no program of this host
 * can store into it any more; -ETIMEDOUT when one could not be ended. What other hosts have written and not forced does not come
 * home. Ends a stream of this name, with an error for its producer and its consumers. -ENOENT, -EACCES. */
int pw_delete(struct pw_client *client, const char *name);

/* Maps the region at its address. A process may map any number of regions in its life, and as many at once as its limits allow: each
 * takes about 8 descriptors (ulimit -n; of dsmd likewise), a thread and 7 mappings of the kernel (sysctl vm.max_map_count), at most
 * 65536 in all. -EMFILE, -ENOMEM, -EAGAIN: a limit is reached, and pw_error says which. -ENOENT: unknown region. -ENOTSUP: the program
 * was built with -fsanitize=thread. -EEXIST: something else stands in the address range (pw_error
 * names it). -EBUSY: this process has it mapped already. flags: PW_MAP_. SPEC V14, V15, O1, O3. */
int pw_map(struct pw_client *client, const char *name, uint32_t flags, struct pw_region **region);

/* The same with more to choose; options may be NULL. A preloaded mapping is filled, given its right for good and locked in
 * memory before the call returns; -ETIMEDOUT then also means that nothing moved for the deadline of a request. Where the
 * system does not let us lock the memory, its pages are made present all the same, and pw_warning says what to do. A call
 * that fails leaves nothing mapped. SPEC V10, V11. */
int pw_map_with(struct pw_client *client, const char *name, const struct pw_map_options *options, struct pw_region **region);

/* How to end a mapping. Fill with {0} and set what is needed. */
struct pw_unmap_options {
    uint32_t limit_ms; /* the longest the call waits for written pages to be home; 0 = as long as bytes get there */
    uint32_t flags;    /* 0 */
    /* Or NULL: called from the calling thread, about ten times a second while pages are not home, with the bytes that are left
     * and the most that ever were; the last call before success has left == 0. Other than 0 ends the wait (-ECANCELED). It must
     * not disconnect the client. */
    int (*progress)(void *context, uint64_t left, uint64_t total);
    /* Or NULL: when the call fails because pages are not home, called before it returns for each run of them: first page, how
     * many. */
    void (*not_home)(void *context, uint64_t first, uint64_t count);
    void *context;
    uint32_t reserved[4]; /* 0 */
};

/* Takes the mapping away. The address range stays reserved and inaccessible: a pointer that was kept fails with PW_CLOSED
 * and never reads memory that something else was given. When 256 other regions have been unmapped since, the range goes back to the
 * kernel: a pointer into it fails all the same, as long as nothing else has been put there, by a program that asks for the address by
 * number, or as a region of another directory. The handle must not be used afterwards, whatever the call gives. Safe with NULL: 0.
 *
 * When this was the last mapping of the region on this host, and its programs have written pages that are not at home yet, the
 * call then waits until they are; of a preloaded mapping, until what it changed is published. That takes as long as bytes get
 * there. 0 = all is home (or another program of this host maps the region, and the pages stay with it). Otherwise the mapping
 * is gone all the same, pw_error() names the pages, and options->not_home is told each run of them:
 *
 *     -ETIMEDOUT   not a byte has got home for the stall limit (dsmd's setting deadlines.stall-ms, 10 s), or the limit of the
 *                  options is over. Pages mapped on demand stay with this host's dsmd, which goes on bringing them home while it
 *                  runs (`dsmctl status` shows how many are left); changes of a preloaded mapping that stalled are gone. Also:
 *                  dsmd does not answer.
 *     -ECANCELED   the progress function ended the wait; dsmd goes on with it, too
 *     -ESTALE      they are lost: home had given this host up, could not store them, or has lost the region
 *     -ECONNRESET  dsmd has ended without having said that all is home, and with it what was written here and was not
 */
int pw_unmap(struct pw_region *region);

/* The same with more to choose; options may be NULL. -EINVAL: options that this version does not know; nothing was done. */
int pw_unmap_with(struct pw_region *region, const struct pw_unmap_options *options);

void *pw_address(const struct pw_region *region);
uint64_t pw_size(const struct pw_region *region);        /* bytes of content */
uint32_t pw_page_size(const struct pw_region *region);   /* bytes */
int pw_is_home(const struct pw_region *region);          /* 1 when this host owns the region */

/* Touches every page of the range from the calling thread, so that later accesses do not wait. access: PW_READ or PW_WRITE.
 * Returns 0, -ERANGE, or -EIO when a page could not be served (pw_error says which and why). */
int pw_prefetch(struct pw_region *region, uint64_t offset, uint64_t length, int access);

/* Like pw_prefetch, and keeps the pages for at most hold_ms (0 = half the revoke deadline, which is also the most), so that
 * system calls and futexes may use them. Ranges are taken in address order. pw_unpin returns -ESTALE when a pin had to be
 * given up before. At most 64 pins a mapping: -EAGAIN. */
int pw_pin(struct pw_region *region, uint64_t offset, uint64_t length, int access, uint32_t hold_ms, uint64_t *pin);
int pw_unpin(struct pw_region *region, uint64_t pin);

/* Returns when home has what programs of this host, whichever it is, wrote to the range before the call; for an exported file,
 * when it is on disk. Takes as long as bytes get on, however many there are. -EIO; -ETIMEDOUT: nothing has got on for the stall
 * limit (dsmd's setting deadlines.stall-ms, 10 s), or dsmd does not answer; -ECONNRESET: dsmd ended, and what was written and not
 * forced may be lost. SPEC V7. */
int pw_force(struct pw_region *region, uint64_t offset, uint64_t length);

/* Of a preloaded mapping only, else -EINVAL. pw_publish sends the bytes that programs of this host have changed since the last
 * exchange to home; pw_refresh takes over what others have changed, but leaves bytes alone that were changed here and not
 * published. *pages: how many pages were sent or taken over; may be NULL. They take as long as bytes get on.
 * -EHOSTDOWN, -ETIMEDOUT: nothing has got on for the stall limit (deadlines.stall-ms), or dsmd does not answer; pw_publish also -EPERM: not every host may write. SPEC V10, V11. */
int pw_publish(struct pw_region *region, uint64_t *pages);
int pw_refresh(struct pw_region *region, uint64_t *pages);

/*
 * Frame streams (SPEC V12). A producer writes into a window at a fixed address and swaps: the filled frame travels, and the window
 * shows an empty one at the same address. Consumers on any host see frame after frame in a window of their own, at the same
 * address (another one, with a pw_warning, where this process has a window of the stream there already). A stream exists as long
 * as its producer. Swapping moves page tables. A thread that touches the window in that moment sees the frame before or the frame
 * after; what it stores is in the frame that travels, or in the next one. (Before Linux 5.13 it waits for the end of the swap, and a
 * system call that is given the window then may fail with EFAULT.) One thread at a time may use a writer or a reader. Writers and
 * readers do not need their client once they are open. In a forked child their functions give -EPERM, and no window is there.
 */

/* Flags of struct pw_stream_options. */
#define PW_STREAM_DISCARD 1u /* pw_publish_frames: frames for which there is no consumer are let go, not kept for the first */
#define PW_STREAM_LATEST 2u  /* pw_subscribe_frames: skip to the newest whole frame; such a consumer never holds anybody up */
#define PW_STREAM_DUMP 4u    /* core dumps of this process have the frames in them, see PW_MAP_DUMP */

/* Options of both ends of a stream. Fill with {0} and set what is needed. */
struct pw_stream_options {
    uint64_t frame_size;  /* pw_publish_frames: bytes a frame may have, 1 to 1 GiB */
    uint32_t frames;      /* frames of this side, 2 to 16; 0 = 4 */
    uint32_t flags;       /* PW_STREAM_ */
    uint32_t deadline_ms; /* how long pw_swap and pw_next wait when told -1, and pw_drain while no consumer gets on; 0 = 10 s */
    uint32_t drop_ms;     /* pw_publish_frames: how long a lossless consumer may hold the producer up before it is dropped;
                           * 100 ms to 1 h; 0 = 5 s */
    uint32_t wait_ms;     /* pw_subscribe_frames: how long to wait for a producer; 0 = not at all */
    uint32_t reserved[5]; /* 0 */
};

/* A frame in a reader's window. */
struct pw_frame {
    uint64_t number;  /* the stream's first frame has 1 */
    uint64_t length;  /* bytes used */
    uint64_t time_ns; /* CLOCK_REALTIME when the producer swapped */
    uint64_t skipped; /* frames of the stream that were skipped between the one before and this one */
};

/* Counts of one end of a stream since it was opened. */
struct pw_stream_stats {
    uint64_t frames;      /* swapped */
    uint64_t bytes;       /* used bytes of them */
    uint64_t skipped;     /* frames skipped; reader only */
    uint64_t waits;       /* times that no frame was free, or none had come */
    uint64_t wait_ns;     /* total time of these waits, ns */
    uint64_t swap_ns;     /* total time to move the page tables, ns */
    uint64_t swap_max_ns; /* longest of them, ns */
    uint64_t retries;     /* faults that met a swap and waited for its end */
};

/* Opens the stream's one producer end; options->frame_size is needed. -EEXIST: a region has that name. -EBUSY: the stream has a
 * producer (pw_error says where), or this process is it. -ENOMEM, -ENOBUFS, -EINVAL. SPEC V12. */
int pw_publish_frames(struct pw_client *client, const char *name, const struct pw_stream_options *options,
                      struct pw_writer **writer);

/* The window: always the same address; its bytes are undefined after each swap, not zero. */
void *pw_writer_window(const struct pw_writer *writer);
uint64_t pw_writer_size(const struct pw_writer *writer); /* bytes of a frame */

/* Lets the frame in the window travel, with its first length bytes in use, once there is an empty one for the window. timeout_ms:
 * at most that long, 0 = do not wait, -1 = the deadline of the options. -ETIMEDOUT: no frame is free (pw_error says who holds
 * them, if there was time to ask); the window is as it was, and the call may be made again. From a first call that found none
 * until a frame is free the producer counts as held up, whether it is in a call or not: so consumers that are too slow are
 * dropped also when it only polls. -EMSGSIZE: longer than a frame. Other errors: the stream is over; -EPIPE, -ECONNRESET.
 * SPEC V12. */
int pw_swap(struct pw_writer *writer, uint64_t length, int timeout_ms);

/* Returns when every consumer that is not PW_STREAM_LATEST has been given all frames, 0; -ETIMEDOUT: not all of them (pw_error
 * says who is missing). timeout_ms: at most that long; -1 = as long as consumers get on, until none has for the deadline of the
 * options. Waits for a first consumer, too, unless PW_STREAM_DISCARD; dsmd has 100 ms for its answer at least. */
int pw_drain(struct pw_writer *writer, int timeout_ms);

void pw_writer_stats(const struct pw_writer *writer, struct pw_stream_stats *stats);

/* The end of the stream: consumers get what was swapped, then the end. What no consumer has asked for goes. A producer that ends
 * without this call gives its consumers an error instead. Safe with NULL; the writer must not be used any more. Its window is
 * inaccessible afterwards, or private memory in mode PW_FAIL_RECORD; the same holds for readers. */
void pw_writer_close(struct pw_writer *writer);

/* As pw_writer_close, but the stream is not finished: what is to come does not come. Consumers get what was swapped, then the error
 * that they would get if the producer had died (PW_PRODUCER_LOST). */
void pw_writer_abandon(struct pw_writer *writer);

/* Opens a consumer's end; options may be NULL. It sees the frames that are swapped from now on; the first consumer of all also
 * those kept for it. -ENOENT: no such stream within wait_ms. -EEXIST: something else stands at its address. -EHOSTDOWN,
 * -ENOMEM, -ENOBUFS. SPEC V12. */
int pw_subscribe_frames(struct pw_client *client, const char *name, const struct pw_stream_options *options,
                        struct pw_reader **reader);

/* The window, for reading: no frame stands in it before the first pw_next. */
const void *pw_reader_window(const struct pw_reader *reader);
uint64_t pw_reader_size(const struct pw_reader *reader); /* bytes of a frame */

/* Waits for the next frame and swaps it into the window; until then the one before stays there. timeout_ms as for pw_swap. 1 =
 * there is a new frame, 0 = the end of the stream: its producer has finished. -ETIMEDOUT: none has come, try again. Other
 * errors say how the stream was lost: -EPIPE its producer died, -EHOSTDOWN its host, -ENOBUFS we were too slow and dropped,
 * -ECONNRESET dsmd ended. SPEC V12. */
int pw_next(struct pw_reader *reader, struct pw_frame *frame, int timeout_ms);

void pw_reader_stats(const struct pw_reader *reader, struct pw_stream_stats *stats);
void pw_reader_close(struct pw_reader *reader); /* safe with NULL; the reader must not be used any more */

int pw_get_stats(const struct pw_region *region, struct pw_stats *stats);

/* Takes the next event of the region; waits at most timeout_ms (-1 = for ever). 1 = one event, 0 = none in time,
 * -ESHUTDOWN = region unmapped. Events are queued only after the first call; the queue holds 4096 and never blocks. */
int pw_next_event(struct pw_region *region, struct pw_event *event, int timeout_ms);

/* Asks the daemon: "status", "regions", "region NAME", "streams", "circuits", "pages NAME". *json is malloc'ed; the caller frees
 * it. "regions" tells of the first 1000 by name; when there are more, the answer has a field "next", and "regions 1000 NEXT"
 * tells of those after it. */
int pw_query(struct pw_client *client, const char *what, char **json);

/* What a failed load or store does in this process. PW_FAIL_SIGBUS (default): SIGBUS. PW_FAIL_RECORD: the load sees zeros,
 * the store is lost, and the failure is recorded for the caller to ask for (what the Java API uses). Call before pw_map. */
enum pw_failure_mode { PW_FAIL_SIGBUS = 0, PW_FAIL_RECORD = 1 };
int pw_set_failure_mode(enum pw_failure_mode mode);

/* The text for a cause: one clause, never NULL. */
const char *pw_cause_text(int cause);

/* The text of the calling thread's last error; "" when there was none. Valid until the thread's next call; pw_unmap and pw_disconnect
 * leave it as it is when they succeed, so that it may be printed after the cleaning up. */
const char *pw_error(void);

/* The text of a warning of the calling thread's last call, which did what it should, but not quite as well as it should (memory
 * that could not be locked); "" when there is none. Valid until the thread's next call. */
const char *pw_warning(void);

/* "guard" or "mprotect": the engine that serves this mapping. Forced by PAGEWIRE_ENGINE=guard|mprotect. */
const char *pw_engine(const struct pw_region *region);

/* Makes our SIGSEGV and SIGBUS handlers the first ones again when somebody replaced them after the first pw_map. Done by
 * every pw_map as well. Needed after a later sigaction of the program or of a library whose handler does not pass on what is not
 * its own; not needed when it does. */
int pw_reinstall_handler(void);

#ifdef __cplusplus
}
#endif
#endif
