package io.pagewire.daemon.region;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pagewire.core.Ending;
import io.pagewire.core.HostState;
import io.pagewire.core.PageTable;
import io.pagewire.core.Right;
import io.pagewire.daemon.circuit.Circuit;
import io.pagewire.daemon.circuit.SetupRequest;
import io.pagewire.daemon.directory.RegionRecord;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Locale;

/**
 * Describes regions, circuits and page tables in JSON, in the words of the page table of SPEC V3.
 *
 * <p>Stateless; what takes a runtime belongs to the region's event loop.
 */
public final class RegionReport {
    private static final int MAX_RUNS = 100_000;

    private RegionReport() {}

    /** What the directory knows of a region. */
    public static void describe(ObjectNode node, RegionRecord record) {
        node.put("name", record.name());
        node.put("id", record.id());
        node.put("base", "0x" + Long.toHexString(record.base()));
        node.put("size", record.size());
        node.put("span", record.span());
        node.put("pageSize", record.pageSize());
        node.put("pages", record.span() / record.pageSize());
        node.put("owner", record.owner());
        node.put("kind", record.kind().name().toLowerCase(Locale.ROOT));
        node.put("writers", record.anyWriter() ? "any" : "owner");
        if (record.file() != null) {
            node.put("file", record.file());
            node.put("resident", record.resident());
        }
    }

    /** What this host knows of a region. */
    public static ObjectNode describe(ObjectNode node, RegionRuntime region) {
        node.put("role", region.isHome() ? "home" : "client");
        node.put("state", state(region));
        node.put("epoch", region.epoch());
        node.put("mappings", region.mappingCount());
        if (region.filling() instanceof ResidentFile resident) {
            node.put("residentBytes", resident.done());
            node.put("lockedBytes", resident.locked());
            node.put("residentWarning", resident.text());
        }
        if (region instanceof ClientRuntime client) {
            node.put("notHomeBytes", NotHomeReport.bytes(client));
        } else if (region instanceof HomeRuntime home) {
            long elsewhere = 0;
            for (HomeCircuit circuit : home.circuits()) {
                elsewhere += NotHomeReport.bytes(home, circuit);
            }
            node.put("notHomeBytes", elsewhere);
        }
        leaving(node, region);
        counters(node.putObject("counters"), region);
        return node;
    }

    /** How far the orderly end of the region has come, if one is under way; false when none is. */
    public static boolean leaving(ObjectNode node, RegionRuntime region) {
        RegionEnd end = region instanceof HomeRuntime home
                ? home.end()
                : region instanceof ClientRuntime client ? client.end() : null;
        if (end == null || end.state() == Ending.NONE) {
            return false;
        }
        ObjectNode leaving = node.putObject("leaving");
        leaving.put("region", region.record().name());
        leaving.put("home", region.record().owner());
        leaving.put("state", end.state() == Ending.STALLED ? "stalled" : "under way");
        leaving.put("bytesLeft", end.left() * region.record().pageSize());
        leaving.put("bytesTotal", end.total() * region.record().pageSize());
        return true;
    }

    private static String state(RegionRuntime region) {
        if (region instanceof HomeRuntime home) {
            return home.owner().isSuspended() ? "suspended" : "ok";
        }
        return "ok";
    }

    /** The counts of the region's core, by name. */
    public static ObjectNode counters(ObjectNode node, RegionRuntime region) {
        Object counters = region instanceof HomeRuntime home
                ? home.core().counters()
                : region instanceof PreloadedRuntime preloaded
                        ? preloaded.counters()
                        : ((ClientRuntime) region).core().counters();
        try {
            for (Field field : counters.getClass().getFields()) {
                if (field.getType() == long.class && !Modifier.isStatic(field.getModifiers())) {
                    node.put(field.getName(), field.getLong(counters));
                }
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("counters are public fields", e);
        }
        return node;
    }

    /** Faults of this region's programs so far. */
    public static long faults(RegionRuntime region) {
        if (region instanceof PreloadedRuntime preloaded) {
            return preloaded.counters().faults;
        }
        return region instanceof HomeRuntime home
                ? home.core().counters().faults
                : ((ClientRuntime) region).core().counters().faults;
    }

    /** The circuits of a region, at either end. */
    public static ArrayNode circuits(ArrayNode list, RegionRuntime region) {
        if (region instanceof HomeRuntime home) {
            for (HomeCircuit circuit : home.circuits()) {
                SetupRequest setup = circuit.setup();
                ObjectNode entry = circuit(list, region, circuit.circuit(), setup.host(), "home");
                entry.put(
                        "state",
                        circuit.isAbsent() ? "absent" : circuit.circuit().isOpen() ? "up" : "lost");
                entry.put("sharingType", setup.sharingType());
                entry.put("right", setup.wantedRight() == Right.WRITE.code() ? "write" : "read");
                entry.put("qos", setup.qosClass());
                entry.put("user", setup.user());
                entry.put("notHomeBytes", NotHomeReport.bytes(home, circuit));
            }
        } else if (region instanceof CallingRuntime calling) {
            ClientCircuit circuit = calling.circuit();
            if (circuit != null) {
                ObjectNode entry =
                        circuit(list, region, circuit.circuit(), circuit.owner().host(), "client");
                entry.put("state", circuit.isUp() ? "up" : "connecting");
                entry.put("sharingType", ((CallingRuntime) region).sharingType());
                entry.put(
                        "right", ((CallingRuntime) region).wantedRight().name().toLowerCase(Locale.ROOT));
                entry.put("qos", 0);
                entry.put("user", calling.user());
                if (circuit.roundTripNs() > 0) {
                    entry.put("rttUs", circuit.roundTripNs() / 1000.0);
                }
            }
        }
        return list;
    }

    private static ObjectNode circuit(ArrayNode list, RegionRuntime region, Circuit circuit, String peer, String role) {
        ObjectNode entry = list.addObject();
        entry.put("id", circuit.id());
        entry.put("region", region.record().name());
        entry.put("peer", peer);
        entry.put("address", String.valueOf(circuit.remoteAddress()).replaceFirst("^.*/", ""));
        entry.put("role", role);
        entry.put("incarnation", circuit.incarnation());
        entry.put("epoch", circuit.epoch());
        entry.put("sentBytes", circuit.counters().sentBytes);
        entry.put("receivedBytes", circuit.counters().receivedBytes);
        entry.put("sentMessages", circuit.counters().sentMessages);
        entry.put("receivedMessages", circuit.counters().receivedMessages);
        return entry;
    }

    /** The page table, pages that are alike and stand together in one run. */
    public static ObjectNode pages(ObjectNode node, RegionRuntime region) {
        RegionRecord record = region.record();
        long pages = record.span() / record.pageSize();
        node.put("name", record.name());
        node.put("pageSize", record.pageSize());
        node.put("pages", pages);
        ArrayNode runs = node.putArray("runs");
        if (region instanceof PreloadedRuntime preloaded) {
            PreloadedReport.pages(runs.addObject(), preloaded);
            return node;
        }
        long first = 0;
        while (first < pages) {
            if (runs.size() == MAX_RUNS) {
                node.put("cutAt", first);
                break;
            }
            PageTable table = table(region);
            long entry = table.entry(first);
            int copies = copies(region, first);
            long next = first + 1;
            while (next < pages && alike(entry, table.entry(next), next - first) && copies(region, next) == copies) {
                next++;
            }
            run(runs.addObject(), first, next - first, entry, copies);
            first = next;
        }
        return node;
    }

    private static PageTable table(RegionRuntime region) {
        return region instanceof HomeRuntime home
                ? home.core().table()
                : ((ClientRuntime) region).core().table();
    }

    private static int copies(RegionRuntime region, long page) {
        return region instanceof HomeRuntime home ? Integer.bitCount(home.core().copyset(page)) : 0;
    }

    private static boolean alike(long entry, long later, long distance) {
        boolean everWritten = PageTable.isOnDisk(entry) && PageTable.value(entry) != 0;
        long step = PageTable.isPresent(entry) || everWritten ? distance : 0;
        return PageTable.isPresent(entry) == PageTable.isPresent(later)
                && PageTable.isInProgress(entry) == PageTable.isInProgress(later)
                && PageTable.isOnDisk(entry) == PageTable.isOnDisk(later)
                && PageTable.isRemote(entry) == PageTable.isRemote(later)
                && PageTable.right(entry) == PageTable.right(later)
                && PageTable.hostState(entry) == PageTable.hostState(later)
                && PageTable.value(later) == PageTable.value(entry) + step;
    }

    private static void run(ObjectNode node, long first, long count, long entry, int copies) {
        node.put("first", first);
        node.put("count", count);
        ArrayNode bits = node.putArray("bits");
        if (PageTable.isPresent(entry)) {
            bits.add("present");
        }
        if (PageTable.isInProgress(entry)) {
            bits.add("inProgress");
        }
        if (PageTable.isOnDisk(entry)) {
            bits.add("disk");
        }
        if (PageTable.isRemote(entry)) {
            bits.add("remote");
        }
        node.put("value", PageTable.value(entry));
        node.put("meaning", PageTable.isPresent(entry) ? "frame" : PageTable.isOnDisk(entry) ? "sector" : "circuit");
        HostState state = PageTable.hostState(entry);
        node.put("state", state.name().toLowerCase(Locale.ROOT));
        node.put("right", PageTable.right(entry).name().toLowerCase(Locale.ROOT));
        node.put("copies", copies);
    }
}
