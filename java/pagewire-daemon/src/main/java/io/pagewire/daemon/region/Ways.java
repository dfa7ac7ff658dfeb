package io.pagewire.daemon.region;

import io.pagewire.core.link.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of the way to each other host, for all circuits that go there. Hosts that were not called for long are forgotten.
 *
 * <p>Safe for use by any thread.
 */
final class Ways {
    private static final int MOST = 1024;

    private final Map<String, Path> ways = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Path> eldest) {
            return size() > MOST;
        }
    };

    synchronized Path to(String host) {
        return ways.computeIfAbsent(host, name -> new Path());
    }
}
