/*
 * Deadlines: one home and one client host, two clocks, heartbeats that may be late or lost each way by itself.
 *
 * The question: when home's deadline passes and home acts as if the client held nothing (HomeLease.expired,
 * HomeRegion.hostGone), has the client's own deadline passed before, and have its processes lost their rights or been killed
 * (ClientLease.expired, ClientRegion.circuitLost, LocalRights.tick)?
 *
 * Time is in ticks of home's clock. The clocks differ: the client's misses every SLOW-th tick, so its deadlines come late.
 * DH >= (DC + DR) x (1 + drift) + margin is what LeaseRules.check demands; the ratio here is far worse than any crystal's (1 in
 * 5, the daemon allows 1 in 100), so that few ticks suffice.
 *
 * Both counters stop at TOP, so the states are finite and everything can go on for ever: searched completely.
 */
#ifndef DC              /* the client's deadline, from the sending of the newest heartbeat that was echoed */
#define DC 4
#endif
#ifndef DR              /* after that: the revoke deadline, in which processes answer or are killed */
#define DR 2
#endif
#ifndef SLOW            /* 0 = the clocks agree */
#define SLOW 5
#endif
#ifndef DH              /* home's deadline: (4 + 2) x 5/4, rounded up, and a margin of 1 for the tick itself */
#define DH 9
#endif
#define TOP 14

#ifdef NO_7_ECHO        /* both count from the last message received */
#define RULE_7_ECHO 0
#else
#define RULE_7_ECHO 1
#endif
#ifdef NO_7_REVOKE      /* home's deadline leaves no time for the revoke */
#define DHOME (DC * 5 / 4 + 1)
#else
#ifdef NO_7_DRIFT       /* home's deadline leaves no room for drift */
#define DHOME (DC + DR + 1)
#else
#define DHOME DH
#endif
#endif
#ifdef NO_7_SETUP       /* the client counts from the answer to its SETUP, not from the sending of SETUP */
#define RULE_7_SETUP 0
#else
#define RULE_7_SETUP 1
#endif

#define BROKEN(why) printf(why); assert(false)

/* At most one message a way is on its way; a newer one takes the place of an older one, which loses nothing: it is stale. */
bit toHome, toClient;   /* heartbeat (or SETUP), echo (or ACCEPT) */
byte toHomeAge, toClientAge;    /* on the client's clock: since the heartbeat was sent */
byte client;            /* on the client's clock: since the sending of the newest echoed heartbeat (ClientLease.newestEchoed) */
byte home;              /* on home's clock: since the newest echo was sent (HomeLease.newestEcho) */
byte revoking;          /* on the client's clock: since its deadline passed */
byte phase;

/* ClientLink: DOWN until ACCEPT; then UP; its deadline passed: CLOSING, processes are losing their rights; then GONE. */
#define DOWN 0
#define UP 1
#define CLOSING 2
#define GONE 3
byte state;
bit joined, homeGaveUp;

inline older(x) { x = (x < TOP -> x + 1 : x) }

active proctype World() {
end:
    do
    /* SETUP is the first heartbeat (ClientLease); afterwards one whenever it likes. */
    :: d_step { !toHome && (state == UP || state == DOWN && !joined && !homeGaveUp) -> toHome = 1; toHomeAge = 0 }
    :: d_step { toHome -> toHome = 0; toHomeAge = 0; printf("a heartbeat is lost\n") }
    :: d_step { toClient -> toClient = 0; toClientAge = 0; printf("an echo is lost\n") }
    /* HomeLease.echoSent: home echoes at once, and counts from then. */
    :: d_step { toHome && !homeGaveUp ->
        toHome = 0; joined = 1; home = 0; toClient = 1; toClientAge = toHomeAge; toHomeAge = 0;
        printf("home echoes a heartbeat sent %d ticks ago\n", toClientAge)
    }
#ifdef NO_7_ECHO
    /* Home sends heartbeats of its own. */
    :: d_step { joined && !toClient && !homeGaveUp -> toClient = 1; toClientAge = 0 }
#endif
    /* ClientLease.echoed; ACCEPT counts as the echo of SETUP. */
    :: d_step { toClient && (state == UP || state == DOWN) ->
        if
        :: !RULE_7_ECHO || state == DOWN && !RULE_7_SETUP -> client = 0
        :: else -> client = (toClientAge < client || state == DOWN -> toClientAge : client)
        fi;
        if :: state == DOWN && client < DC -> state = UP :: state == DOWN && client >= DC -> state = GONE :: else fi;
        toClient = 0; toClientAge = 0;
        printf("the client gets an echo, lease is %d ticks old\n", client)
    }
    /* The processes answer sooner than they must. */
    :: d_step { state == CLOSING -> state = GONE; revoking = 0 }
    /* A tick of home's clock. */
    :: d_step {
#if SLOW
        phase = (phase + 1) % SLOW;
#endif
        if :: joined -> older(home) :: else fi;
        if
        :: !SLOW || phase != 0 ->
            if :: toHome -> older(toHomeAge) :: else fi;
            if :: toClient -> older(toClientAge) :: else fi;
            if
            :: state == UP -> older(client); if :: client >= DC -> state = CLOSING; client = 0; revoking = 0 :: else fi
            :: state == CLOSING -> older(revoking); if :: revoking >= DR -> state = GONE; revoking = 0 :: else fi
            :: else
            fi
        :: else
        fi;
        if
        :: joined && home >= DHOME && !homeGaveUp ->
            homeGaveUp = 1; printf("home gives the client up\n");
            if
            :: state == UP || state == CLOSING ->
                BROKEN("BROKEN: home gives up a client whose processes may still read\n")
            :: else
            fi
        :: else
        fi
    }
    od
}
