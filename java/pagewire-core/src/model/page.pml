/*
 * One page, its home, two other hosts, and circuits that break.
 *
 * WRITERS 0 is a region that its owner writes, WRITERS 1 one that every host may write: pages are held exclusively,
 * recalled, written back, handed back, and lost with a holder that does not come back in time. EVICT_HOME and EVICT_HOST add
 * frames that are taken for other pages: rights are taken away without the page (the hand of the clock), pages go to disk
 * and come back.
 *
 * What a step stands for is said above it: the method of io.pagewire.core that makes the same move. A step is one call into
 * the core, which runs on one thread; whatever can happen between two calls is a choice of the checker.
 *
 * Left out, because it cannot change an answer: read-ahead over several pages (a page asked for ahead is here, AHEAD), more
 * than one waiting thread a host, blocks of files that are not in memory (a reason to be busy that ends by itself), requests
 * that wait for a frame (FrameBudget.take, until HomeRegion.framesFree or ClientRegion.framesFree: they come later) or for their
 * host to take pages again (HomePort.takes, until HomeRegion.writable: they wait in the queue as behind an operation), hosts
 * that never answer a purge or recall on a living circuit, and a home that never answers a request there (HomePages.tick and
 * HomeWatch.isLate have them hung up on: the circuit is lost then, and that is here). Processes are one right a host here; rights.pml takes that apart. Deadlines are an order of events here;
 * lease.pml shows that clocks keep that order.
 *
 * Values count the stores. A store may be lost in one way only, with the host that held the page and somebody who needs it: `latest` goes back to what
 * home has, which is announced, and never beyond `forced`, the newest value of which its writer has been told that it is
 * safe.
 *
 * Every run is finite (each kind of event has a budget) and no state comes back, so "nobody waits for ever" is: where
 * nothing more can happen, nobody waits. FOREVER takes the budgets away and asks the same of runs without an end.
 */

#include "page_rules.pml"
#include "page_state.pml"
#include "page_spill.pml"
#include "page_home.pml"
#include "page_host.pml"

/*
 * Nothing has to happen any more: whatever could still happen (a fault, a store, a cut) need not. The negation of every guard
 * below that is not an event from outside.
 */
#define HOST_QUIET(h) (!wd[h] && clean[h] == 0 && !again[h] && link[h] != L_CLOSING && !(CUT(h) && link[h] != L_DOWN) \
    && !(link[h] == L_DOWN && (want[h] != N || keep[h] != 0)) && !(joined[h] && GIVEN_UP(h)) \
    && (link[h] == L_DOWN || (len(DN(h)) == 0)) && !up[(h) * 2]?[SETUP,_,_,_] && !up[(h) * 2 + 1]?[SETUP,_,_,_] \
    && (!READS(h) || (len(HOMES_UP(h)) == 0)) && (place[h] == IN_FRAME || place[h] == ON_DISK))
#define READS(h) (joined[h] || calling[h])
#define QUIET (op != REVOKING && op < SPILLING && !taking && !susp && !barred && HOST_QUIET(0) && HOST_QUIET(1))
#define ABSENT(h) ((h) == 0 && absent[0] || (h) == 1 && absent[1])  /* and has nothing of the page, or it would call */
#define IN_SET(h) (holder == h || (cs & B(h)) != 0)

/* The promise, looked at after every step. */
inline look() {
    if
    :: hr == W && (st[0] != N || st[1] != N || holder != HOME) -> BROKEN("BROKEN: home writes while another host holds the page\n")
    :: st[0] == W && (st[1] != N || hr != N) -> BROKEN("BROKEN: host 0 writes while somebody else holds the page\n")
    :: st[1] == W && (st[0] != N || hr != N) -> BROKEN("BROKEN: host 1 writes while somebody else holds the page\n")
    :: hr != N && hv != latest -> BROKEN("BROKEN: home reads an old value\n")
    :: st[0] != N && (place[0] == IN_FRAME || zeros[0]) && v[0] != latest -> BROKEN("BROKEN: host 0 reads an old value\n")
    :: st[1] != N && v[1] != latest -> BROKEN("BROKEN: host 1 reads an old value\n")
    :: latest < forced -> BROKEN("BROKEN: a store is lost that was forced\n")
    :: else ->
        if
        :: QUIET ->
            if
            :: hwant != N -> BROKEN("BROKEN: a thread of home waits for ever\n")
            :: want[0] != N || want[1] != N -> BROKEN("BROKEN: a thread of another host waits for ever\n")
            :: pend[0] != 0 || pend[1] != 0 || owed[0] != 0 || owed[1] != 0 -> BROKEN("BROKEN: a request is never answered\n")
            :: BUSY -> BROKEN("BROKEN: the page is busy for ever\n")
            :: keep[0] != 0 || keep[1] != 0 -> BROKEN("BROKEN: bytes written back are kept for ever\n")
            :: (st[0] != N && !IN_SET(0)) || (st[1] != N && !IN_SET(1)) -> BROKEN("BROKEN: home does not know a copy\n")
            :: (holder == HOME || ABSENT(holder) -> HOME_HAS != latest : v[holder] != latest) -> BROKEN("BROKEN: a store is lost\n")
            :: else
            fi
        :: else
        fi
    fi
}

/* What a process is for, in runs without an end. */
#define FAULTS 0        /* faults, stores, what a host does by its own wish */
#define ANSWERS 1       /* processes answer revokes */
#define READS_0 2       /* reads the messages of host 0; of home */
#define READS_1 3

#define MAY_JOIN (op != SPILLING || !RULE_10_SPILL)

proctype Home(byte role) {
    byte ev, h, k, a, d, n; mtype t;
end:
    do
    :: atomic {
        if
        /* HomeRegion.localFault, HomePages.fault */
        :: ROLE(FAULTS) && hwant == N && MAY(kh, KHOME) && hr < R -> ev = 1
        :: ROLE(FAULTS) && hwant == N && MAY(kh, KHOME) && hr < W -> ev = 2
        /* A store of a process of home: no call into the core. */
        :: ROLE(FAULTS) && hr == W && MAY(latest, MAXW) -> ev = 3
        /* HomeRegion.revoked, LocalRights.revoked, HomePages.revokeAnswered: every process has answered. */
        :: ROLE(ANSWERS) && op == REVOKING -> ev = 4
        /* A message on the circuit home reads; the first one of a new circuit. */
        :: ROLE(READS_0) && READS(0) && (len(HOMES_UP(0)) > 0) && !HOMES_UP(0)?[SETUP,_,_,_] -> ev = 5; h = 0
        :: ROLE(READS_1) && READS(1) && (len(HOMES_UP(1)) > 0) && !HOMES_UP(1)?[SETUP,_,_,_] -> ev = 5; h = 1
        :: up[0]?[SETUP,_,_,_] -> ev = 6; k = 0
        :: up[1]?[SETUP,_,_,_] -> ev = 6; k = 1
        :: up[2]?[SETUP,_,_,_] -> ev = 6; k = 2
        :: up[3]?[SETUP,_,_,_] -> ev = 6; k = 3
#ifdef NO_1_OLD
        :: joined[0] && hinst[0] == inst[0] && (len(up[1 - (inst[0] & 1)]) > 0) -> ev = 11; h = 0
        :: joined[1] && hinst[1] == inst[1] && (len(up[3 - (inst[1] & 1)]) > 0) -> ev = 11; h = 1
#endif
        /* HomeLease.expired, HomeRegion.hostLost: later than the client's own deadline (lease.pml). */
        :: joined[0] && (GIVEN_UP(0) || !RULE_7 && CUT(0)) -> ev = 7; h = 0
        :: joined[1] && (GIVEN_UP(1) || !RULE_7 && CUT(1)) -> ev = 7; h = 1
        /* HomeRegion.hostForgotten: a host that holds nothing, and has not come back, is not remembered for ever. */
        :: absent[0] && holder != 0 && !calling[0] && MAY(ko, KFORGET) -> ev = 21; h = 0
        :: absent[1] && holder != 1 && !calling[1] && MAY(ko, KFORGET) -> ev = 21; h = 1
        /* HomeRegion.lineLost: the thread that waited does not any more. */
        :: hwant != N && MAY(kl, KLOST) -> ev = 8
        /* HomePages.tick: another host's request has waited for the fault deadline, and is declined. */
        :: MAY(kf, KLATE) && q??[0,_,_] -> ev = 20; h = 0
        :: MAY(kf, KLATE) && q??[1,_,_] -> ev = 20; h = 1
        /* HomeRegion.suspend, HomeRegion.takeAll; every process has answered: HomeRegion.revokeAnswered; HomeRegion.resume. */
        :: MAY(ks, SUSPENDS) && !susp && !taking && !barred -> ev = 9
        :: taking -> ev = 10
        :: susp -> ev = 12
        /* The daemon is killed and started again; HomeRegion.resume bars writing; HomeRegion.tick, HomeGate.barLifted. */
        :: MAY(kb, RESTARTS) && !barred -> ev = 13
        :: barred && (inst[0] != before[0] || GIVEN_UP(0)) && (inst[1] != before[1] || GIVEN_UP(1)) -> ev = 14
        /* HomeRegion.publish */
        :: ROLE(FAULTS) && MAY(kp, KPUBLISH) && !q??[NOBODY,_,_] && MAY(latest, MAXW) -> ev = 15
        /* HomeRegion.shrink; HomeRegion.spilled, or the disk is full; HomeRegion.loaded. */
        :: ROLE(FAULTS) && SPILLS_HOME && MAY(ke, KHAND) && !BUSY && !hdisk -> ev = 16
        :: ROLE(ANSWERS) && op == SPILLING -> ev = 17
        :: ROLE(ANSWERS) && op == SPILLING -> ev = 18
        :: ROLE(ANSWERS) && op == LOADING -> ev = 19
        fi;
        if
        :: ev == 1 -> d_step {
            USE(kh); hwant = R;
            if
            :: OPEN && holder == HOME && !AWAY && op != REVOKING && op != RECALLING && MAY_JOIN -> hr = R; hwant = N
            :: else -> q!HOME,R,0; due_ = 1
            fi
        }
        :: ev == 2 -> d_step { USE(kh); hwant = W; q!HOME,W,0; due_ = 1 }
        :: ev == 3 -> d_step { latest = VALUE_AFTER(latest); hv = latest; printf("home writes %d\n", latest) }
        :: ev == 4 -> d_step { hr = (hr > opto -> opto : hr); ended() }
        :: ev == 5 -> d_step { HOMES_UP(h)?t,a,d,n; fromHost(h) }
        :: ev == 6 -> d_step { up[k]?t,a,d,n; h = k / 2; fromSetup(h) }
#ifdef NO_1_OLD
        :: ev == 11 -> d_step {
            up[h * 2 + 1 - (inst[h] & 1)]?t,a,d,n;
            if :: t == PURGED || t == RECALLED -> skip :: else -> fromHost(h) fi
        }
#endif
        :: ev == 7 -> d_step {
            printf("home gives %d up\n", h);
            if
            :: calling[h] -> skip
            :: else -> drainOld(h); if :: hinst[h] == inst[h] -> upcut[h] = 1; dncut[h] = 1 :: else fi
            fi;
            hostLost(h)
        }
        :: ev == 8 -> d_step { USE(kl); hwant = N; forget(HOME) }
        :: ev == 9 -> d_step { USE(ks); susp = 1; taking = (hr != N); printf("home is suspended\n"); due_ = 1 }
        :: ev == 10 -> d_step { taking = 0; hr = N; due_ = 1 }
        :: ev == 12 -> d_step { susp = 0; printf("home is resumed\n"); due_ = 1 }
        :: ev == 13 -> d_step {
            USE(kb); printf("home restarts\n");
            n_ = 0;
            do
            /* HomeRegion.hostWasHere, HomeRegion.heldBefore: what HomePort.holds and HomePort.home have written down. */
            :: n_ < 2 ->
                absent[n_] = RULE_19_BOOK && (joined[n_] || absent[n_]); forfeited[n_] = forfeited[n_] && absent[n_];
                sincen[n_] = 0;
                untold[n_] = (RULE_19_BOOK -> untold[n_] : 1);
                joined[n_] = 0; calling[n_] = 0; before[n_] = inst[n_]; hinst[n_] = inst[n_];
                upcut[n_] = 1; dncut[n_] = 1;
                drain(up[n_ * 2]); drain(up[n_ * 2 + 1]); n_++
            :: else -> break
            od;
            do :: (len(q) > 0) -> q?_,_,_ :: else -> break od;
            n_ = 0; barred = 1; susp = 0; taking = 0; hwant = N; hr = N; holder = (RULE_19_BOOK && RULE_19_BOOKED -> holder : HOME); cs = 0;
            gn = (RULE_16_NUMBERS || RULE_19_BOOK && holder != HOME -> gn : 0);
            op = IDLE; opn = 0; opto = 0; await = 0; starter = NOBODY
        }
        :: ev == 14 -> d_step {
            barred = 0; before[0] = 0; before[1] = 0;
            if
            :: latest != hv && !RULE_19_BOOK ->
                latest = hv; printf("announced: back to value %d\n", hv);
                untold[0] = (keep[0] > hv -> 2 : untold[0]); untold[1] = (keep[1] > hv -> 2 : untold[1])
            :: else
            fi;
            due_ = 1
        }
        :: ev == 15 -> d_step { USE(kp); q!NOBODY,P,0; due_ = 1 }
        :: ev == 16 -> d_step { USE(ke); handAtHome() }
        :: ev == 17 -> d_step { spilledAtHome(false) }
        :: ev == 18 -> d_step { spilledAtHome(true) }
        :: ev == 19 -> d_step { loadedAtHome() }
        :: ev == 20 -> d_step { USE(kf); printf("home declines the request of %d\n", h); forget(h); sendDn(h, DECLINE, 1, 0, 0) }
        :: ev == 21 -> d_step { USE(ko); printf("home forgets %d\n", h); hostGone(h, true) }
        fi;
        d_step { pump(); look(); ev = 0; h = 0; k = 0; t = 0; a = 0; d = 0; n = 0 }
    }
    od
}

#define LEAVING(h) (wd[h] || link[h] == L_CLOSING || place[h] != IN_FRAME)
#define MAY_ASK(h) (st[h] == N && pend[h] == 0 && !wd[h] && FRAME_FREE(h))
#define MAY_COOL(h) (st[h] != N && place[h] == IN_FRAME && !wd[h] && pend[h] == 0)

#define MAY_CLEAN(h) (st[h] == W && !wd[h] && pend[h] == 0 && (clean[h] == 0 || !RULE_18_ONCE))

proctype Host(byte h; byte role) {
    byte ev, a, d, n; mtype t;
end:
    do
    :: atomic {
        if
        /* ClientRegion.localFault; also by a process that has given its right up before others have. */
        :: ROLE(FAULTS) && want[h] == N && MAY(kr[h], KHOST) && (st[h] < R || LEAVING(h)) -> ev = 1
#if WRITERS
        /* ClientRegion.localFault for write access; a store, no call into the core; ClientRegion.flush. */
        :: ROLE(FAULTS) && want[h] == N && MAY(kr[h], KHOST) && (st[h] < W || LEAVING(h) || clean[h] != 0) -> ev = 2
        :: ROLE(FAULTS) && st[h] == W && !low[h] && MAY(latest, MAXW) -> ev = 3
        :: ROLE(FAULTS) && link[h] == L_UP && st[h] == W && !wd[h] && pend[h] == 0 && MAY(kd[h], KDROP) -> ev = 4
        /* ClientWriteback.goOn, ClientWriteback.clean, LocalRights.revokeAtLeisure: the page is not busy because of that. */
        :: ROLE(FAULTS) && MAY(kq[h], KCLEAN) && link[h] == L_UP && MAY_CLEAN(h) -> ev = 21
        /* The agents take the right away and answer; ClientRegion.revoked, ClientWriteback.answered. */
        :: ROLE(ANSWERS) && link[h] == L_UP && clean[h] == ASKED -> ev = 22
        :: ROLE(ANSWERS) && link[h] == L_UP && clean[h] == GIVEN -> ev = 23
#endif
        /* ClientAsks.readAhead */
        :: ROLE(FAULTS) && h == 0 && MAY(ka, KAHEAD) && link[h] == L_UP && MAY_ASK(h) -> ev = 5
        /* ClientRegion.drop, ClientRegion.shrink, ClientRevokes.take: pages that are not busy, not in progress (rule 6). */
        :: ROLE(FAULTS) && link[h] == L_UP && st[h] != N && !wd[h] && (pend[h] == 0 || !RULE_6) && MAY(kd[h], KDROP) -> ev = 6
        /* ClientRegion.revoked, ClientRegion.revokeAnswered, ClientRevokes.answered */
        :: ROLE(ANSWERS) && link[h] == L_UP && wd[h] -> ev = 7
        /* A message of home. */
        :: ROLE(READS_0) && (link[h] == L_UP || link[h] == L_RESOLVING) && (len(DN(h)) > 0) -> ev = 8
        /* The circuit breaks one way, the other way, both ways; nobody knows yet. */
        :: (link[h] == L_UP || link[h] == L_RESOLVING) && MAY(kc[h], (h == 0 -> CUT0 : CUT1)) && !CUT(h) -> ev = 9; a = 1
        :: (link[h] == L_UP || link[h] == L_RESOLVING) && MAY(kc[h], (h == 0 -> CUT0 : CUT1)) && !CUT(h) -> ev = 9; a = 2
        :: (link[h] == L_UP || link[h] == L_RESOLVING) && MAY(kc[h], (h == 0 -> CUT0 : CUT1)) && !CUT(h) -> ev = 9; a = 3
        /* ClientRegion.circuitLost: the connection ends, or ClientLease.expired; what was not read yet is lost. */
        :: link[h] == L_UP && CUT(h) -> ev = 10
        /* ClientRegion.closeWhenEmpty: every process has answered, every copy is dropped; dirty bytes are kept (rule 5). */
        :: link[h] == L_CLOSING -> ev = 11
        /* ClientRegion.resolve, then SETUP, the first message of a new incarnation; ClientRegion.handBack, ClientPort.handBack. */
        :: link[h] == L_DOWN && (want[h] != N || keep[h] != 0) -> ev = 12
        /* ClientRegion.circuitFailed while it is set up. */
        :: link[h] == L_RESOLVING && CUT(h) -> ev = 13
        /* ClientRegion.tick, ClientLink.retryDue; while home is suspended it would be turned back again. */
        :: again[h] && !susp -> ev = 14
        /* ClientRegion.mappingGone, the last one: nobody there has a right or will get one. */
        :: link[h] == L_UP && want[h] == N && st[h] != W && keep[h] == 0 && MAY(kg[h], KLEFT) -> ev = 15
        /* ClientRegion.shrink: the hand takes the rights, a copy leaves. ClientRegion.spilled; ClientRegion.loaded. */
        :: ROLE(FAULTS) && SPILLS(h) && MAY(ke0, KHAND) && link[h] == L_UP && MAY_COOL(h) -> ev = 16
        :: ROLE(ANSWERS) && SPILLS(h) && (place[h] == WRITTEN || place[h] == LATE_WRITE) -> ev = 17
        :: ROLE(ANSWERS) && SPILLS(h) && place[h] == WRITTEN -> ev = 18
        :: ROLE(ANSWERS) && SPILLS(h) && (place[h] == READ_BACK || place[h] == LATE_READ) -> ev = 19
        :: ROLE(ANSWERS) && SPILLS(h) && place[h] == READ_BACK -> ev = 20
        fi;
        if
        :: ev == 1 -> d_step { USE(kr[h]); want[h] = R; ask(h) }
        :: ev == 2 -> d_step { USE(kr[h]); want[h] = W; ask(h) }
        :: ev == 3 -> d_step { latest = VALUE_AFTER(latest); v[h] = latest; printf("%d writes %d\n", h, latest) }
        :: ev == 4 -> d_step { USE(kd[h]); vol[h] = 1; withdraw(h, R) }
        :: ev == 5 -> d_step { USE(ka); pend[h] = AHD; sendUp(h, AHEAD, 0, 0, 0) }
        :: ev == 6 -> d_step { USE(kd[h]); vol[h] = 1; withdraw(h, N) }
        :: ev == 7 -> d_step { withdrawn(h) }
        :: ev == 8 -> d_step { DN(h)?t,a,d,n; fromHome(h) }
        :: ev == 9 -> d_step {
            USE(kc[h]); upcut[h] = upcut[h] | (a & 1); dncut[h] = dncut[h] | (a >> 1);
            printf("the circuit of %d breaks (1 up, 2 down, 3 both): %d\n", h, a)
        }
        :: ev == 10 -> d_step {
            printf("%d loses its circuit (has %d)\n", h, st[h]);
            if :: !RULE_1_LEFT -> sendUp(h, LEFT, 0, 0, 0) :: else fi;
            drain(DN(h)); forgetCircuit(h); link[h] = L_CLOSING
        }
        :: ev == 11 -> d_step {
            if :: st[h] == W && RULE_5_DEADLINE -> assert(keep[h] == 0); keep[h] = v[h]; keepn[h] = g[h] :: else fi;
            if :: RULE_1_DROP || st[h] == W -> copyGone(h) :: else fi;
            clean[h] = 0; spoilt[h] = 0; low[h] = 0; link[h] = L_DOWN
        }
        :: ev == 12 -> d_step {
            inst[h]++; drain(UP(h)); drain(DN(h)); upcut[h] = 0; dncut[h] = 0; link[h] = L_RESOLVING;
            printf("%d sets up circuit %d, value %d number %d\n", h, inst[h], keep[h], keepn[h]);
            UP(h)!SETUP,inst[h],(keep[h] != 0 -> 1 : 0),0;
            if :: keep[h] != 0 -> UP(h)!HANDBACK,0,keep[h],keepn[h]; UP(h)!HANDED,0,0,0 :: else fi
        }
        :: ev == 13 -> d_step { drain(DN(h)); link[h] = L_DOWN }
        :: ev == 14 -> d_step { again[h] = 0; ask(h) }
        :: ev == 15 -> d_step {
            USE(kg[h]); sendUp(h, LEFT, 0, 0, 0);
            drain(DN(h)); dncut[h] = 1; forgetCircuit(h); copyGone(h);
            clean[h] = 0; spoilt[h] = 0; low[h] = 0; link[h] = L_DOWN
        }
        :: ev == 16 -> d_step { USE(ke0); vol[h] = 2; withdraw(h, st[h]) }
        :: ev == 17 -> d_step { spilledAtHost(h, false) }
        :: ev == 18 -> d_step { spilledAtHost(h, true) }
        :: ev == 19 -> d_step { loadedAtHost(h, false) }
        :: ev == 20 -> d_step { loadedAtHost(h, true) }
#if WRITERS
        :: ev == 21 -> d_step { USE(kq[h]); clean[h] = (clean[h] == 0 -> ASKED : clean[h]); spoilt[h] = 0 }
        :: ev == 22 -> d_step { clean[h] = GIVEN; low[h] = (st[h] == W && !spoilt[h]) }
        :: ev == 23 -> d_step { cleaned(h) }
#endif
        fi;
        d_step { look(); ev = 0; t = 0; a = 0; d = 0; n = 0 }
    }
    od
}

init {
    d_step { joined[0] = 1; joined[1] = 1 };
#ifdef FOREVER
    atomic {
        run Home(FAULTS); run Home(ANSWERS); run Home(READS_0); run Home(READS_1);
        run Host(0, FAULTS); run Host(0, ANSWERS); run Host(0, READS_0);
        run Host(1, FAULTS); run Host(1, ANSWERS); run Host(1, READS_0)
    }
#else
    atomic { run Home(FAULTS); run Host(0, FAULTS); run Host(1, FAULTS) }
#endif
}

#ifdef FOREVER
/* Whoever wants access gets it, however often the others want it too. */
ltl served { [] (<> (want[0] == N) && <> (hwant == N)) }
#endif
