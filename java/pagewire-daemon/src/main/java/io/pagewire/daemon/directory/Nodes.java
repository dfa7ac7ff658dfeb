package io.pagewire.daemon.directory;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * The tree of the directory in ZooKeeper, and the data of its nodes.
 *
 * <pre>
 *   /pagewire                      incarnation
 *   /pagewire/space                next free id and address; changed only by its version
 *   /pagewire/names/BUCKET/NAME    RegionRecord, never changed
 *   /pagewire/ids/ID               the region's name, never changed; made and deleted together with the region
 *   /pagewire/owned/HOST/RANGE/ID  empty: the region belongs to the host; made and deleted together with it
 *   /pagewire/owners/ID            OwnerRecord, ephemeral; its creation zxid is the epoch
 *   /pagewire/hosts/HOST           HostRecord, ephemeral
 * </pre>
 *
 * <p>A node's children are told in one packet, and a packet of more than 1 MiB ends the session. So whatever is listed is spread:
 * names over {@link #BUCKETS} nodes by a hash, a host's regions over ranges of {@link #RANGE} ids. All regions that the address
 * space has room for leave each bucket below half of that. Ids and owners are never listed.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Nodes {
    static final String ROOT = "/pagewire";
    static final String SPACE = ROOT + "/space";
    static final String NAMES = ROOT + "/names";
    static final String IDS = ROOT + "/ids";
    static final String OWNERS = ROOT + "/owners";
    static final String OWNED = ROOT + "/owned";
    static final String HOSTS = ROOT + "/hosts";

    /** Where regions were, all in one node, in directories of the first layout. */
    static final String OLD_REGIONS = ROOT + "/regions";

    static final int BUCKETS = 4096;
    static final int RANGE = 1000;

    private static final String ROOT_KIND = "pagewire-directory 2";
    private static final String OLD_ROOT_KIND = "pagewire-directory 1";
    private static final String SPACE_KIND = "pagewire-space 1";
    private static final String REGION_KIND = "pagewire-region 2";
    private static final String ID_KIND = "pagewire-id 1";
    private static final String OWNER_KIND = "pagewire-owner 1";
    private static final String HOST_KIND = "pagewire-host 1";
    private static final List<String> REGION_KEYS = List.of(
            "name",
            "id",
            "base",
            "span",
            "size",
            "page-size",
            "kind",
            "owner",
            "file",
            "content-session",
            "writers",
            "resident");

    private Nodes() {}

    static String region(String name) {
        return bucket(bucketOf(name)) + "/" + Names.toNode(name);
    }

    static String oldRegion(String name) {
        return OLD_REGIONS + "/" + Names.toNode(name);
    }

    static String bucket(int bucket) {
        return NAMES + "/" + String.format("%03x", bucket);
    }

    /** The bucket whose node has this name below {@link #NAMES}; -1 when none has. */
    static int bucketOfNode(String node) {
        return node.matches("[0-9a-f]{3}") ? Integer.parseInt(node, 16) : -1;
    }

    static int bucketOf(String name) {
        CRC32 hash = new CRC32();
        hash.update(name.getBytes(StandardCharsets.UTF_8));
        return (int) (hash.getValue() % BUCKETS);
    }

    static String ownedBy(String host) {
        return OWNED + "/" + host;
    }

    static String ownedRange(String host, int range) {
        return ownedBy(host) + "/" + range;
    }

    static String owned(String host, int id) {
        return ownedRange(host, id / RANGE) + "/" + id;
    }

    static String id(int id) {
        return IDS + "/" + id;
    }

    static String owner(int id) {
        return OWNERS + "/" + id;
    }

    static String host(String name) {
        return HOSTS + "/" + name;
    }

    static byte[] encodeRoot(long incarnation) {
        return NodeText.of(ROOT_KIND).putHex("incarnation", incarnation).encode();
    }

    static long decodeRoot(byte[] data) throws BadNode {
        return decodeRoot(data, ROOT_KIND);
    }

    /** Whether this is the root of a directory of the first layout. */
    static boolean isOldRoot(byte[] data) {
        return data != null && new String(data, StandardCharsets.UTF_8).startsWith(OLD_ROOT_KIND + "\n");
    }

    static long decodeOldRoot(byte[] data) throws BadNode {
        return decodeRoot(data, OLD_ROOT_KIND);
    }

    private static long decodeRoot(byte[] data, String kind) throws BadNode {
        long incarnation = NodeText.decode(data, kind, List.of("incarnation")).hex("incarnation");
        if (incarnation == 0) {
            throw new BadNode("incarnation is 0");
        }
        return incarnation;
    }

    static byte[] encode(AddressSpace space) {
        return NodeText.of(SPACE_KIND)
                .put("next-id", space.nextId())
                .putHex("next-base", space.nextBase())
                .encode();
    }

    static AddressSpace decodeSpace(byte[] data) throws BadNode {
        NodeText text = NodeText.decode(data, SPACE_KIND, List.of("next-id", "next-base"));
        int nextId = (int) text.number("next-id", 1, Integer.MAX_VALUE);
        long nextBase = text.hex("next-base");
        if (nextBase < AddressSpace.START
                || nextBase > AddressSpace.END
                || nextBase != AddressSpace.alignUp(nextBase)) {
            throw new BadNode(
                    "next-base is " + Long.toHexString(nextBase) + ", outside the address space or not aligned");
        }
        return new AddressSpace(nextId, nextBase);
    }

    static byte[] encode(RegionRecord region) {
        return NodeText.of(REGION_KIND)
                .put("name", region.name())
                .put("id", region.id())
                .putHex("base", region.base())
                .put("span", region.span())
                .put("size", region.size())
                .put("page-size", region.pageSize())
                .put("kind", region.kind().name().toLowerCase(Locale.ROOT))
                .put("owner", region.owner())
                .put("file", region.file() == null ? "" : region.file())
                .putHex("content-session", region.contentSession())
                .put("writers", region.anyWriter() ? "any" : "owner")
                .put("resident", region.resident() ? "yes" : "no")
                .encode();
    }

    static RegionRecord decodeRegion(byte[] data) throws BadNode {
        NodeText text = NodeText.decode(data, REGION_KIND, REGION_KEYS);
        String name = text.text("name");
        refuse(Names.checkRegion(name));
        int id = (int) text.number("id", 1, Integer.MAX_VALUE - 1);
        int pageSize = (int) text.number("page-size", RegionRecord.MIN_PAGE_SIZE, RegionRecord.MAX_PAGE_SIZE);
        if (Integer.bitCount(pageSize) != 1) {
            throw new BadNode("page-size is " + pageSize + ", not a power of two");
        }
        long size = text.number("size", 1, RegionRecord.MAX_SIZE);
        long span = text.number("span", pageSize, RegionRecord.MAX_SIZE);
        if (span != roundUp(size, pageSize)) {
            throw new BadNode("span is " + span + ", but " + size + " bytes are " + roundUp(size, pageSize)
                    + " in whole pages of " + pageSize);
        }
        long base = text.hex("base");
        if (base < AddressSpace.START
                || base > AddressSpace.END - AddressSpace.GUARD - span
                || base != AddressSpace.alignUp(base)) {
            throw new BadNode("base is " + Long.toHexString(base) + ", outside the address space or not aligned");
        }
        String owner = text.text("owner");
        refuse(Names.checkHost(owner));
        String file = text.text("file");
        Kind kind = switch (text.text("kind")) {
            case "created" -> Kind.CREATED;
            case "exported" -> Kind.EXPORTED;
            case "stream" -> Kind.STREAM;
            default -> throw new BadNode("kind is " + Names.quote(text.text("kind")));
        };
        if (kind == Kind.EXPORTED ? !file.startsWith("/") : !file.isEmpty()) {
            throw new BadNode("file is " + Names.quote(file) + " in a region that is " + text.text("kind"));
        }
        if (kind == Kind.CREATED && size != span) {
            throw new BadNode("size is " + size + ", but a created region has whole pages");
        }
        boolean anyWriter = either(text, "writers", "any", "owner");
        boolean resident = either(text, "resident", "yes", "no");
        if (resident && kind == Kind.CREATED) {
            throw new BadNode("resident is yes, but a created region is always in memory");
        }
        boolean plain = pageSize == RegionRecord.MIN_PAGE_SIZE && !anyWriter && !resident;
        if (kind == Kind.STREAM && (!plain || size > RegionRecord.MAX_FRAME_SIZE)) {
            throw new BadNode("a stream with frames of " + size + " bytes in pages of " + pageSize + ", written by "
                    + text.text("writers") + ", resident " + text.text("resident"));
        }
        return new RegionRecord(
                name,
                id,
                base,
                span,
                size,
                pageSize,
                kind,
                owner,
                kind == Kind.EXPORTED ? file : null,
                text.hex("content-session"),
                anyWriter,
                resident);
    }

    static byte[] encodeId(String region) {
        return NodeText.of(ID_KIND).put("name", region).encode();
    }

    static String decodeId(byte[] data) throws BadNode {
        String name = NodeText.decode(data, ID_KIND, List.of("name")).text("name");
        refuse(Names.checkRegion(name));
        return name;
    }

    /** Without the epoch, which is the zxid of the node's creation. */
    static byte[] encode(OwnerRecord owner) {
        return NodeText.of(OWNER_KIND)
                .put("region", owner.regionId())
                .put("host", owner.host())
                .put("address", owner.address())
                .put("port", owner.port())
                .putHex("session", owner.session())
                .put("lost", owner.lost())
                .encode();
    }

    static OwnerRecord decodeOwner(byte[] data, int regionId, long epoch) throws BadNode {
        NodeText text =
                NodeText.decode(data, OWNER_KIND, List.of("region", "host", "address", "port", "session", "lost"));
        text.number("region", regionId, regionId);
        return new OwnerRecord(
                regionId,
                host(text, "host"),
                address(text),
                (int) text.number("port", 1, 65535),
                text.hex("session"),
                epoch,
                text.bool("lost"));
    }

    static byte[] encode(HostRecord host) {
        return NodeText.of(HOST_KIND)
                .put("name", host.name())
                .put("address", host.address())
                .put("port", host.port())
                .putHex("session", host.session())
                .putHex("identity", host.identity())
                .encode();
    }

    static HostRecord decodeHost(byte[] data) throws BadNode {
        NodeText text = NodeText.decode(data, HOST_KIND, List.of("name", "address", "port", "session", "identity"));
        return new HostRecord(
                host(text, "name"),
                address(text),
                (int) text.number("port", 1, 65535),
                text.hex("session"),
                text.hex("identity"));
    }

    static long roundUp(long size, int pageSize) {
        return (size + pageSize - 1) & -pageSize;
    }

    /** True for the first word, false for the second. */
    private static boolean either(NodeText text, String key, String first, String second) throws BadNode {
        String word = text.text(key);
        if (!word.equals(first) && !word.equals(second)) {
            throw new BadNode(key + " is " + Names.quote(word) + ", neither " + first + " nor " + second);
        }
        return word.equals(first);
    }

    private static String host(NodeText text, String key) throws BadNode {
        refuse(Names.checkHost(text.text(key)));
        return text.text(key);
    }

    private static String address(NodeText text) throws BadNode {
        String address = text.text("address");
        if (!address.matches("[0-9A-Za-z._:%-]{1,255}")) {
            throw new BadNode("address is " + Names.quote(address));
        }
        return address;
    }

    private static void refuse(String reason) throws BadNode {
        if (reason != null) {
            throw new BadNode(reason);
        }
    }
}
