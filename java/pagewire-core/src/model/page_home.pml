/* page.pml: what home does (HomeRegion, HomePages, Copies, HomeGate). One inline a method, as far as that goes. */

#define OPEN (!susp && !taking && !(barred && RULE_16_READ))    /* HomeGate.open */
#define MAYWRITE (OPEN && !(barred && RULE_16))                 /* HomeGate.mayWrite */
#define BUSY (op != IDLE || (len(q) > 0))
#define AWAY (hdisk && RULE_10_DISK)
#define OTHERS (cs & ~B(w_) & 3)

/* HomePurges.start, HomePort.purge */
inline startPurge(whom) {
    op = PURGING; opn = (opn + 1) % NUMBERS; await = whom; starter = w_;
    if :: await & 1 -> sendDn(0, PURGE, 0, 0, opn) :: else fi;
    if :: await & 2 -> sendDn(1, PURGE, 0, 0, opn) :: else fi;
    res_ = STARTED
}
/* HomeRevokes.start, LocalRights.revoke */
inline startRevoke(left) {
    op = REVOKING; opto = left; starter = w_; res_ = STARTED
}
/* HomeRecalls.start, HomePort.recall */
inline startRecall(left) {
    op = RECALLING; opn = (opn + 1) % NUMBERS; await = B(holder); starter = w_;
    if :: holder == 0 -> sendDn(0, RECALL, left, 0, opn) :: else -> sendDn(1, RECALL, left, 0, opn) fi;
    res_ = STARTED
}
inline grantNumber() { gn = (gn + 1) % NUMBERS }      /* Copies.nextGrant */

/* HomeFetches.send, HomePort.sendPages, Copies.sent */
inline sendPage() {
    grantNumber(); cs = cs | B(w_); sendDn(w_, PAGES, R, hv, gn); res_ = DONE
}
/* HomeFetches.give: HomePort.upgrade for a host with a copy that was not purged since it asked; else HomePort.sendPages. */
inline sendExclusive() {
    grantNumber();
    if
    :: u_ == 1 && ((cs & B(w_)) != 0 || !RULE_3_SERVED) -> sendDn(w_, UPGRADED, W, 0, gn)
    :: else -> sendDn(w_, PAGES_X, W, hv, gn)
    fi;
    cs = 0; holder = w_; res_ = DONE
}

/* Home may serve what w_ asks for: what each serve...() below begins with. */
#define MAY_SERVE (w_ == HOME && OPEN && !(k_ == W && !MAYWRITE) || w_ == NOBODY && MAYWRITE \
    || w_ < HOME && !susp && !(taking || barred && RULE_16_READ || k_ == W && barred && RULE_16))

/*
 * HomeRecalls.forfeit: whoever is served needs a page that an absent host holds. It is what home has from now on, which is announced,
 * and that host is told when it hands it back.
 */
inline forfeit(h) {
    printf("announced: %d forfeits the page, back to value %d\n", h, HOME_HAS);
    untold[h] = (latest != HOME_HAS -> 2 : 1); latest = HOME_HAS; holder = HOME;
    forfeited[h] = RULE_19_TOLD
}
inline forfeitIfNeeded() {
    if
    :: MAY_SERVE && holder == 0 && absent[0] -> forfeit(0)
    :: MAY_SERVE && holder == 1 && absent[1] -> forfeit(1)
    :: else
    fi
}

/* A thread of home. HomeGrants.read, HomeGrants.write. */
inline serveThread() {
    if
    :: !OPEN || k_ == W && !MAYWRITE -> res_ = LATER
    :: OPEN && !(k_ == W && !MAYWRITE) ->
        if
        :: holder != HOME -> startRecall((k_ == R -> R : N))
        :: holder == HOME && AWAY -> startLoad()
        :: holder == HOME && !AWAY && k_ == R -> hr = (hr < R -> R : hr); hwant = N; res_ = DONE
        :: holder == HOME && !AWAY && k_ == W && cs != 0 && RULE_10 -> startPurge(cs)
        :: holder == HOME && !AWAY && k_ == W && (cs == 0 || !RULE_10) -> hr = W; touched(); hwant = N; res_ = DONE
        fi
    fi
}
/* HomePages.servePublish, HomePort.applyPublished: like a store of home, but while nobody at all has the page. */
inline servePublish() {
    if
    :: !MAYWRITE -> res_ = LATER
    :: MAYWRITE && holder != HOME -> startRecall(N)
    :: MAYWRITE && holder == HOME && cs != 0 -> startPurge(cs)
    :: MAYWRITE && holder == HOME && cs == 0 && hr != N -> startRevoke(N)
    :: MAYWRITE && holder == HOME && cs == 0 && hr == N && AWAY -> startLoad()
    :: else ->
        latest = VALUE_AFTER(latest); hv = latest; touched(); res_ = DONE;
        printf("home applies a published value: %d\n", latest)
    fi
}
/*
 * Another host. For a remote writer (HomePages.clearForWriter) home purges the other copies first and takes its own
 * processes' rights last: while only purges are awaited home's processes may still get read access (rule 8), and the other
 * way round they could have it again before the page leaves. An upgrade needs no bytes, so they may stay on disk.
 */
inline serveHost() {
    if
    :: susp -> sendDn(w_, DECLINE, 1, 0, 0); res_ = DONE    /* HomeFetches.decline */
    :: !susp && (taking || barred && RULE_16_READ || k_ == W && barred && RULE_16) -> res_ = LATER
    :: else ->
        if
        :: holder != HOME -> startRecall((k_ == R -> R : N))
        :: holder == HOME && k_ == R && hr == W && RULE_8 -> startRevoke(R)
        :: holder == HOME && k_ == R && hr == W && !RULE_8 -> startRevoke(R); sendPage()
        :: holder == HOME && k_ == R && hr != W && AWAY -> startLoad()
        :: holder == HOME && k_ == R && hr != W && !AWAY -> sendPage()
        :: holder == HOME && k_ == W && OTHERS != 0 -> startPurge(OTHERS)
        :: holder == HOME && k_ == W && OTHERS == 0 && hr != N -> startRevoke(N)
        :: holder == HOME && k_ == W && OTHERS == 0 && hr == N && AWAY && !(u_ == 1 && (cs & B(w_)) != 0) -> startLoad()
        :: holder == HOME && k_ == W && OTHERS == 0 && hr == N && !(AWAY && !(u_ == 1 && (cs & B(w_)) != 0)) ->
            sendExclusive()
        fi
    fi
}
/* HomePages.serve: w_ asks for right k_. */
inline serve() {
    if
    :: w_ == HOME -> serveThread()
    :: w_ == NOBODY -> servePublish()
    :: else -> serveHost()
    fi
}

/* HomePages.pump, HomePages.pumpAll: from the head, until something has to be waited for; the queue keeps its order. */
inline pump() {
    n_ = (due_ -> len(q) : 0); due_ = 0;
    do :: !RULE_3_ORDER && op == IDLE && n_ > 1 -> q?w_,k_,u_; q!w_,k_,u_; n_-- :: else -> break od;
    n_ = (n_ > 0 -> len(q) : 0);
    do
    :: n_ > 0 ->
        n_--; q?w_,k_,u_; res_ = LATER;
        if :: op == IDLE -> forfeitIfNeeded(); serve() :: else fi;
        if :: res_ == DONE -> skip :: else -> q!w_,k_,u_ fi
    :: else -> break
    od;
    n_ = 0; w_ = 0; k_ = 0; u_ = 0; res_ = 0
}

/* An operation has ended: the queue is served again from its head (HomePages.pump), whoever started the operation. */
inline ended() {
    op = IDLE; await = 0; opto = 0; starter = NOBODY;
    if :: RULE_11 -> due_ = 1 :: else fi
}
/* Awaited.settle, HomePages.finishPurge */
inline settle(h) {
    await = await & ~B(h);
    if :: await == 0 -> ended() :: else fi
}
/* HomePages.forget */
inline forget(h) {
    if
    :: q??[eval(h),_,_] ->
        q??eval(h),_,_;
        if :: !RULE_3_BUSY && starter == h -> op = IDLE; await = 0; starter = NOBODY; due_ = 1 :: else fi
    :: else
    fi
}
/* HomeRecalls.takeHome, HomePort.store: the host keeps a copy, or none. */
inline store(h, bytes, left) {
    hv = bytes; holder = HOME; cs = (left == R -> B(h) : 0); touched()
}
/*
 * HomeRegion.hostGone, Copies.leave, HomePages.hostGone, HomeRecalls.giveUp. Exclusive pages come back to what home has.
 * hasLost: it is HomeRegion.hostForgotten; nobody will hand the bytes back, and all who have the region mapped are told
 * (HomePort.lost).
 */
inline hostGone(h, hasLost) {
    joined[h] = 0; absent[h] = 0; forfeited[h] = 0; untold[h] = (hasLost && WRITERS -> 1 : untold[h]);
    cs = cs & ~B(h);
    forget(h);
    if
    :: holder == h ->
        holder = HOME;
        if
        :: hasLost ->
            untold[h] = (latest != HOME_HAS -> 2 : 1); latest = HOME_HAS;
            printf("announced: back to value %d\n", HOME_HAS)
        :: else
        fi
    :: else
    fi;
    if
    :: (op == PURGING || op == RECALLING) && (await & B(h)) && (RULE_1_FORGET || hasLost) -> settle(h)
    :: else
    fi
}

/*
 * HomeRegion.hostLost, Copies.goAway, HomePages.hostAbsent: nobody waits for the host any more, but what it holds is its own still.
 * Where only home writes it holds nothing, and is forgotten.
 */
inline hostLost(h) {
    if
    :: !WRITERS -> hostGone(h, true)
    :: else ->
        joined[h] = 0; absent[h] = 1; cs = cs & ~B(h);
        forget(h);
        if
        :: (op == PURGING || op == RECALLING) && (await & B(h)) -> settle(h)
        :: else
        fi;
        due_ = 1
    fi
}

/* The host cannot use the circuit that home reads any more: it has taken its rights, or even set up a new one. */
#define CUT(h) (upcut[h] || dncut[h])
#define GIVEN_UP(h) (hinst[h] != inst[h] || calling[h] || link[h] == L_DOWN || link[h] == L_RESOLVING && CUT(h))

/* What home has not read of its circuit is lost; the channel may belong to the next but one already. */
inline drainOld(h) {
    if :: !(HOMES_UP(h)?[SETUP,_,_,_]) -> drain(HOMES_UP(h)) :: else fi
}

/* HomeRegion.hostJoined: what the old incarnation had is forgotten, and the call accepted. */
inline accept(h) {
    if :: joined[h] || absent[h] -> hostGone(h, false) :: else fi;
    if :: calling[h] && untold[h] == 0 -> untold[h] = 1 :: else fi;
    calling[h] = 0; joined[h] = 1; sincen[h] = gn;
    sendDn(h, ACCEPT, 0, 0, 0)
}
/*
 * HomeRegion.handedBack, HomeRecalls.handedBack, HomePort.acknowledge. Home has the bytes already, and only the word of that was
 * lost, when the host is not the holder any more, but was given the page since home has accepted its last call, and nobody needed it while
 * the host was absent. All else counts as lost and is told, also when home does not know any more whether it has the bytes.
 */
#define WAS_STORED(h, number) ((joined[h] || absent[h]) && !forfeited[h] && (number) > sincen[h] && (number) <= gn && RULE_5_KNOWS || !RULE_5_TOLD)
inline handedBack(h, bytes, number) {
    if
    :: holder == h && (number == gn || !RULE_4) -> store(h, bytes, N); sendDn(h, WB_ACK, 0, 0, 0)
    :: !(holder == h && (number == gn || !RULE_4)) && WAS_STORED(h, number) -> sendDn(h, WB_ACK, 0, 0, 0)
    :: else -> sendDn(h, WB_ACK, 1, 0, 0)
    fi
}

/* A message on home's circuit to h. */
inline fromHost(h) {
    printf("home reads %e of %d: right %d value %d number %d\n", t, h, a, d, n);
    if
    :: t == FETCH -> q!h,R,0; due_ = 1                                  /* HomeRegion.fetch, HomePages.fetch */
    :: t == WANT_WRITE ->                                               /* HomeRegion.want */
        q!h,W,((a != N || !RULE_4_HAS) && (cs & B(h)) != 0 -> 1 : 0); due_ = 1
    :: t == AHEAD ->                                                    /* HomeRegion.fetchAhead, HomePages.fetchAhead */
        if      /* HomeFetches.mayTravelAhead */
        :: OPEN && !BUSY && hr != W && holder == HOME && !hdisk -> w_ = h; sendPage(); w_ = 0; res_ = 0
        :: else -> sendDn(h, DECLINE, 0, 0, 0)
        fi
    :: t == PURGED ->                                                   /* HomeRegion.purged, HomePages.purged */
        if
        :: op == PURGING && (await & B(h)) && n == opn -> cs = cs & ~B(h); settle(h)
        :: else -> BROKEN("BROKEN: home gets an answer it does not await\n")
        fi
    :: t == RECALLED ->                                                 /* HomeRegion.recalled */
        if
        :: op == RECALLING && (await & B(h)) && n == opn ->
            if
            :: d != 0 -> store(h, d, a); sendDn(h, WB_ACK, 0, 0, 0)
            :: else -> cs = (a == N -> cs & ~B(h) : cs)
            fi;
            settle(h)
        :: else -> BROKEN("BROKEN: home gets an answer it does not await\n")
        fi
    :: t == RELEASE ->                                                  /* HomeRegion.release, Copies.released */
        if :: n == gn || !RULE_4 -> cs = cs & ~B(h) :: else fi;
        if :: !RULE_2_RELEASE && op == PURGING && (await & B(h)) -> settle(h) :: else fi
    :: t == WRITEBACK ->                                                /* HomeRegion.wroteBack, HomePort.acknowledge */
        if
        :: holder == h && (n == gn || !RULE_4) -> store(h, d, a)
        :: else -> BROKEN("BROKEN: home gets bytes of a page that is not this host's\n")
        fi;
        sendDn(h, WB_ACK, 0, 0, 0);
        if :: !RULE_2_WRITEBACK && op == RECALLING && (await & B(h)) -> settle(h) :: else fi
    :: t == HANDBACK -> handedBack(h, d, n)
    :: t == HANDED -> accept(h)
    :: t == LEFT -> hostGone(h, true)                                   /* HomeRegion.hostGone: it need not wait */
    :: else -> BROKEN("BROKEN: home gets a message that has no place here\n")
    fi
}

/*
 * The first message of a new circuit; the daemon refuses a call that is older than the circuit it has. Home reads nothing of
 * the old one any more. A call that hands written bytes back is accepted when it has.
 */
inline fromSetup(h) {
    printf("home reads SETUP %d of %d: hands back %d\n", a, h, d);
    if
    :: RULE_1_NEWER && (joined[h] || calling[h] || absent[h]) && a <= hinst[h] -> printf("home refuses it\n")
    :: else ->
        /* The next but one has the channel of the old one, which is empty of that. */
        if :: RULE_1_OLD && (a & 1) != (hinst[h] & 1) -> drainOld(h) :: else fi;
        if :: joined[h] && !RULE_5_FIRST -> hostGone(h, false) :: else fi;
        hinst[h] = a;
        if
        /* HomeRegion.hostReturns, Copies.comeBack: it is waited for again. */
        :: d != 0 -> calling[h] = 1; joined[h] = joined[h] || absent[h]; absent[h] = 0
        :: else -> accept(h)
        fi
    fi
}
