/* page.pml: what a host does that does not own the region (ClientRegion, ClientPages, ClientLink, Withdrawals). */

/* Cleanings.spoil: the page is a writer's again, or is taken for another reason. */
inline spoil(h) {
    if :: clean[h] != 0 -> spoilt[h] = 1 :: else fi
}

/* ClientWriteback.given */
inline givenToWriter(h) {
    spoil(h); low[h] = 0
}

/*
 * ClientPages.fault, ClientPages.askForWaiters, ClientPages.serve, ClientAsks.seek: whoever waits is served when the page is
 * here, else the page is read from its sector, or asked for once. The frame of a page that is asked for is free.
 */
inline ask(h) {
    if
    :: link[h] == L_UP && want[h] != N && pend[h] == 0 && !wd[h] ->
        if
        :: place[h] == WRITTEN && !RULE_10_SPILL && want[h] <= st[h] -> zeros[h] = 1; want[h] = N
        :: place[h] == ON_DISK -> place[h] = READ_BACK; moving[h] = sec[h]
        :: place[h] == IN_FRAME && want[h] <= st[h] -> if :: want[h] == W -> givenToWriter(h) :: else fi; want[h] = N
        :: FRAME_FREE(h) && want[h] == R && st[h] == N -> pend[h] = R; sendUp(h, FETCH, R, 0, 0)    /* ClientPort.fetch */
        :: FRAME_FREE(h) && want[h] == W && st[h] < W -> pend[h] = W; sendUp(h, WANT_WRITE, st[h], 0, 0) /* ClientPort.want */
        :: else
        fi
    :: else
    fi
}

/* ClientPages.arrived */
inline arrived(h, to) {
    if :: keep[h] != 0 -> BROKEN("BROKEN: bytes that home has not acknowledged are overwritten\n") :: else fi;
    if :: to == W && RULE_15_STALE -> sec[h] = 0 :: else fi;
    st[h] = to; g[h] = n; pend[h] = 0; low[h] = 0; ask(h)
}

/* ClientRevokes.take: the processes are asked to give rights up; withdrawn() follows. */
inline withdraw(h, to) {
    wd[h] = 1; wdto[h] = to; spoil(h);
    if :: !RULE_5_REVOKE && st[h] == W && to != W -> early[h] = v[h] :: else fi
}

/* ClientPort.recalled */
inline answerRecall(h, bytes, left) {
    owed[h] = 0; sendUp(h, RECALLED, left, bytes, owedn[h]); owedn[h] = 0; owedto[h] = 0
}
/*
 * The answer to a purge (ClientRevokes.answerOwed, ClientPort.purged) or a recall, or what has still to be taken before it.
 * A copy that is on disk, or on the way there or back, is nobody's.
 */
inline answer(h) {
    if :: owed[h] != 0 && owedto[h] == N && place[h] != IN_FRAME && place[h] < LATE_WRITE -> copyGone(h) :: else fi;
    if
    :: owed[h] == 1 && st[h] == N -> owed[h] = 0; sendUp(h, PURGED, 0, 0, owedn[h]); owedn[h] = 0
    :: owed[h] == 1 && st[h] != N -> withdraw(h, N)
    :: owed[h] == 2 && st[h] <= owedto[h] -> answerRecall(h, 0, st[h])
    :: owed[h] == 2 && st[h] > owedto[h] -> withdraw(h, owedto[h])
    :: else
    fi
}

/* Bytes leave the frame for home, and stay in it (rule 5). ClientRevokes.writeBack, WrittenPages.keep, ClientPort.writeBack. */
inline bytesLeave(h) {
    d = (early[h] != 0 -> early[h] : v[h]);
    if
    :: vol[h] || owed[h] == 0 -> sendUp(h, WRITEBACK, wdto[h], d, g[h])
    :: else -> answerRecall(h, d, wdto[h])
    fi;
    if :: RULE_5_KEEP -> keep[h] = d; keepn[h] = g[h] :: else fi;
    if :: !RULE_5_FORCED && vol[h] && FORCES -> forced = d :: else fi
}

/* ClientRevokes.answered, ClientRevokes.giveUp, ClientRevokes.release: every process has answered. Now bytes leave (rule 5). */
inline withdrawn(h) {
    if
    :: vol[h] == 2 -> handAtHost(h)
    :: else ->
        if
        :: st[h] == W -> bytesLeave(h)
        :: st[h] == R && wdto[h] == N && vol[h] -> sendUp(h, RELEASE, 0, 0, g[h])
        :: else
        fi;
        if :: wdto[h] == N -> copyGone(h) :: else -> st[h] = wdto[h] fi
    fi;
    wd[h] = 0; wdto[h] = 0; vol[h] = 0; early[h] = 0;
    answer(h);
    ask(h)
}

/*
 * ClientWriteback.cleaned, ClientRevokes.writeBack: every writer was asked to stop and has answered. Bytes leave when nobody can
 * have written since. Whoever has not lost the right goes on storing.
 */
inline cleaned(h) {
    if
    :: st[h] == W && !wd[h] && (!spoilt[h] || !RULE_18_SPOILT) ->
        sendUp(h, WRITEBACK, R, v[h], g[h]);
        if :: RULE_5_KEEP -> keep[h] = v[h]; keepn[h] = g[h] :: else fi;
        st[h] = (low[h] -> R : W)
    :: else
    fi;
    clean[h] = 0; spoilt[h] = 0; low[h] = 0;
    ask(h)
}

/* ClientPages.forgetCircuit */
inline forgetCircuit(h) {
    pend[h] = 0; owed[h] = 0; owedn[h] = 0; owedto[h] = 0; wd[h] = 0; wdto[h] = 0; vol[h] = 0; early[h] = 0; again[h] = 0
}

/*
 * ClientRegion.acknowledged, WrittenPages.settle: the frame may be used again. Whoever called force is told
 * (ClientPort.flushed, ClientPort.lost).
 */
inline acknowledged(h) {
    if
    :: a == 0 -> forced = (keep[h] > forced && FORCES -> keep[h] : forced)
    :: a != 0 && untold[h] == 0 -> BROKEN("BROKEN: a host is told of a loss that is none\n")
    :: else -> untold[h] = 0
    fi;
    keep[h] = 0; keepn[h] = 0
}
/* ClientRegion.circuitUp */
inline accepted(h) {
    if :: untold[h] == 2 -> BROKEN("BROKEN: a host is not told that its stores are lost\n") :: else -> untold[h] = 0 fi;
    link[h] = L_UP; ask(h)
}

inline fromHome(h) {
    printf("%d reads %e: right %d value %d number %d (has %d, wants %d, asked %d)\n", h, t, a, d, n, st[h], want[h], pend[h]);
    if
    :: t == PAGES ->                                                    /* ClientRegion.arriving, ClientRegion.arrived */
        if
        :: (pend[h] == R || pend[h] == AHD) && st[h] == N -> v[h] = d; arrived(h, R)
        :: else -> BROKEN("BROKEN: a host gets a page it did not ask for\n")
        fi
    :: t == PAGES_X ->                                                  /* ClientRegion.arrived */
        if
        :: pend[h] == W && !wd[h] -> v[h] = d; arrived(h, W)
        :: else -> BROKEN("BROKEN: a host gets a page it did not ask for\n")
        fi
    :: t == UPGRADED ->                                                 /* ClientRegion.upgraded */
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
    :: t == PURGE ->        /* ClientRegion.purge, ClientRevokes.owe. An open WANT stays open: the answer brings bytes then. */
        owed[h] = 1; owedn[h] = n;
        if
        :: wd[h] -> skip                                                /* Owed.add */
        :: !wd[h] && st[h] == N && !RULE_2_ABSENT -> owed[h] = 0; owedn[h] = 0
        :: else -> answer(h)
        fi
    :: t == RECALL ->                                                   /* ClientRegion.recall */
        owed[h] = 2; owedn[h] = n; owedto[h] = a;
        if
        :: wd[h] -> skip
        :: !wd[h] && st[h] == N && !RULE_2_ABSENT -> owed[h] = 0; owedn[h] = 0; owedto[h] = 0
        :: else -> answer(h)
        fi
    :: t == WB_ACK -> acknowledged(h)
    :: t == ACCEPT -> accepted(h)
    :: else -> BROKEN("BROKEN: a host gets a message that has no place here\n")
    fi
}
