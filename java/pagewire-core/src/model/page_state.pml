/* page.pml: the messages, and what home, the other hosts and an onlooker know. */

mtype = { FETCH, AHEAD, WANT_WRITE, PURGED, RECALLED, RELEASE, WRITEBACK, SETUP, HANDBACK, HANDED, LEFT,
          PAGES, PAGES_X, UPGRADED, DECLINE, PURGE, RECALL, WB_ACK, ACCEPT };

#define HOME 2          /* the third name beside hosts 0 and 1 */
#define NOBODY 3
#define N 0             /* rights: none, read, write. A host's state is the most its processes may hold. */
#define R 1
#define W 2
#define P 3             /* what a publish asks for */
#define B(h) (1 << (h))

/*
 * Messages: type, right or answer (SETUP: which incarnation; WB_ACK: 1 = not taken), value (SETUP: 1 = bytes are handed
 * back), number. A circuit has one channel a way; two incarnations may have bytes left.
 */
chan up[4] = [CAP] of { mtype, byte, byte, byte };
chan dn[4] = [CAP] of { mtype, byte, byte, byte };
#define UP(h) up[(h) * 2 + (inst[h] & 1)]
#define DN(h) dn[(h) * 2 + (inst[h] & 1)]
#define HOMES_UP(h) up[(h) * 2 + (hinst[h] & 1)]
#define HOMES_DN(h) dn[(h) * 2 + (hinst[h] & 1)]

/* What an observer knows: the newest value any store has made and nobody has been told is lost. */
byte latest = 1;
byte forced = 1;        /* the newest value whose writer has been told that home has it */
byte untold[2];         /* 2: home has given this host up, stores are lost, and it does not know; 1: it may be told so without need */

/* Home (HomeRegion, HomePages, Copies, HomeGate). */
#define IDLE 0
#define REVOKING 1
#define PURGING 2
#define RECALLING 3
#define SPILLING 4
#define LOADING 5
byte hr = (WRITERS || SPILLS_HOME -> N : R);    /* the most home's processes may hold */
byte hv = 1;            /* the bytes in home's frame; 0: nothing, who reads it reads zeros */
bit hdisk;              /* the bytes are in a sector only */
byte hsec;              /* the bytes in the page's sector; 0: it has none */
byte hwr;               /* the bytes that are being spilled; 0: they have changed meanwhile */
#define HOME_HAS (hdisk -> hsec : hv)
byte cs;                /* copyset */
byte holder = HOME;     /* who has the page exclusively */
byte op, opto, opn, await, starter = NOBODY;
byte hwant;             /* what a thread of home waits for */
byte gn;                /* newest grant number of the page */
chan q = [4] of { byte, byte, byte };   /* who, right; the host has a copy */
bit joined[2];
byte sincen[2];         /* the newest grant number when home accepted the host's last call */
bit calling[2];         /* the circuit home reads hands back and is not accepted yet */
bit absent[2];          /* home waits for the host no longer, which holds its page still */
bit forfeited[2];       /* ... and somebody needed it */
byte hinst[2];          /* the incarnation home reads */
bit susp, taking, barred;
byte before[2];         /* the incarnations of an earlier life of home */
byte kh, kl, ks, kb, kp, ke, kf, ko;

/* The other hosts (ClientRegion, ClientPages, ClientLink, Withdrawals). */
#define L_UP 0
#define L_CLOSING 1
#define L_DOWN 2
#define L_RESOLVING 3
byte st[2], v[2], g[2]; /* state, bytes, grant number of the copy */
byte want[2];           /* what a thread waits for */
byte pend[2];           /* the open request: 0, R, W; AHD: asked for ahead */
#define AHD 3
byte link[2] = L_UP;
byte inst[2];
bit upcut[2], dncut[2]; /* what is sent from now on that way is lost */
bit wd[2];              /* processes are losing rights */
byte vol[2];            /* ... by this host's own wish: 1 to give the page up, 2 because the hand has come by */
byte wdto[2];           /* ... down to this right */
byte owed[2], owedn[2], owedto[2];      /* an answer home awaits: 0, 1 purge, 2 recall */
byte keep[2], keepn[2]; /* bytes written back and not acknowledged, and their grant number */
byte place[2];          /* where the copy is */
#define IN_FRAME 0      /* ... or nowhere */
#define WRITTEN 1       /* in the frame, which is being written to a sector */
#define ON_DISK 2
#define READ_BACK 3     /* in a sector, which is being read into the frame */
#define LATE_WRITE 4    /* nowhere, but what was being done with its frame has not ended */
#define LATE_READ 5
byte sec[2];            /* the bytes in its sector; 0: it has none */
byte moving[2];         /* the bytes that are being written or read */
bit zeros[2];           /* used without rule 10 only: processes may read whatever the frame holds */
byte early[2];          /* used without rule 5 only: bytes read too early */
bit again[2];           /* ask again when the cause may have passed */
byte clean[2];          /* the page is to go home by itself (Cleanings): 0, ASKED its writers to stop, GIVEN, their answer is under way */
#define ASKED 1
#define GIVEN 2
bit spoilt[2];          /* ... and was given to a writer, or taken in another way, since then */
bit low[2];             /* the processes have stopped for that, though the state is still W */
byte kr[2], kd[2], kc[2], kg[2], kq[2], ke0, ka;

/* Scratch, zero between steps. */
hidden byte n_, w_, k_, u_, res_;
hidden byte due_;     /* the queue of home is to be served at the end of this step */
#define DONE 0
#define LATER 1
#define STARTED 2

#define BROKEN(why) printf(why); assert(false)

inline sendDn(h, t, a, d, n) {
    printf("home -> %d: %e right %d value %d number %d\n", h, t, a, d, n);
    if
    :: dncut[h] || hinst[h] != inst[h] || calling[h] && t != WB_ACK -> skip
    :: else -> assert(len(HOMES_DN(h)) < CAP); HOMES_DN(h)!t,a,d,n
    fi
}
inline sendUp(h, t, a, d, n) {
    printf("%d -> home: %e right %d value %d number %d (has %d)\n", h, t, a, d, n, st[h]);
    if
    :: upcut[h] -> skip
    :: else -> assert(len(UP(h)) < CAP); UP(h)!t,a,d,n
    fi
}
inline drain(c) { do :: (len(c) > 0) -> c?_,_,_,_ :: else -> break od }
