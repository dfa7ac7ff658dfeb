/*
 * page.pml: how much of everything may happen (-DKHOST=3 ...), and the rules that can be taken away (-DNO_4 ...). Numbers of
 * rules are those of ARCHITECTURE.md; checks.txt says which check uses which switch.
 */

#ifndef WRITERS         /* 1: any host may write; 0: home only */
#define WRITERS 0
#endif
#ifdef EVICT_HOME       /* the page may leave home's frame for a sector, and come back */
#define SPILLS_HOME 1
#else
#define SPILLS_HOME 0
#endif
#ifdef EVICT_HOST       /* a copy may leave the frame of host 0 for a sector, and come back */
#define SPILLS(h) ((h) == 0)
#else
#define SPILLS(h) false
#endif
#ifndef MAXW            /* the newest value a store can make; the page starts with value 1 */
#define MAXW 3
#endif
#ifndef KHOST           /* faults of each host's threads */
#define KHOST 2
#endif
#ifndef KHOME           /* faults of home's threads */
#define KHOME 2
#endif
#ifndef KDROP           /* copies each host gives up by its own wish (release, early write-back) */
#define KDROP 1
#endif
#ifndef KCLEAN          /* times each host brings home what is written there although nobody needs it */
#define KCLEAN 0
#endif
#ifndef KAHEAD          /* pages host 0 asks for ahead */
#define KAHEAD 1
#endif
#ifndef KLOST           /* fault lines of home that are lost while somebody waits */
#define KLOST 1
#endif
#ifndef KLATE           /* requests of hosts that home declines because they have waited for too long */
#define KLATE 0
#endif
#ifndef KFORGET         /* times home forgets a host that is absent and holds nothing */
#define KFORGET 0
#endif
#ifndef KHAND           /* times the hand of the clock comes by at home, and at host 0 */
#define KHAND 2
#endif
#ifndef KPUBLISH        /* changes that are published */
#define KPUBLISH 0
#endif
#ifndef KLEFT           /* times each host has no process left that maps the region, and says so */
#define KLEFT 0
#endif
#ifndef CUT0            /* how often the circuit of host 0 breaks, and that of host 1 */
#define CUT0 1
#endif
#ifndef CUT1
#define CUT1 0
#endif
#ifndef SUSPENDS        /* times home loses its directory session and gets it back */
#define SUSPENDS 0
#endif
#ifndef RESTARTS        /* times home's daemon is killed and started again, with the next epoch */
#define RESTARTS 0
#endif
#define CAP 6

/*
 * FOREVER: no budgets, whatever may happen at all (its budget is not 0) may happen again and again, and values and numbers start
 * again. Everything home and the hosts do is a process of its own, so that fairness can be asked of each. Then nobody may wait
 * for ever in a run that never ends.
 */
#ifdef FOREVER
#define MAY(used, budget) ((budget) > 0)
#define USE(used) skip
#define ROLE(x) (role == x)
#define VALUE_AFTER(x) ((x) % 2 + 1)
#define NUMBERS 4
#define FORCES false    /* values that start again cannot be compared */
#else
#define MAY(used, budget) ((used) < (budget))
#define USE(used) used++
#define ROLE(x) true
#define VALUE_AFTER(x) ((x) + 1)
#define NUMBERS 16
#define FORCES true
#endif

/* 1 = the rule holds. */
#ifdef NO_1_DROP        /* a client keeps its copies when it sets up a new circuit */
#define RULE_1_DROP 0
#else
#define RULE_1_DROP 1
#endif
#ifdef NO_1_OLD         /* home goes on reading the old circuit after the new one's first message */
#define RULE_1_OLD 0
#else
#define RULE_1_OLD 1
#endif
#ifdef NO_1_NEWER       /* home accepts a call that a newer one has overtaken */
#define RULE_1_NEWER 0
#else
#define RULE_1_NEWER 1
#endif
#ifdef NO_1_LEFT        /* a host that hangs up on a bad circuit says that it left, while its processes still read */
#define RULE_1_LEFT 0
#else
#define RULE_1_LEFT 1
#endif
#ifdef NO_1_FORGET      /* home does not count the answers of the old circuit as given */
#define RULE_1_FORGET 0
#else
#define RULE_1_FORGET 1
#endif
#ifdef NO_2_ABSENT      /* a host without the page does not answer */
#define RULE_2_ABSENT 0
#else
#define RULE_2_ABSENT 1
#endif
#ifdef NO_2_RELEASE     /* a RELEASE counts as the answer to a PURGE */
#define RULE_2_RELEASE 0
#else
#define RULE_2_RELEASE 1
#endif
#ifdef NO_2_WRITEBACK   /* an early write-back counts as the answer to a RECALL */
#define RULE_2_WRITEBACK 0
#else
#define RULE_2_WRITEBACK 1
#endif
#ifdef NO_3_BUSY        /* the page is free again as soon as the one who asked is gone */
#define RULE_3_BUSY 0
#else
#define RULE_3_BUSY 1
#endif
#ifdef NO_3_SERVED      /* upgrade or data is decided when the request arrives */
#define RULE_3_SERVED 0
#else
#define RULE_3_SERVED 1
#endif
#ifdef NO_3_ORDER       /* the newest request is served first */
#define RULE_3_ORDER 0
#else
#define RULE_3_ORDER 1
#endif
#ifdef NO_4             /* home does not compare grant numbers */
#define RULE_4 0
#else
#define RULE_4 1
#endif
#ifdef NO_4_HAS         /* home takes the copyset's word for it that a writer has a copy, whose RELEASE it may have ignored */
#define RULE_4_HAS 0
#else
#define RULE_4_HAS 1
#endif
#ifdef NO_5_KEEP        /* bytes written back are forgotten before home has acknowledged them */
#define RULE_5_KEEP 0
#else
#define RULE_5_KEEP 1
#endif
#ifdef NO_5_DEADLINE    /* a client's deadline takes dirty bytes as well as rights */
#define RULE_5_DEADLINE 0
#else
#define RULE_5_DEADLINE 1
#endif
#ifdef NO_5_REVOKE      /* the bytes of a write-back are read before the processes have lost write access */
#define RULE_5_REVOKE 0
#else
#define RULE_5_REVOKE 1
#endif
#ifdef NO_5_FORCED      /* force answers before home has acknowledged */
#define RULE_5_FORCED 0
#else
#define RULE_5_FORCED 1
#endif
#ifdef NO_5_FIRST       /* home forgets the old incarnation before it reads what the new one hands back */
#define RULE_5_FIRST 0
#else
#define RULE_5_FIRST 1
#endif
#ifdef NO_5_FRAME       /* a frame leaves although home has not acknowledged its bytes */
#define RULE_5_FRAME 0
#else
#define RULE_5_FRAME 1
#endif
#ifdef NO_5_TOLD        /* bytes handed back too late are acknowledged like others */
#define RULE_5_TOLD 0
#else
#define RULE_5_TOLD 1
#endif
#ifdef NO_5_KNOWS       /* bytes handed back count as not taken although they came home earlier */
#define RULE_5_KNOWS 0
#else
#define RULE_5_KNOWS 1
#endif
#ifdef NO_6             /* a copy is dropped although a request for its page is open */
#define RULE_6 0
#else
#define RULE_6 1
#endif
#ifdef NO_7             /* home gives a silent host up before that host has taken its rights away */
#define RULE_7 0
#else
#define RULE_7 1
#endif
#ifdef NO_8             /* home sends a page while its own processes have not answered the revoke */
#define RULE_8 0
#else
#define RULE_8 1
#endif
#ifdef NO_10            /* home's processes write without waiting for the copies */
#define RULE_10 0
#else
#define RULE_10 1
#endif
#ifdef NO_10_DISK       /* rights are given and bytes are sent although the page is on disk */
#define RULE_10_DISK 0
#else
#define RULE_10_DISK 1
#endif
#ifdef NO_10_SPILL      /* ... although the frame is being written and then given back */
#define RULE_10_SPILL 0
#else
#define RULE_10_SPILL 1
#endif
#ifdef NO_11            /* waiters are not looked at again when an operation has ended */
#define RULE_11 0
#else
#define RULE_11 1
#endif
#ifdef NO_15_STALE      /* a sector is kept although its page is written again */
#define RULE_15_STALE 0
#else
#define RULE_15_STALE 1
#endif
#ifdef NO_15_STORE      /* bytes that come home while the old ones are being spilled do not keep the frame */
#define RULE_15_STORE 0
#else
#define RULE_15_STORE 1
#endif
#ifdef NO_15_CANCEL     /* a page is fetched again although the cancelled reading or writing of its sector has not ended */
#define RULE_15_CANCEL 0
#else
#define RULE_15_CANCEL 1
#endif
#ifdef NO_16            /* a restarted home gives out write access at once */
#define RULE_16 0
#else
#define RULE_16 1
#endif
#ifdef NO_16_READ       /* where any host writes: a restarted home gives out read access at once */
#define RULE_16_READ 0
#else
#define RULE_16_READ WRITERS
#endif
#ifdef NO_16_NUMBERS    /* a restarted home starts its grant numbers again */
#define RULE_16_NUMBERS 0
#else
#define RULE_16_NUMBERS 1
#endif
#ifdef NO_18_SPOILT     /* a page goes home by itself although it was given to a writer after its writers were asked to stop */
#define RULE_18_SPOILT 0
#else
#define RULE_18_SPOILT 1
#endif
#ifdef NO_18_ONCE       /* writers are asked to stop again while an earlier question is not answered */
#define RULE_18_ONCE 0
#else
#define RULE_18_ONCE 1
#endif
#ifdef NO_19_TOLD       /* home forgets that somebody needed a page which an absent host holds */
#define RULE_19_TOLD 0
#else
#define RULE_19_TOLD 1
#endif
#ifdef NO_19_BOOK       /* a restarted home does not know who holds the page */
#define RULE_19_BOOK 0
#else
#define RULE_19_BOOK WRITERS
#endif
#ifdef NO_19_BOOKED     /* it has a book, in which the page's grant does not stand */
#define RULE_19_BOOKED 0
#else
#define RULE_19_BOOKED 1
#endif
