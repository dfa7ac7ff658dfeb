package io.pagewire.testkit;

import io.pagewire.core.ClientSettings;
import io.pagewire.core.HomeSettings;
import io.pagewire.core.LeaseRules;
import io.pagewire.core.WritebackSettings;
import java.util.SplittableRandom;

/**
 * The deadlines of the simulated cluster, in ns: shorter than the defaults so that more happens in a run, in the same relation
 * to each other.
 *
 * <p>Constants only; safe for use by any thread.
 */
final class Times {
    static final long MS = 1_000_000L;

    static final long HEARTBEAT = 25 * MS;
    static final long CLIENT_DEADLINE = 100 * MS;
    static final long REVOKE_DEADLINE = 100 * MS;
    static final long HOME_DEADLINE = 460 * MS;
    static final long FAULT_DEADLINE = 1000 * MS;
    static final long RETRY = 20 * MS;
    static final long TICK = 10 * MS;
    static final long CONNECT_TIMEOUT = 200 * MS;

    /** A message between processes of one host takes at most this long. */
    static final long LOCAL_DELAY = 50 * MS;

    /** No daemon is back sooner: by then the agents of its predecessor's processes have taken all rights away. */
    static final long RESTART = LOCAL_DELAY + MS;

    /** A daemon speaks to the directory this often, gives up its claim after the next, and its applications at the latest. */
    static final long DIRECTORY_BEAT = 100 * MS;

    static final long DIRECTORY_SILENCE = 300 * MS;
    static final long DIRECTORY_LEASE = 500 * MS;
    static final long DIRECTORY_SESSION = 1000 * MS;

    /** Clocks of hosts run at most this much too fast or too slow, in parts of a million. */
    static final int DRIFT = 4000;

    static {
        String wrong = LeaseRules.check(HEARTBEAT, CLIENT_DEADLINE, REVOKE_DEADLINE, HOME_DEADLINE, FAULT_DEADLINE);
        if (wrong != null) {
            throw new IllegalStateException(wrong);
        }
    }

    /** An orderly end that gets nothing home for so long counts as stalled. */
    static final long STALL = 2000 * MS;

    private Times() {}

    static HomeSettings home(int run, boolean anyWriter, int grantsAfter) {
        return new HomeSettings(HOME_DEADLINE, REVOKE_DEADLINE, FAULT_DEADLINE, run, anyWriter, grantsAfter);
    }

    static ClientSettings client(int run, boolean anyWriter) {
        return new ClientSettings(
                REVOKE_DEADLINE,
                FAULT_DEADLINE,
                run,
                RETRY,
                FAULT_DEADLINE + HOME_DEADLINE,
                anyWriter,
                WritebackSettings.OFF);
    }

    /** Bounds so close that they are met often. */
    static WritebackSettings writeback(SplittableRandom random) {
        long age = random.nextLong(30 * MS);
        int most = 2 + random.nextInt(12);
        return new WritebackSettings(age, 8 * age, random.nextInt(most), most);
    }
}
