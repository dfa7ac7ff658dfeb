/*
 * Why an agent holds a page: one thread whose instruction needs PAGES pages at once, its agent, and a daemon that takes each
 * page back as soon as it likes, again and again, because other hosts want it too. Nothing here is bounded: the search is for a
 * run that goes on for ever without the instruction ever being done, while every process that can go on does go on.
 *
 * A hold is a time in the code. Here it is what that time is for: it lasts until the thread has run its instruction again; the
 * hold of a series of pages, which doubles as long as the instruction gets nowhere, until the instruction is done. Numbers are
 * left out: nothing is granted while a revoke is unanswered (rights.pml), so a grant that the thread has in its hands when the
 * agent applies a revoke of its page is always the older of the two.
 */
#ifndef PAGES
#define PAGES 2
#endif

#ifdef NO_13_SETTLE     /* a revoke does not let the thread apply the grant that came before it */
#define RULE_13_SETTLE 0
#else
#define RULE_13_SETTLE 1
#endif
#ifdef NO_13_HOLD       /* a revoke is applied although the thread had no time to use the page */
#define RULE_13_HOLD 0
#else
#define RULE_13_HOLD 1
#endif
#ifdef NO_13_SERIES     /* holds never cover the time in which the other pages of the instruction are fetched */
#define RULE_13_SERIES 0
#else
#define RULE_13_SERIES 1
#endif

#define RUNS 0
#define ASKED 1         /* FAULT is on the line, or the daemon makes it wait */
#define GRANTED 2       /* GRANT is on the line */
byte thread, page;      /* what the thread does, and for which page */
bit right[PAGES];       /* pw_region.right[] */
bit fresh[PAGES];       /* applied, and the instruction has not run again since */
bit series[PAGES];      /* applied, and the instruction is not done */
bit given[PAGES];       /* the daemon's books */
bit busy[PAGES];        /* a revoke is with the agent */

#define HELD(g) (RULE_13_HOLD && (fresh[g] || series[g] && RULE_13_SERIES))
#define OWES(g) (thread == GRANTED && page == g && RULE_13_SETTLE)
#define ABLE (right[0] && right[PAGES - 1])

active proctype Thread() {
    do
    /* The instruction runs through. */
    :: thread == RUNS && ABLE -> d_step {
            fresh[0] = 0; fresh[PAGES - 1] = 0; series[0] = 0; series[PAGES - 1] = 0; printf("done\n")
        };
progress:   skip
    /* It does not: pw_fault (fault.c) for the page that is missing. */
    :: d_step { thread == RUNS && !ABLE ->
            fresh[0] = 0; fresh[PAGES - 1] = 0;
            page = (right[0] -> PAGES - 1 : 0); thread = ASKED; printf("faults on page %d\n", page)
        }
    /* pw_rights_grant (rights.c): too old, or applied; then the pages of the series are held. */
    :: d_step { thread == GRANTED ->
            if
            :: given[page] -> right[page] = 1; fresh[page] = 1; series[page] = 1; printf("applies page %d\n", page)
            :: else -> printf("comes too late with page %d\n", page)
            fi;
            thread = RUNS; page = 0
        }
    od
}

active proctype Daemon() {
    do
    /* HomePages.fault, HomePages.pump, ClientPages.fault, ClientPages.serve; LocalRights.grant */
    :: d_step { thread == ASKED && !busy[page] -> given[page] = 1; thread = GRANTED; printf("page %d is granted\n", page) }
    /* HomePages.serve, ClientRevokes.take; LocalRights.revoke */
    :: d_step { given[0] && !busy[0] -> busy[0] = 1; printf("page 0 is revoked\n") }
#if PAGES > 1
    :: d_step { given[1] && !busy[1] -> busy[1] = 1; printf("page 1 is revoked\n") }
#endif
    od
}

/* work (agent.c), apply (agent.c): pw_lines_owe (line.c), pw_hold_until (hold.c), pw_rights_revoke (rights.c), answer (agent.c) */
active proctype Agent() {
    do
    :: d_step { busy[0] && !HELD(0) && !OWES(0) ->
            right[0] = 0; fresh[0] = 0; series[0] = 0; given[0] = 0; busy[0] = 0; printf("the agent takes page 0\n")
        }
#if PAGES > 1
    :: d_step { busy[1] && !HELD(1) && !OWES(1) ->
            right[1] = 0; fresh[1] = 0; series[1] = 0; given[1] = 0; busy[1] = 0; printf("the agent takes page 1\n")
        }
#endif
    od
}
