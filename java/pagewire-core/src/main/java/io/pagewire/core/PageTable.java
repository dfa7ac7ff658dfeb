package io.pagewire.core;

/**
 * One entry of 64 bits a page, and one door for every change of it. SPEC: V3, V4, O6.
 *
 * <pre>
 *  63      62          61      60     59 58       57 56      55   54       53 ... 38        37 ... 0
 * +-------+-----------+-------+------+-----------+----------+----+--------+----------------+-----------------------+
 * |present|in progress|on disk|remote|local right|host state|busy|upgrade |mappings        |value                  |
 * +-------+-----------+-------+------+-----------+----------+----+--------+----------------+-----------------------+
 * </pre>
 *
 * The value is a frame number when the page is present, a circuit id when it is remote, a sector when it is on disk. Exactly
 * one of these three bits is set; "in progress" only stands beside "present": the frame is reserved, the bytes are on their
 * way, nobody may touch it. Sector 0 stands for a page that was never written: it is zeros and takes no room. At home a page
 * is remote while another host holds it exclusively, and names that host's circuit.
 *
 * <p>The local right is the most any process of this host may have. The mask names the mappings that may have it: bit i for
 * slot i, bit 15 for all slots from 15 up. Both err on the safe side. "Busy" means that a decision about the page is under
 * way: nothing may be granted beyond what {@link HomeRegion} and {@link ClientRegion} say. "Upgrade" means that a copy is here
 * and home has been asked to let it be written.
 *
 * <p>Entries are made by need, a run of 1,024 pages at the first change of one of them: a page that nobody has touched is as all
 * were in the beginning, and costs nothing.
 *
 * <p>Not thread-safe: belongs to the thread of its region.
 */
public final class PageTable {
    static final long PRESENT = 1L << 63;
    static final long IN_PROGRESS = 1L << 62;
    static final long ON_DISK = 1L << 61;
    static final long REMOTE = 1L << 60;
    static final long BUSY = 1L << 55;
    static final long UPGRADE = 1L << 54;
    static final int RIGHT_SHIFT = 58;
    static final int HOST_SHIFT = 56;
    static final int MASK_SHIFT = 38;
    static final long RIGHT_BITS = 3L << RIGHT_SHIFT;
    static final long HOST_BITS = 3L << HOST_SHIFT;
    static final long MASK_BITS = 0xFFFFL << MASK_SHIFT;
    static final long VALUE_BITS = (1L << MASK_SHIFT) - 1;

    /** The last bit of the mask; it stands for this slot and every later one. */
    static final int SHARED_SLOT = 15;

    private static final HostState[] HOST_STATES = HostState.values();

    private static final int RUN_MASK = PageInts.RUN - 1;

    /** What a run of entries costs, with the copyset, the grant number, the holder and the sector of each page. */
    private static final int RUN_BYTES = PageInts.RUN * (8 + 4 * 4);

    /** What the entry of every page is that nobody has touched, but for the frame number of a page that is present. */
    private long untouched;

    private final long pages;

    private final boolean framed;
    /** Null: no entry of these pages has changed yet. */
    private final long[][] runs;

    private final Moves moves;
    private final long[] rightMoves = new long[16];
    private final long[] hostMoves = new long[16];
    private final boolean home;
    /** Of a client that may write; null otherwise. */
    private final PageSet exclusive;

    private final TableRoom room;
    private long bytes;
    private long changes;
    private int exclusivePages;

    private PageTable(Geometry geometry, Moves moves, boolean home, long first, TableRoom room) {
        this.exclusive = moves == Moves.WRITING_CLIENT ? new PageSet(geometry.pages()) : null;
        this.runs = new long[PageInts.runs(geometry.pages())][];
        this.moves = moves;
        this.home = home;
        this.untouched = first;
        this.pages = geometry.pages();
        this.room = room;
        this.framed = (first & PRESENT) != 0;
    }

    /** The table of a region's home: every page present in its own frame, shared, readable by local processes. SPEC: O3. */
    static PageTable ofHome(Geometry geometry, TableRoom room) {
        return new PageTable(geometry, Moves.HOME, true, PRESENT | right(Right.READ) | host(HostState.SHARED), room);
    }

    /**
     * The table of a home whose pages may be elsewhere: nobody has a right that was not asked for. {@code empty}: no page has a
     * frame yet, all are zeros.
     */
    static PageTable ofTrackingHome(Geometry geometry, boolean empty, TableRoom room) {
        long first = (empty ? ON_DISK : PRESENT) | right(Right.NONE) | host(HostState.SHARED);
        return new PageTable(geometry, Moves.TRACKING_HOME, true, first, room);
    }

    /** The table of a client: every page remote on circuit 0, the name server. SPEC: V13, O3. */
    static PageTable ofClient(Geometry geometry, boolean anyWriter, TableRoom room) {
        Moves moves = anyWriter ? Moves.WRITING_CLIENT : Moves.CLIENT;
        return new PageTable(geometry, moves, false, REMOTE | right(Right.NONE) | host(HostState.ABSENT), room);
    }

    /** The entry as it stands; see the class comment for its bits. */
    public long entry(long page) {
        long[] run = runs[(int) (page >>> PageInts.SHIFT)];
        return run == null ? untouched(page) : run[(int) page & RUN_MASK];
    }

    private long untouched(long page) {
        return framed ? untouched | page : untouched;
    }

    /** The first page from {@code from} on whose entry may differ from that of an untouched page; -1 when there is none. */
    long nextTouched(long from) {
        long page = from;
        while (page < pages && runs[(int) (page >>> PageInts.SHIFT)] == null) {
            page = (page | RUN_MASK) + 1;
        }
        return page < pages ? page : -1;
    }

    /** {@link #remote} for all pages that nobody has touched. */
    void untouchedRemote(int circuit) {
        untouched = REMOTE | right(Right.NONE) | host(HostState.ABSENT) | circuit & 0xFFFFFFFFL;
    }

    /** The local right of all pages that nobody has touched is this one from now on. */
    void untouchedRight(Right right) {
        untouched = untouched & ~RIGHT_BITS | right(right);
    }

    Right untouchedRight() {
        return right(untouched);
    }

    private long[] madeRun(long page) {
        int index = (int) (page >>> PageInts.SHIFT);
        if (runs[index] == null) {
            long[] run = new long[PageInts.RUN];
            for (int i = 0; i < run.length; i++) {
                run[i] = untouched(((long) index << PageInts.SHIFT) + i);
            }
            runs[index] = run;
            bytes += RUN_BYTES;
            room.take(RUN_BYTES);
        }
        return runs[index];
    }

    /** Whether the page can not be served for want of room for its entry. */
    boolean isBeyondRoom(long page) {
        return runs[(int) (page >>> PageInts.SHIFT)] == null && room.isFull();
    }

    /** What the table has taken of its {@link TableRoom}. */
    long bytes() {
        return bytes;
    }

    public static boolean isPresent(long entry) {
        return (entry & PRESENT) != 0;
    }

    public static boolean isInProgress(long entry) {
        return (entry & IN_PROGRESS) != 0;
    }

    public static boolean isOnDisk(long entry) {
        return (entry & ON_DISK) != 0;
    }

    public static boolean isRemote(long entry) {
        return (entry & REMOTE) != 0;
    }

    /** A copy is here, and home has been asked to let it be written. */
    public static boolean isUpgrading(long entry) {
        return (entry & UPGRADE) != 0;
    }

    public static boolean isBusy(long entry) {
        return (entry & BUSY) != 0;
    }

    /** Present, and its bytes are there. */
    public static boolean isReady(long entry) {
        return (entry & (PRESENT | IN_PROGRESS)) == PRESENT;
    }

    public static Right right(long entry) {
        return Right.of((int) ((entry & RIGHT_BITS) >>> RIGHT_SHIFT));
    }

    public static HostState hostState(long entry) {
        return HOST_STATES[(int) ((entry & HOST_BITS) >>> HOST_SHIFT)];
    }

    public static int mappings(long entry) {
        return (int) ((entry & MASK_BITS) >>> MASK_SHIFT);
    }

    public static long value(long entry) {
        return entry & VALUE_BITS;
    }

    /** The bit of the mask that stands for a mapping slot. */
    static int maskBit(int slot) {
        return 1 << Math.min(slot, SHARED_SLOT);
    }

    /** Pages that are this host's alone at present. */
    int exclusivePages() {
        return exclusivePages;
    }

    /** The first page from {@code from} on that is this host's alone, going round once; -1 when there is none. */
    long nextExclusive(long from) {
        return exclusivePages == 0 ? -1 : exclusive.next(from);
    }

    /** Changes of entries so far. */
    public long changes() {
        return changes;
    }

    /** How often the local right of a page went from one to the other. */
    public long count(Right from, Right to) {
        return rightMoves[from.ordinal() << 2 | to.ordinal()];
    }

    /** How often the state of a page in this host went from one to the other. */
    public long count(HostState from, HostState to) {
        return hostMoves[from.ordinal() << 2 | to.ordinal()];
    }

    /** A local process may have {@code right} from now on; at home write makes the page exclusive. */
    void grant(long page, Right right, int maskBits) {
        long old = entry(page);
        // At home a reader need not be named: who loses reading access there is asked for whoever he is.
        boolean keeps = home ? right(old) == right : right(old) != Right.NONE;
        long mask = keeps ? old & MASK_BITS : 0;
        long next = old & ~(RIGHT_BITS | MASK_BITS) | right(right) | mask | (long) maskBits << MASK_SHIFT;
        if (right == Right.WRITE) {
            next = next & ~HOST_BITS | host(HostState.EXCLUSIVE);
        }
        put(page, next);
    }

    /** One more mapping may have a right on the page, not beyond what some mapping may have already. */
    void join(long page, int maskBits) {
        put(page, entry(page) | (long) maskBits << MASK_SHIFT);
    }

    /**
     * No local process has more than {@code left} any more. At home the page is shared then; at a client it stays exclusive
     * until its bytes have gone home. The mappings that have something left are named as before.
     */
    void reduce(long page, Right left) {
        long old = entry(page);
        if (right(old).compareTo(left) < 0) {
            throw new IllegalStateException("page " + page + " has less than " + left + ": " + describeEntry(old));
        }
        long mask = home || left == Right.NONE ? 0 : old & MASK_BITS;
        long next = old & ~(RIGHT_BITS | MASK_BITS) | right(left) | mask;
        if (home && hostState(old) == HostState.EXCLUSIVE) {
            next = next & ~HOST_BITS | host(HostState.SHARED);
        }
        put(page, next);
    }

    /** The page that is here is this host's alone, or is a copy again. Client only. */
    void exclusive(long page, boolean alone) {
        long next = entry(page) & ~(HOST_BITS | UPGRADE);
        put(page, next | host(alone ? HostState.EXCLUSIVE : HostState.SHARED));
    }

    /** Home has been asked to let the copy be written, or not any more. */
    void upgrading(long page, boolean asked) {
        long old = entry(page);
        put(page, asked ? old | UPGRADE : old & ~UPGRADE);
    }

    /** The frame is reserved and the bytes have been asked for. */
    void inProgress(long page) {
        long old = entry(page);
        put(page, old & ~(REMOTE | ON_DISK | UPGRADE | VALUE_BITS) | PRESENT | IN_PROGRESS | page);
    }

    /** The copy is gone, but what was asked for is still on its way. */
    void emptied(long page) {
        long old = entry(page);
        put(page, old & ~(UPGRADE | RIGHT_BITS | MASK_BITS | HOST_BITS) | IN_PROGRESS | host(HostState.ABSENT));
    }

    /** The bytes stand in the frame, from wherever they have come; nobody has a right. */
    void present(long page) {
        long busy = entry(page) & BUSY;
        put(page, PRESENT | busy | right(Right.NONE) | host(HostState.SHARED) | page);
    }

    /** The bytes stand in a sector, or are zeros (sector 0). */
    void onDisk(long page, int sector) {
        long busy = entry(page) & BUSY;
        put(page, ON_DISK | busy | right(Right.NONE) | host(HostState.SHARED) | sector);
    }

    /** The bytes are in the frame. */
    void ready(long page) {
        long old = entry(page);
        long next = old & ~IN_PROGRESS;
        if (hostState(old) == HostState.ABSENT) {
            next = next & ~HOST_BITS | host(HostState.SHARED);
        }
        put(page, next);
    }

    /** There is no copy here; the page is to be had on {@code circuit}. */
    void remote(long page, int circuit) {
        long busy = home ? entry(page) & BUSY : 0;
        put(page, REMOTE | busy | right(Right.NONE) | host(HostState.ABSENT) | circuit & 0xFFFFFFFFL);
    }

    void busy(long page, boolean busy) {
        long old = entry(page);
        put(page, busy ? old | BUSY : old & ~BUSY);
    }

    /** One page in words, for {@code dsmctl pages}. */
    public String describe(long page) {
        return describeEntry(entry(page));
    }

    static String describeEntry(long entry) {
        StringBuilder text = new StringBuilder();
        if (isInProgress(entry)) {
            text.append("in progress, frame ").append(value(entry));
        } else if (isPresent(entry)) {
            text.append("present, frame ").append(value(entry));
        }
        if (isOnDisk(entry)) {
            text.append("on disk, sector ").append(value(entry));
        }
        if (isRemote(entry)) {
            text.append("remote, circuit ").append(value(entry));
        }
        text.append(", ").append(hostState(entry).name().toLowerCase(java.util.Locale.ROOT));
        text.append(", right ").append(right(entry).name().toLowerCase(java.util.Locale.ROOT));
        if (mappings(entry) != 0) {
            text.append(" of mappings ").append(Integer.toBinaryString(mappings(entry)));
        }
        if (isUpgrading(entry)) {
            text.append(", upgrade asked for");
        }
        if (isBusy(entry)) {
            text.append(", busy");
        }
        return text.toString();
    }

    /** The door: every change passes here, or throws. */
    private void put(long page, long next) {
        long old = entry(page);
        if (old == next) {
            return;
        }
        int rightMove = (int) ((old & RIGHT_BITS) >>> RIGHT_SHIFT << 2 | (next & RIGHT_BITS) >>> RIGHT_SHIFT);
        int hostMove = (int) ((old & HOST_BITS) >>> HOST_SHIFT << 2 | (next & HOST_BITS) >>> HOST_SHIFT);
        if (!moves.allow(rightMove, hostMove, next)) {
            throw new IllegalStateException(
                    "page " + page + " must not go from {" + describeEntry(old) + "} to {" + describeEntry(next) + "}");
        }
        countExclusive(page, hostState(old) == HostState.EXCLUSIVE, hostState(next) == HostState.EXCLUSIVE);
        rightMoves[rightMove]++;
        hostMoves[hostMove]++;
        changes++;
        madeRun(page)[(int) page & RUN_MASK] = next;
    }

    private void countExclusive(long page, boolean was, boolean is) {
        if (was == is) {
            return;
        }
        exclusivePages += is ? 1 : -1;
        if (exclusive != null && is) {
            exclusive.add(page);
        } else if (exclusive != null) {
            exclusive.remove(page);
        }
    }

    private static long right(Right right) {
        return (long) right.ordinal() << RIGHT_SHIFT;
    }

    private static long host(HostState state) {
        return (long) state.ordinal() << HOST_SHIFT;
    }
}
