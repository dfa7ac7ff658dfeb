/* page.pml: pages that leave their frames for a sector and come back (FramePort), at home and at a host. */

/* HomeFrames.leave, FramePort.discard: the page is on disk only; the frame is given back, and who touches it reads zeros. */
inline leaveFrame() { hv = 0; hdisk = 1; printf("home's page leaves its frame, the sector has %d\n", hsec) }

/*
 * HomeFrames.makeRoom, HomeRevokes.cool: the hand takes the rights to a page; one without rights leaves at once, or is
 * written first (FramePort.spill).
 */
inline handAtHome() {
    if
    :: hr != N -> op = REVOKING; opto = N; printf("home's page is cooled\n")
    :: hr == N && hsec != 0 -> leaveFrame()
    :: hr == N && hsec == 0 -> op = SPILLING; hwr = hv; printf("home spills value %d\n", hv)
    fi
}

/* HomeFrames.spilled: it stays when somebody has asked for it meanwhile, or other bytes have come home (FramePort.forget). */
inline spilledAtHome(fails) {
    if
    :: fails -> skip
    :: !fails && (hwr == 0 || (len(q) > 0)) -> hsec = hwr
    :: !fails && hwr != 0 && !(len(q) > 0) -> hsec = hwr; leaveFrame()
    fi;
    hwr = 0; ended()
}

/* HomeFrames.bring, FramePort.load, then HomeFrames.loaded. */
inline startLoad() { op = LOADING; starter = w_; res_ = STARTED }
inline loadedAtHome() { hv = hsec; hdisk = 0; printf("home's page is read back: value %d\n", hv); ended() }

/* HomeFrames.soil: a grant of write access, HomePort.store, HomePort.applyPublished. What the sector has is out of date. */
inline touched() {
    hdisk = 0;
    if :: RULE_15_STALE -> hsec = 0 :: else fi;
    if :: RULE_15_STORE -> hwr = 0 :: else fi
}

/* ClientRevokes.vacate: what becomes of the copy's frame and sector when the copy is no more. */
inline copyGone(h) {
    st[h] = N; v[h] = 0; g[h] = 0; sec[h] = 0;
    if
    :: place[h] == WRITTEN -> place[h] = LATE_WRITE
    :: place[h] == READ_BACK -> place[h] = LATE_READ
    :: place[h] == ON_DISK -> place[h] = IN_FRAME
    :: else
    fi
}
#define FRAME_FREE(h) (place[h] == IN_FRAME || !RULE_15_CANCEL && place[h] >= LATE_WRITE)

/* ClientEviction.toDisk, ClientRevokes.dropFrame: the frame of a copy is given back. */
inline leaveHostFrame(h) {
    place[h] = ON_DISK; v[h] = 0; printf("the copy of %d leaves its frame, the sector has %d\n", h, sec[h]);
    if :: !RULE_5_FRAME -> keep[h] = 0; keepn[h] = 0 :: else fi
}

/* ClientEviction.makeRoom has taken the rights: a copy that nobody waits for leaves, a written page stays without. */
inline handAtHost(h) {
    if
    :: st[h] == R && owed[h] == 0 && want[h] == N && place[h] == IN_FRAME && (keep[h] == 0 || !RULE_5_FRAME) ->
        if
        :: sec[h] != 0 -> leaveHostFrame(h)
        :: else -> place[h] = WRITTEN; moving[h] = v[h]; printf("%d spills value %d\n", h, v[h])
        fi
    :: else
    fi
}

/* ClientEviction.spilled */
inline spilledAtHost(h, fails) {
    if
    :: place[h] == LATE_WRITE ->
        place[h] = IN_FRAME;
        if :: st[h] != N -> v[h] = 0 :: else fi     /* without rule 15 only: the frame is given back although it is in use */
    :: place[h] == WRITTEN && (fails || want[h] != N) -> place[h] = IN_FRAME; sec[h] = (fails -> 0 : moving[h])
    :: place[h] == WRITTEN && !(fails || want[h] != N) -> sec[h] = moving[h]; leaveHostFrame(h)
    fi;
    moving[h] = 0; ask(h)
}

/* ClientEviction.loaded; a sector that cannot be read is fetched again from home. */
inline loadedAtHost(h, fails) {
    if
    :: place[h] == LATE_READ ->
        place[h] = IN_FRAME;
        if :: st[h] != N -> v[h] = moving[h] :: else fi     /* used without rule 15 only */
    :: place[h] == READ_BACK && !fails -> place[h] = IN_FRAME; v[h] = moving[h]
    :: place[h] == READ_BACK && fails -> place[h] = IN_FRAME; copyGone(h)
    fi;
    moving[h] = 0; ask(h)
}
