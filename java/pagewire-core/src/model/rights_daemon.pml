/* rights.pml: what the daemon of a host does with the rights of its processes. */

/* PageTable.grant; a read at home changes nothing in the table. */
inline mark(p, page, to) {
    if
    :: INITIAL && to == R -> skip
    :: else ->
        if :: INITIAL && most[page] < to || !MASK_KEPT -> holds[page] = 0; holds[2 + page] = 0 :: else fi;
        most[page] = (most[page] < to -> to : most[page]);
        holds[X(p, page)] = 1
    fi
}

/* LocalRights.grant. A run: the neighbour goes along where it may (HomeGrants.read, HomeGrants.write, ClientPages.grant). */
inline grant(i) {
    seq[OWNER(i)]++;
    ts[i] = GRANTED; tseq[i] = seq[OWNER(i)]; tright[i] = twant[i]; trun[i] = 1;
    may[OWNER(i)] = 1;
    mark(OWNER(i), tpage[i], twant[i]);
    if
    :: tpage[i] == 0 && !busy[1] -> trun[i] = 2; mark(OWNER(i), 1, twant[i])
    :: else
    fi;
    printf("daemon: right %d on %d page(s) from %d to thread %d, number %d\n", twant[i], trun[i], tpage[i], i, tseq[i])
}

/* HomePages.pump, ClientPages.serve, ClientPages.askForWaiters */
inline serveWaiters() {
    i_ = 0;
    do
    :: i_ < THREADS ->
        if :: ts[i_] == WAITS && !busy[tpage[i_]] && !taking && RULE_11 -> grant(i_) :: else fi;
        i_++
    :: else -> break
    od;
    i_ = 0
}

/* LocalRights.ask */
inline ask(p, page, to) {
    seq[p]++;
    assert(len(rv[p]) < 4);
    if :: !fenced[p] && sess[p] == session && (state[p] == OPEN || state[p] == JOINS) -> rv[p]!page,to,seq[p] :: else fi;
    printf("daemon: process %d gives page %d (2 = all) up to right %d, number %d\n", p, page, to, seq[p])
}

/* All answers to the revoke of a page are in: HomePages.revokeAnswered, ClientRevokes.answered. */
inline pageFree(page) {
    if
    :: busy[page] && due[page] == 0 && due[2 + page] == 0 ->
        busy[page] = 0;
        most[page] = (most[page] > left[page] -> left[page] : most[page]);
        /* PageTable.reduce, PageTable.remote. Remote writers: readers of a page that is no longer written stay in the mask. */
        if :: INITIAL || left[page] == N -> holds[page] = 0; holds[2 + page] = 0 :: else fi;
        left[page] = 0
    :: else
    fi
}
/* HomeRegion.revokeAnswered, HomeRegion.reopen; ClientRegion.closeWhenEmpty */
inline allFree() {
    if
    :: taking && dueall[0] == 0 && dueall[1] == 0 ->
        if
        :: HAS_ANY(0) || HAS_ANY(1) -> BROKEN("BROKEN: a process has a right after everything was taken\n")
        :: else
        fi;
        taking = 0; most[0] = INITIAL; most[1] = INITIAL;
        holds[0] = 0; holds[1] = 0; holds[2] = 0; holds[3] = 0
    :: else
    fi
}
inline answered() { pageFree(0); pageFree(1); allFree(); serveWaiters() }

/* HomeRegion.mappingGone, ClientRegion.mappingGone, LocalRights.close: the process is proven to have no rights. */
inline gone(p) {
    mapped[p] = 0; may[p] = 0; due[X(p, 0)] = 0; due[X(p, 1)] = 0; dueall[p] = 0;
    holds[X(p, 0)] = 0; holds[X(p, 1)] = 0;
    n_ = 0;
    do
    :: n_ < THREADS -> if :: OWNER(n_) == p && ts[n_] == WAITS -> ts[n_] = RUNS :: else fi; n_++
    :: else -> break
    od;
    n_ = 0;
    answered()
}

inline revokePage(page, to) {
    kr++; busy[page] = 1; left[page] = to;
    if :: mapped[0] && may[0] && holds[page] -> ask(0, page, to); due[page] = seq[0] :: else fi;
    if :: mapped[1] && may[1] && holds[2 + page] -> ask(1, page, to); due[2 + page] = seq[1] :: else fi;
    answered()
}

proctype Daemon() {
    byte p, i, s;
end:
    do
    /* HomeRegion.localFault, ClientRegion.localFault */
    :: atomic {
        if :: ts[0] == ASKED -> i = 0 :: ts[1] == ASKED -> i = 1 :: ts[2] == ASKED -> i = 2 fi;
        d_step {
            if
            /* The line is closed. */
            :: sess[OWNER(i)] != session || !mapped[OWNER(i)] || fenced[OWNER(i)] ->
                ts[i] = RUNS; tpage[i] = 0; twant[i] = 0; tgen[i] = 0
            :: else -> if :: !taking && (!busy[tpage[i]] || !RULE_8) -> grant(i) :: else -> ts[i] = WAITS fi
            fi;
            look(); i = 0
        }
    }
    /* HomePages.serve, ClientRevokes.take, LocalRights.revoke. Page 1 goes back to read: at home, or remote writers. */
    :: d_step { kr < KREVOKE && !busy[0] && !taking && most[0] > INITIAL -> revokePage(0, INITIAL); look() }
    :: d_step { kr < KREVOKE && !busy[1] && !taking && most[1] > INITIAL -> revokePage(1, INITIAL); look() }
    :: d_step { kr < KREVOKE && !busy[1] && !taking && most[1] > R -> revokePage(1, R); look() }
    /* HomeRegion.takeAll, ClientRegion.circuitLost, LocalRights.revokeAll */
    :: d_step { ka < KALL && !taking ->
        ka++; taking = 1;
        if :: mapped[0] && may[0] -> may[0] = 0; ask(0, WHOLE, N); dueall[0] = seq[0] :: else fi;
        if :: mapped[1] && may[1] -> may[1] = 0; ask(1, WHOLE, N); dueall[1] = seq[1] :: else fi;
        answered(); look()
    }
    /* LocalRights.revoked, LocalRights.settle */
    :: atomic {
        if :: len(ak[0]) > 0 -> p = 0 :: len(ak[1]) > 0 -> p = 1 fi;
        d_step {
            ak[p]?s;
            if
            :: fenced[p] -> skip
            :: else ->
                due[X(p, 0)] = (due[X(p, 0)] == s -> 0 : due[X(p, 0)]);
                due[X(p, 1)] = (due[X(p, 1)] == s -> 0 : due[X(p, 1)]);
                dueall[p] = (dueall[p] == s -> 0 : dueall[p]);
                answered()
            fi;
            look(); p = 0; s = 0
        }
    }
    /* LocalRights.tick, LocalPort.fence: a process that has not answered in time. Then LocalRights.close, once it is dead. */
    :: atomic {
        if
        :: !fenced[0] && OWES(0) && stopped[0] -> p = 0
        :: !fenced[1] && OWES(1) && stopped[1] -> p = 1
        fi;
        d_step {
            fenced[p] = 1; printf("daemon: process %d is fenced\n", p);
            if :: !FENCE_KILLS -> gone(p); mapped[p] = 1 :: else fi;
            look(); p = 0
        }
    }
    :: atomic {
        if :: fenced[0] && mapped[0] && state[0] == DEAD -> p = 0 :: fenced[1] && mapped[1] && state[1] == DEAD -> p = 1 fi;
        d_step { gone(p); look(); p = 0 }
    }
    /* The daemon is killed; the next one starts with an empty table and knows no mapping. */
    :: d_step { ks < KSESSION ->
        ks++; session++; printf("daemon: session %d\n", session);
        seq[0] = 0; seq[1] = 0; mapped[0] = 0; mapped[1] = 0; fenced[0] = 0; fenced[1] = 0;
        most[0] = INITIAL; most[1] = INITIAL; may[0] = 0; may[1] = 0; busy[0] = 0; busy[1] = 0; taking = 0;
        holds[0] = 0; holds[1] = 0; holds[2] = 0; holds[3] = 0;
        left[0] = 0; left[1] = 0; due[0] = 0; due[1] = 0; due[2] = 0; due[3] = 0; dueall[0] = 0; dueall[1] = 0;
        n_ = 0;
        do :: n_ < THREADS -> if :: ts[n_] == WAITS -> ts[n_] = ASKED :: else fi; n_++ :: else -> break od;
        n_ = 0;
        do :: len(ak[0]) > 0 -> ak[0]?_ :: else -> break od;
        do :: len(ak[1]) > 0 -> ak[1]?_ :: else -> break od;
        look()
    }
    od
}
