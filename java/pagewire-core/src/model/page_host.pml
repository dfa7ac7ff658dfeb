/* page.pml: what a host does that does not own the region (ClientRegion, ClientPages, ClientLink, Withdrawals). */

/*
 * ClientPages.fault, ClientPages.askForWaiters, ClientPages.serve: whoever waits is served when the page is here, else the page
 * is asked for once.
 */
inline ask(h) {
    if
    :: link[h] == L_UP && want[h] != N && pend[h] == 0 && !wd[h] ->
        if
        :: want[h] <= st[h] -> want[h] = N
        :: want[h] == R && st[h] == N -> pend[h] = R; sendUp(h, FETCH, R, 0, 0)     /* ClientPort.fetch */
        :: want[h] == W && st[h] < W -> pend[h] = W; sendUp(h, WANT_WRITE, st[h], 0, 0)   /* remote writers */
        fi
    :: else
    fi
}

/* ClientPages.arrived */
inline arrived(h, to) {
    st[h] = to; g[h] = n; pend[h] = 0; ask(h)
}

/* ClientPages.withdrawRun: the processes are asked to give rights up; withdrawn() follows. */
inline withdraw(h, to) {
    wd[h] = 1; wdto[h] = to;
    if :: !RULE_5_REVOKE && st[h] == W -> early[h] = v[h] :: else fi
}

/* The answer to a purge (Withdrawals.freed, ClientPort.purged) or a recall, or what has still to be taken before it. */
inline answer(h) {
    if
    :: owed[h] == 1 && st[h] == N -> owed[h] = 0; sendUp(h, PURGED, 0, 0, owedn[h]); owedn[h] = 0
    :: owed[h] == 1 && st[h] != N -> withdraw(h, N)
    :: owed[h] == 2 && st[h] <= owedto[h] -> owed[h] = 0; sendUp(h, RECALLED, st[h], 0, owedn[h]); owedn[h] = 0; owedto[h] = 0
    :: owed[h] == 2 && st[h] > owedto[h] -> withdraw(h, owedto[h])
    :: else
    fi
}

/* ClientPages.withdrawn, ClientPages.giveUp, ClientPages.release: every process has answered. Bytes leave only now (rule 5). */
inline withdrawn(h) {
    if
    :: st[h] == W ->                                                    /* remote writers */
        d = (early[h] != 0 -> early[h] : v[h]);
        if
        :: vol[h] || owed[h] == 0 -> sendUp(h, WRITEBACK, wdto[h], d, g[h])
        :: else -> owed[h] = 0; sendUp(h, RECALLED, wdto[h], d, owedn[h]); owedn[h] = 0; owedto[h] = 0
        fi;
        if :: RULE_5_KEEP -> keep[h] = d; keepn[h] = g[h] :: else fi
    :: st[h] == R && wdto[h] == N && vol[h] -> sendUp(h, RELEASE, 0, 0, g[h])
    :: else
    fi;
    st[h] = wdto[h]; v[h] = (st[h] == N -> 0 : v[h]); g[h] = (st[h] == N -> 0 : g[h]);
    wd[h] = 0; wdto[h] = 0; vol[h] = 0; early[h] = 0;
    answer(h);
    ask(h)
}

/* ClientPages.forgetCircuit */
inline forgetCircuit(h) {
    pend[h] = 0; owed[h] = 0; owedn[h] = 0; owedto[h] = 0; wd[h] = 0; wdto[h] = 0; vol[h] = 0; early[h] = 0; again[h] = 0
}

inline fromHome(h) {
    printf("%d reads %e: right %d value %d number %d (has %d, wants %d, asked %d)\n", h, t, a, d, n, st[h], want[h], pend[h]);
    if
    :: t == PAGES ->                                                    /* ClientRegion.arriving, ClientRegion.arrived */
        if
        :: (pend[h] == R || pend[h] == AHD) && st[h] == N -> v[h] = d; arrived(h, R)
        :: else -> BROKEN("BROKEN: a host gets a page it did not ask for\n")
        fi
    :: t == PAGES_X ->                                                  /* remote writers */
        if
        :: pend[h] == W && !wd[h] -> v[h] = d; arrived(h, W)
        :: else -> BROKEN("BROKEN: a host gets a page it did not ask for\n")
        fi
    :: t == UPGRADED ->                                                 /* remote writers */
        if
        :: pend[h] == W && st[h] == R && !wd[h] -> arrived(h, W)
        :: else -> BROKEN("BROKEN: a host may write a page it has no bytes of\n")
        fi
    :: t == DECLINE ->                                                  /* ClientRegion.declined, ClientPages.declined */
        if
        :: pend[h] == 0 -> BROKEN("BROKEN: a host gets an answer to nothing\n")
        :: pend[h] != 0 && a == 0 -> pend[h] = 0; ask(h)
        :: pend[h] != 0 && a != 0 -> pend[h] = 0; again[h] = 1          /* ClientLink.retryAt */
        fi
    :: t == PURGE ->                                                    /* ClientRegion.purge, ClientPages.purge */
        owed[h] = 1; owedn[h] = n;
        if
        :: wd[h] -> skip                                                /* Withdrawals.await */
        :: !wd[h] && st[h] == N && !RULE_2_ABSENT -> owed[h] = 0; owedn[h] = 0
        :: else -> answer(h)
        fi
    :: t == RECALL ->                                                   /* remote writers */
        owed[h] = 2; owedn[h] = n; owedto[h] = a;
        if
        :: wd[h] -> skip
        :: !wd[h] && st[h] == N && !RULE_2_ABSENT -> owed[h] = 0; owedn[h] = 0; owedto[h] = 0
        :: else -> answer(h)
        fi
    :: t == WB_ACK -> keep[h] = 0; keepn[h] = 0                         /* remote writers */
    :: t == ACCEPT ->                                                   /* ClientRegion.circuitUp */
        link[h] = L_UP; keep[h] = 0; keepn[h] = 0; ask(h)
    :: else -> BROKEN("BROKEN: a host gets a message that has no place here\n")
    fi
}

