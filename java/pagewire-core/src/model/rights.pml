/*
 * One host: its daemon, two processes with their faulting threads and agents, two pages. The daemon gives rights out and takes
 * them back; a right is given on a fault line and taken through the agent, two sockets that nothing keeps in order.
 *
 * INITIAL 0 is a host that does not own the region: a mapping starts with no right, and every right is in the page's mask of
 * processes. INITIAL 1 is home: a mapping starts with read access, and the mask of a page names its writers.
 *
 * The daemon's steps are those of io.pagewire.core (LocalRights, with the busy bit of HomePages and ClientPages), the
 * processes' steps those of native/src, where a function is named with its file. What other hosts do is here only as the wish
 * to take a right back, at any moment: page.pml says when that is. How long an agent holds a page is up to the checker: a
 * revoke waits as long as it likes, and those of other pages overtake it. hold.pml shows what holding is good for.
 *
 * What is checked: once every answer to a revoke is in, no thread of any process can use more than what was left; a stopped
 * process that runs on later included, until it is dead. And nobody waits for ever: every run is finite, and where nothing more
 * has to happen nobody waits.
 */
#ifndef KFAULT          /* faults of each thread, those it repeats after a grant that came too late not counted */
#define KFAULT 2
#endif
#ifndef KSECOND         /* the same for the second thread of process 0 */
#define KSECOND 0
#endif
#ifndef KLONE           /* page 1 is asked for by itself as well, not only as the end of a run */
#define KLONE 0
#endif
#ifndef KREVOKE         /* revokes of one page */
#define KREVOKE 2
#endif
#ifndef KALL            /* revokes of the whole region: a lost circuit, a lost directory session */
#define KALL 1
#endif
#ifndef KSESSION        /* restarts of the daemon */
#define KSESSION 1
#endif
#ifndef KSTOP           /* processes that are stopped (SIGSTOP), perhaps for ever */
#define KSTOP 1
#endif
#ifndef INITIAL         /* the right a mapping starts with: none at a client, read at home */
#define INITIAL 0
#endif

#ifdef NO_8             /* rights are given on a page whose revoke is not answered */
#define RULE_8 0
#else
#define RULE_8 1
#endif
#ifdef NO_9             /* grants are applied whatever their number */
#define RULE_9 0
#else
#define RULE_9 1
#endif
#ifdef NO_9_PAGE        /* a run is compared by the page that faulted only */
#define RULE_9_PAGE 0
#else
#define RULE_9_PAGE 1
#endif
#ifdef NO_9_SESSION     /* a grant of an earlier session of the daemon is applied */
#define RULE_9_SESSION 0
#else
#define RULE_9_SESSION 1
#endif
#ifdef NO_9_EMPTY       /* a process keeps its rights when its daemon's session ends, and maps again */
#define RULE_9_EMPTY 0
#else
#define RULE_9_EMPTY 1
#endif
#ifdef NO_11            /* waiters are not looked at again when the revoke is answered */
#define RULE_11 0
#else
#define RULE_11 1
#endif
#ifdef NO_FENCE         /* a process that does not answer loses its sockets, not its life */
#define FENCE_KILLS 0
#else
#define FENCE_KILLS 1
#endif
#ifdef NO_MASK          /* only the process that asked last is asked for a right, not everyone who was given it */
#define MASK_KEPT 0
#else
#define MASK_KEPT 1
#endif

#define N 0
#define R 1
#define W 2
#define WHOLE 2         /* in place of a page: the whole region */
#define THREADS 3       /* two of process 0, one of process 1 */
#define OWNER(i) ((i) == 2)
#define X(p, g) ((p) * 2 + (g))

/* Processes. A stopped one does nothing, but its rights stay; a dead one has none. */
#define OPEN 0
#define LOST 1          /* the agent has seen the daemon's sockets close (lose in reconnect.c) */
#define DEAD 2
#define JOINS 3         /* the daemon has answered MAP; the frames are not in their place yet (place_frames in reconnect.c) */
byte state[2], gen[2];
bit stopped[2];
byte sess[2];           /* the session it has mapped in */
byte first[2];          /* the right the answer to MAP gave */
byte right[4];          /* pw_region.right[] */
byte revd[4];           /* pw_region.revoked[] */
byte floor[2];          /* pw_region.floor */

/* Threads: what each one waits for, and the answer in its hands or on its line. */
#define RUNS 0
#define ASKED 1         /* the request is on the line */
#define WAITS 2         /* the daemon has it, and makes it wait */
#define GRANTED 3       /* the answer is on the line, or read and not yet applied */
byte ts[THREADS], tpage[THREADS], twant[THREADS], tgen[THREADS], tseq[THREADS], trun[THREADS], tright[THREADS], tk[THREADS];

/* Agents: page, right left, number; and their answers. */
chan rv[2] = [4] of { byte, byte, byte };
chan ak[2] = [4] of { byte };

/* The daemon. */
byte session;
byte seq[2];            /* LocalRights.sequence */
bit mapped[2];          /* LocalRights.open */
byte most[2];           /* what other hosts must reckon with on a page: PageTable.right */
bit holds[4];           /* PageTable.mappings */
bit may[2];             /* LocalRights.mayHold */
bit busy[2], taking;    /* one revoke a page under way; everything is being taken (takingOperation) */
byte left[2];
byte due[4], dueall[2]; /* number of the unanswered revoke, 0 = none */
bit fenced[2];
byte kr, ka, kx, ks;

hidden byte g_, i_, n_;

#define BROKEN(why) printf(why); assert(false)
#define ABOVE(p, g) (state[p] != DEAD && sess[p] == session && mapped[p] && right[X(p, g)] > most[g])
#define HAS_ANY(p) (state[p] != DEAD && sess[p] == session && mapped[p] && (right[X(p, 0)] != N || right[X(p, 1)] != N))
#define WAITING(i) (state[OWNER(i)] != DEAD && !stopped[OWNER(i)] && ts[i] != RUNS)
#define THREAD_QUIET(i) (ts[i] != ASKED && !(ts[i] == GRANTED && !stopped[OWNER(i)] && state[OWNER(i)] != DEAD))
#define OWES(p) (mapped[p] && (due[X(p, 0)] != 0 || due[X(p, 1)] != 0 || dueall[p] != 0))
#define PROCESS_QUIET(p) (state[p] == DEAD && !OWES(p) || stopped[p] && !OWES(p) && !fenced[p] \
    || !stopped[p] && state[p] == OPEN && sess[p] == session && len(rv[p]) == 0)
#define QUIET (len(ak[0]) == 0 && len(ak[1]) == 0 && PROCESS_QUIET(0) && PROCESS_QUIET(1) \
    && THREAD_QUIET(0) && THREAD_QUIET(1) && THREAD_QUIET(2))

/*
 * Numbers are compared only with those of grants and revokes that are still on their way. When none is, the count may start
 * again: all later numbers are greater than all earlier ones in either case. This saves states, nothing else.
 */
inline renumber(p, i, j) {
    if
    :: ts[i] != GRANTED && ts[j] != GRANTED && len(rv[p]) == 0 && len(ak[p]) == 0 && !OWES(p) && sess[p] == session ->
        seq[p] = 0; floor[p] = 0; revd[X(p, 0)] = 0; revd[X(p, 1)] = 0
    :: else
    fi
}

inline look() {
    renumber(0, 0, 1); renumber(1, 2, 2);
    if
    :: ABOVE(0, 0) || ABOVE(0, 1) || ABOVE(1, 0) || ABOVE(1, 1) ->
        BROKEN("BROKEN: a process has a right that others were told is gone\n")
    :: else ->
        if
        :: QUIET && (WAITING(0) || WAITING(1) || WAITING(2)) -> BROKEN("BROKEN: a thread waits for ever\n")
        :: QUIET && (busy[0] || busy[1] || taking) -> BROKEN("BROKEN: a page is busy for ever\n")
        :: else
        fi
    fi
}

#include "rights_daemon.pml"

/* pw_rights_grant (rights.c): under the lock of the region. An overtaken grant: the thread faults again. */
inline apply(i, p) {
    g_ = tpage[i];
    if
    :: (tgen[i] != gen[p] || state[p] != OPEN) && RULE_9_SESSION || (tseq[i] < floor[p] || tseq[i] < revd[X(p, g_)]) && RULE_9 ->
        printf("thread %d comes too late with number %d\n", i, tseq[i]); ts[i] = RUNS; tk[i]--
    :: else ->
        right[X(p, g_)] = (right[X(p, g_)] < tright[i] -> tright[i] : right[X(p, g_)]);
        if
        :: trun[i] == 2 && (tseq[i] >= revd[X(p, 1)] || !RULE_9_PAGE || !RULE_9) ->
            right[X(p, 1)] = (right[X(p, 1)] < tright[i] -> tright[i] : right[X(p, 1)])
        :: else
        fi;
        printf("thread %d applies right %d\n", i, tright[i]); ts[i] = RUNS
    fi;
    tpage[i] = 0; twant[i] = 0; tgen[i] = 0; tseq[i] = 0; trun[i] = 0; tright[i] = 0; g_ = 0
}

#define MAYFAULT(i, p) (tk[i] < (i == 1 -> KSECOND : KFAULT) && (right[X(p, 0)] < W || KLONE && right[X(p, 1)] < R))

proctype Thread(byte i; byte p) {
end:
    do
    /* pw_fault (fault.c): the generation is read before the request is sent. */
    :: atomic { ts[i] == RUNS && state[p] == OPEN && !stopped[p] && MAYFAULT(i, p) ->
        if
        :: right[X(p, 0)] < R -> tpage[i] = 0; twant[i] = R
        :: right[X(p, 0)] < W -> tpage[i] = 0; twant[i] = W
        :: KLONE && right[X(p, 1)] < R -> tpage[i] = 1; twant[i] = R
        fi;
        d_step { ts[i] = ASKED; tk[i]++; tgen[i] = gen[p]; look() }
    }
    :: d_step { ts[i] == GRANTED && !stopped[p] && state[p] != DEAD -> apply(i, p); look() }
    od
}

proctype Agent(byte p) {
    byte page, to, s;
end:
    do
    /* work (agent.c), pw_rights_revoke (rights.c), answer (agent.c): a revoke whose hold is over, perhaps not the oldest. */
    :: atomic { state[p] == OPEN && !stopped[p] && sess[p] == session && len(rv[p]) > 0 ->
        if
        :: rv[p]??0,to,s -> page = 0
        :: rv[p]??1,to,s -> page = 1
        :: rv[p]??WHOLE,to,s -> page = WHOLE
        fi;
        d_step {
            if
            :: page != 1 -> right[X(p, 0)] = (right[X(p, 0)] > to -> to : right[X(p, 0)])
            :: else
            fi;
            if
            :: page != 0 -> right[X(p, 1)] = (right[X(p, 1)] > to -> to : right[X(p, 1)])
            :: else
            fi;
            if :: page == WHOLE -> floor[p] = s :: else -> revd[X(p, page)] = s fi;
            ak[p]!s;
            look(); page = 0; to = 0; s = 0
        }
    }
    /*
     * lose (reconnect.c), pw_rights_take_all_locked (rights.c): the sockets are closed. Requests on the lines are lost, their
     * threads fault again.
     */
    :: d_step { (state[p] == OPEN || state[p] == JOINS) && !stopped[p] && sess[p] != session ->
        state[p] = LOST; gen[p]++; first[p] = 0;
        if :: RULE_9_EMPTY -> right[X(p, 0)] = N; right[X(p, 1)] = N :: else fi;
        do :: len(rv[p]) > 0 -> rv[p]?_,_,_ :: else -> break od;
        n_ = 0;
        do
        :: n_ < THREADS ->
            if
            :: OWNER(n_) == p && (ts[n_] == ASKED || ts[n_] == WAITS) ->
                ts[n_] = RUNS; tk[n_]--; tpage[n_] = 0; twant[n_] = 0; tgen[n_] = 0
            :: else
            fi;
            n_++
        :: else -> break
        od;
        n_ = 0;
        printf("process %d loses its daemon\n", p);
        look()
    }
    /* attempt (reconnect.c); HomeRegion.mappingOpened, ClientRegion.mappingOpened, LocalRights.open */
    :: d_step { state[p] == LOST && !stopped[p] ->
        state[p] = JOINS; sess[p] = session; mapped[p] = 1;
        if
        :: INITIAL && !taking ->
            first[p] = R; may[p] = 1
        :: else
        fi;
        printf("process %d maps again, first right %d\n", p, first[p]);
        look()
    }
    /* place_frames (reconnect.c), pw_rights_initial (rights.c), by the agent's thread: no revoke of this session is read before. */
    :: d_step { state[p] == JOINS && !stopped[p] && sess[p] == session ->
        state[p] = OPEN; revd[X(p, 0)] = 0; revd[X(p, 1)] = 0; floor[p] = 0;
        if :: RULE_9_EMPTY -> right[X(p, 0)] = first[p]; right[X(p, 1)] = first[p] :: else fi;
        first[p] = 0;
        printf("process %d runs in session %d\n", p, session);
        look()
    }
    /* Somebody stops the process, and perhaps lets it go on; the daemon kills it (LocalPort.fence). */
    :: d_step { kx < KSTOP && !stopped[p] && state[p] != DEAD ->
        kx++; stopped[p] = 1; printf("process %d is stopped\n", p); look()
    }
    :: d_step { stopped[p] && state[p] != DEAD && !(fenced[p] && FENCE_KILLS) ->
        stopped[p] = 0; printf("process %d runs on\n", p); look()
    }
    :: d_step { fenced[p] && FENCE_KILLS && state[p] != DEAD ->
        state[p] = DEAD; right[X(p, 0)] = N; right[X(p, 1)] = N; printf("process %d is dead\n", p); look()
    }
    od
}

init {
    d_step {
        mapped[0] = 1; mapped[1] = 1;
        g_ = 0;
        do
        :: g_ < 4 -> right[g_] = INITIAL; g_++
        :: else -> break
        od;
        g_ = 0; most[0] = INITIAL; most[1] = INITIAL; may[0] = INITIAL; may[1] = INITIAL
    };
    atomic { run Daemon(); run Thread(0, 0); run Thread(1, 0); run Thread(2, 1); run Agent(0); run Agent(1) }
}
