package io.pagewire.testkit.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which faults happen when: everything random of a run, drawn from the seed before it begins.
 *
 * <p>Immutable; safe for use by any thread.
 */
final class Plan {
    /** The directory's own host. */
    static final String DIRECTORY = "dir";
    /** The host that owns the region. */
    static final String OWNER = "a";

    private static final String[] HOSTS = {OWNER, "b", "c"};
    private static final String[] ALL = {OWNER, "b", "c", DIRECTORY};

    /**
     * One fault, in ms since the start. second: the other host of a cut, the rate of a shaped link, the program of a fault that
     * has one, or "".
     */
    record Fault(int round, long atMs, Kind kind, String host, String second, long holdMs) {
        @Override
        public String toString() {
            String what = kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            String whom = switch (kind) {
                case CUT -> host + " | " + second;
                case CUT_ONE_WAY -> host + " -> " + second;
                case SHAPE -> host + " to " + second;
                case KILL_PROGRAM, STOP_PROGRAM -> second;
                case ORPHAN -> second + " of " + host;
                default -> host;
            };
            return what + " " + whom + " for " + holdMs + " ms";
        }
    }

    private static final int[] MBITS = {10, 100, 1000};

    /** A page of more takes about as long as the daemons' deadlines over the slowest link: that one is then left out. */
    private static final int SMALL_PAGE = 64 << 10;

    private final List<Fault> faults = new ArrayList<>();

    /** programs: names of the programs, each begins with the name of its host. page: bytes in a page of the regions. */
    Plan(long seed, int rounds, long roundMs, List<String> programs, int page) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Kind> deck = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            int count = 1 + random.nextInt(2);
            for (int i = 0; i < count; i++) {
                if (deck.isEmpty()) {
                    deck.addAll(List.of(Kind.values())); // every kind once before one comes again
                }
                Kind kind = deck.remove(random.nextInt(deck.size()));
                long at = (round - 1) * roundMs + random.nextLong(Math.max(1, roundMs / 2));
                faults.add(draw(random, round, at, kind, programs, page));
            }
        }
    }

    List<Fault> faults() {
        return faults;
    }

    private static Fault draw(SplittableRandom random, int round, long at, Kind kind, List<String> programs, int page) {
        String program = programs.get(random.nextInt(programs.size()));
        long hold = hold(random);
        return switch (kind) {
            case KILL_PROGRAM -> new Fault(round, at, kind, host(program), program, 50 + random.nextLong(500));
            case STOP_PROGRAM -> new Fault(round, at, kind, host(program), program, hold);
            case ORPHAN -> new Fault(round, at, kind, host(program), program, hold);
            case CUT, CUT_ONE_WAY -> {
                int one = random.nextInt(ALL.length);
                int other = (one + 1 + random.nextInt(ALL.length - 1)) % ALL.length;
                yield new Fault(round, at, kind, ALL[one], ALL[other], hold);
            }
            case SHAPE -> {
                int slowest = page <= SMALL_PAGE ? 0 : 1;
                int mbit = MBITS[slowest + random.nextInt(MBITS.length - slowest)];
                yield new Fault(round, at, kind, pick(random), mbit + "mbit", hold);
            }
            case FREEZE_HOST -> new Fault(round, at, kind, HOSTS[random.nextInt(HOSTS.length)], "", hold);
            case FULL_DISK -> new Fault(round, at, kind, random.nextInt(3) == 0 ? pick(random) : DIRECTORY, "", hold);
            default -> new Fault(round, at, kind, pick(random), "", hold);
        };
    }

    private static String pick(SplittableRandom random) {
        return ALL[random.nextInt(ALL.length)];
    }

    /** Shorter than every deadline, about as long as they are, or longer than all. */
    private static long hold(SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> 50 + random.nextLong(350);
            case 1 -> 400 + random.nextLong(1400);
            default -> 1800 + random.nextLong(2700);
        };
    }

    static String host(String program) {
        return program.substring(0, 1);
    }
}
