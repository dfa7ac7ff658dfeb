package io.pagewire.daemon.region;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.core.HostState;
import io.pagewire.wire.LocalLayout;
import java.util.Locale;

/**
 * Describes the preloaded frames of a region in JSON.
 *
 * <p>Stateless; belongs to the region's event loop.
 */
public final class PreloadedReport {
    private PreloadedReport() {}

    /** What this host has preloaded, and how that went. */
    public static ObjectNode describe(ObjectNode node, PreloadedRuntime region) {
        Filling filling = region.filling();
        node.put(
                "state",
                switch (filling.state()) {
                    case LocalLayout.PROGRESS_DONE -> "filled";
                    case LocalLayout.PROGRESS_FAILED -> "failed";
                    default -> "filling";
                });
        if (!filling.text().isEmpty()) {
            node.put("reason", filling.text());
        }
        node.put("sharingType", region.sharingType());
        node.put("frameBytes", region.frameBytes());
        node.put("filledBytes", filling.done());
        node.put("circuit", region.isUp() ? "up" : "none");
        node.put("mappings", region.mappingCount());
        RegionReport.counters(node.putObject("counters"), region);
        return node;
    }

    /** All pages of preloaded frames are alike. */
    static void pages(ObjectNode run, PreloadedRuntime region) {
        run.put("first", 0);
        run.put("count", region.pages());
        run.putArray("bits").add("present");
        run.put("value", 0);
        run.put("meaning", "frame");
        run.put("state", HostState.SHARED.name().toLowerCase(Locale.ROOT));
        run.put("right", region.highestRight().name().toLowerCase(Locale.ROOT));
        run.put("copies", 0);
    }
}
