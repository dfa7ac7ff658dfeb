package io.pagewire.core.link;

import java.util.PriorityQueue;

/**
 * A model of a way between two hosts: a rate, a delay each way, a queue without end, and daemons that need a moment for every
 * piece. Circuits that always have bulk share it; so does a fault now and then, whose page is answered behind what stands in the
 * queue.
 *
 * <p>For use by one thread.
 */
final class Link {
    private static final long S = 1_000_000_000L;
    private static final int FRAGMENT = 32 << 10;

    /** A circuit with a pacer, which fills a preloaded region. */
    private final class Bulk {
        final Pacer pacer;
        long arrived;

        Bulk(Pacer pacer) {
            this.pacer = pacer;
        }

        void send() {
            if (pacer.wantsMark(now)) {
                sent(0);
            }
            for (int piece = pacer.piece(least, now); piece > 0; piece = pacer.piece(least, now)) {
                sent(piece);
            }
        }

        private void sent(int bytes) {
            long number = pacer.sent(bytes, now);
            long late = bytes == 0 ? 0 : lateNs;
            at(returned(served(transmitted(bytes), bytes) + 2 * delayNs + hostNs() + late), () -> {
                arrived += bytes;
                String problem = pacer.returned(number, now);
                if (problem != null) {
                    throw new AssertionError(problem);
                }
                send();
            });
        }
    }

    /** A circuit whose host asks for one large page after the other, which comes in fragments. */
    private final class Wanted {
        final Pacer pacer = new Pacer(path);
        long arrived;
        long longestNs;

        void send() {
            while (pacer.takesWanted(0, now)) {
                long number = pacer.sentWanted(FRAGMENT, now);
                long sent = now;
                at(returned(transmitted(FRAGMENT) + 2 * delayNs + hostNs()), () -> {
                    arrived += FRAGMENT;
                    longestNs = Math.max(longestNs, now - sent);
                    if (pacer.returned(number, now) != null) {
                        throw new AssertionError("mark " + number);
                    }
                    send();
                });
            }
        }
    }

    private record Event(long at, long order, Runnable work) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>((a, b) -> a.at == b.at ? Long.compare(a.order, b.order) : Long.compare(a.at, b.at));
    private final Path path = new Path();
    private final Bulk[] bulks;
    private Wanted wanted;
    private final int least;
    private double bytesPerNs;
    private long delayNs;
    private long hostNs;
    private long pieceNs;
    private double byteNs;
    private long servedNs;
    private long lateNs;
    private long stallNs;
    private long stallEveryNs = Long.MAX_VALUE;
    private long now = 7 * S;
    private long freeNs;
    private long lastNs;
    private long orders;

    /** @param delayNs one way; @param hostNs what the two daemons need for a piece; @param least bytes of a page */
    Link(double bitsPerS, long delayNs, long hostNs, int least, int circuits) {
        this.bytesPerNs = bitsPerS / 8 / S;
        this.delayNs = delayNs;
        this.hostNs = hostNs;
        this.least = least;
        bulks = new Bulk[circuits];
        for (int i = 0; i < circuits; i++) {
            bulks[i] = new Bulk(new Pacer(path));
        }
        for (Bulk bulk : bulks) {
            at(now, bulk::send);
        }
    }

    /** From now on one of the daemons gets no processor for that long, that often. */
    void stalls(long lengthNs, long everyNs) {
        stallNs = lengthNs;
        stallEveryNs = everyNs;
    }

    /** From now on the daemons need so much of a processor for each piece and each byte, one piece after the other. */
    void needs(long nsPerPiece, double nsPerByte) {
        pieceNs = nsPerPiece;
        byteNs = nsPerByte;
    }

    /** From now on marks behind bulk come back so much later, whatever is under way; others do not. */
    void returnsLate(long ns) {
        lateNs = ns;
    }

    /** From now on somebody waits for large pages as well. */
    void wants() {
        wanted = new Wanted();
        wanted.send();
    }

    /** Bytes a second of what somebody waits for, from now on for that long, of what the link could carry. */
    double wantedUse(long ns) {
        long before = wanted.arrived;
        run(ns);
        return (wanted.arrived - before) / (bytesPerNs * ns);
    }

    /** How long a sign of life has stood behind what was wanted, ns. */
    long longestWantedNs() {
        return wanted.longestNs;
    }

    void becomes(double bitsPerS, long newDelayNs) {
        bytesPerNs = bitsPerS / 8 / S;
        delayNs = newDelayNs;
    }

    private void at(long time, Runnable work) {
        events.add(new Event(time, orders++, work));
    }

    /** When the last byte is on the wire. */
    private long transmitted(int bytes) {
        freeNs = Math.max(freeNs, now) + (long) (bytes / bytesPerNs);
        return freeNs;
    }

    /** When the daemons have taken what is transmitted by then. */
    private long served(long time, int bytes) {
        servedNs = Math.max(servedNs, time) + (bytes == 0 ? 0 : pieceNs + (long) (bytes * byteNs));
        return servedNs;
    }

    /** Marks do not overtake each other. */
    private long returned(long time) {
        lastNs = Math.max(lastNs, time);
        return lastNs;
    }

    private long hostNs() {
        long into = Math.floorMod(now, stallEveryNs);
        return hostNs + (into < stallNs ? stallNs - into : 0);
    }

    void run(long ns) {
        long end = now + ns;
        while (!events.isEmpty() && events.peek().at <= end) {
            Event next = events.poll();
            now = Math.max(now, next.at);
            next.work.run();
        }
        now = end;
    }

    /** Bytes a second that the circuits have moved, from now on for that long, of what the link could carry. */
    double use(long ns) {
        long before = arrived();
        run(ns);
        return (arrived() - before) / (bytesPerNs * ns);
    }

    private long arrived() {
        long sum = 0;
        for (Bulk bulk : bulks) {
            sum += bulk.arrived;
        }
        return sum;
    }

    /** A fault on the idle way, ns. */
    long idleFaultNs() {
        return 2 * delayNs + hostNs + (long) (least / bytesPerNs);
    }

    /** The part of so many faults, one every few ms, that took at most {@code times} as long as on the idle way. */
    double faultsWithin(double times, int faults) {
        int within = 0;
        for (int i = 0; i < faults; i++) {
            run(5_000_000L + i * 37_000L);
            long queued = Math.max(0, Math.max(freeNs, servedNs) - now);
            if (queued + idleFaultNs() <= times * idleFaultNs()) {
                within++;
            }
        }
        return (double) within / faults;
    }
}
