/* page.pml: the messages, and what home, the other hosts and an onlooker know. */

mtype = { FETCH, AHEAD, WANT_WRITE, PURGED, RECALLED, RELEASE, WRITEBACK, SETUP, LEFT,
          PAGES, PAGES_X, UPGRADED, DECLINE, PURGE, RECALL, WB_ACK, ACCEPT };

#define HOME 2          /* the third name beside hosts 0 and 1 */
#define NOBODY 3
#define N 0             /* rights: none, read, write. A host's state is the most its processes may hold. */
#define R 1
#define W 2
#define B(h) (1 << (h))

/*
 * Messages: type, right or answer (SETUP: which incarnation), value, number. A circuit has one channel a way; two incarnations
 * may have bytes left.
 */
chan up[4] = [CAP] of { mtype, byte, byte, byte };
chan dn[4] = [CAP] of { mtype, byte, byte, byte };
#define UP(h) up[(h) * 2 + (inst[h] & 1)]
#define DN(h) dn[(h) * 2 + (inst[h] & 1)]
#define HOMES_UP(h) up[(h) * 2 + (hinst[h] & 1)]
#define HOMES_DN(h) dn[(h) * 2 + (hinst[h] & 1)]

/* What an observer knows: the newest value any store has made and nobody has been told is lost. */
byte latest = 1;

/* Home (HomeRegion, HomePages, Copies, HomeGate). */
#define IDLE 0
#define REVOKING 1
#define PURGING 2
#define RECALLING 3     /* remote writers */
byte hr = R;            /* the most home's processes may hold */
byte hv = 1;            /* the bytes at home */
byte cs;                /* copyset */
byte holder = HOME;     /* remote writers: who has the page exclusively */
byte op, opto, opn, await, starter = NOBODY;
byte hwant;             /* what a thread of home waits for */
byte gn;                /* newest grant number of the page */
chan q = [3] of { byte, byte, byte };   /* who, right; remote writers: the host has a copy */
bit joined[2];
byte hinst[2];          /* the incarnation home reads */
bit susp, taking, barred;
byte before[2];         /* the incarnations of an earlier life of home */
byte kh, kl, ks, kb;

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
bit wd[2], vol[2];      /* processes are losing rights; because this host gives the copy up by its own wish */
byte wdto[2];           /* ... down to this right */
byte owed[2], owedn[2], owedto[2];      /* an answer home awaits: 0, 1 purge, 2 recall */
byte keep[2], keepn[2]; /* remote writers: bytes written back and not acknowledged, and their grant number */
byte early[2];          /* used without rule 5 only: bytes read too early */
bit again[2];           /* ask again when the cause may have passed */
byte kr[2], kd[2], kc[2], kg[2], ka;

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
    :: dncut[h] || hinst[h] != inst[h] -> skip
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
