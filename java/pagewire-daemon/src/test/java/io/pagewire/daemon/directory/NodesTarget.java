package io.pagewire.daemon.directory;

import io.pagewire.daemon.fuzz.FuzzTarget;
import java.util.ArrayList;
import java.util.List;

/**
 * The data of the directory's nodes. What is accepted must come back the same from its own encoding. The first byte of an
 * input says which node it is.
 *
 * <p>For use by one thread.
 */
public final class NodesTarget implements FuzzTarget {
    private static final int MOST_REASON = 1000;

    @Override
    public String name() {
        return "directory-nodes";
    }

    @Override
    public List<byte[]> corpus() {
        RegionRecord created = new RegionRecord(
                "prices",
                7,
                0x6600_0020_0000L,
                65536,
                65536,
                4096,
                Kind.CREATED,
                "host-a",
                null,
                0x123456789abcdefL,
                true,
                false);
        RegionRecord exported = new RegionRecord(
                "Preise %1",
                8,
                0x6700_0000_0000L,
                4L << 20,
                3_000_000,
                2 << 20,
                Kind.EXPORTED,
                "b",
                "/tmp/a file\n",
                -1,
                false,
                true);
        RegionRecord stream = new RegionRecord(
                "ticks",
                9,
                0x6700_0200_0000L,
                69632,
                65537,
                4096,
                Kind.STREAM,
                "host-a",
                null,
                0x123456789abcdefL,
                false,
                false);
        List<byte[]> corpus = new ArrayList<>();
        add(corpus, 0, Nodes.encodeRoot(0x5157));
        add(corpus, 1, Nodes.encode(new AddressSpace(3, 0x6600_0020_0000L)));
        add(corpus, 2, Nodes.encode(created));
        add(corpus, 2, Nodes.encode(exported));
        add(corpus, 2, Nodes.encode(stream));
        add(corpus, 3, Nodes.encodeId("prices"));
        add(corpus, 4, Nodes.encode(new OwnerRecord(7, "host-a", "10.0.0.1", 7711, 77, 99, false)));
        add(corpus, 5, Nodes.encode(new HostRecord("host-a", "fe80::1%eth0", 7711, 77, 88)));
        return corpus;
    }

    private static void add(List<byte[]> corpus, int node, byte[] data) {
        byte[] input = new byte[data.length + 1];
        input[0] = (byte) node;
        System.arraycopy(data, 0, input, 1, data.length);
        corpus.add(input);
    }

    @Override
    public void run(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] data = new byte[input.length - 1];
        System.arraycopy(input, 1, data, 0, data.length);
        try {
            switch (Math.floorMod(input[0], 6)) {
                case 0 -> {
                    long root = Nodes.decodeRoot(data);
                    same(root, Nodes.decodeRoot(Nodes.encodeRoot(root)));
                }
                case 1 -> {
                    AddressSpace space = Nodes.decodeSpace(data);
                    same(space, Nodes.decodeSpace(Nodes.encode(space)));
                    AddressSpace.Allotment next = space.allot(RegionRecord.MAX_SIZE);
                    if (next != null) {
                        same(next.rest(), Nodes.decodeSpace(Nodes.encode(next.rest())));
                    }
                }
                case 2 -> {
                    RegionRecord region = Nodes.decodeRegion(data);
                    same(region, Nodes.decodeRegion(Nodes.encode(region)));
                }
                case 3 -> {
                    String name = Nodes.decodeId(data);
                    same(name, Nodes.decodeId(Nodes.encodeId(name)));
                }
                case 4 -> {
                    OwnerRecord owner = Nodes.decodeOwner(data, 7, 99);
                    same(owner, Nodes.decodeOwner(Nodes.encode(owner), 7, 99));
                }
                default -> {
                    HostRecord host = Nodes.decodeHost(data);
                    same(host, Nodes.decodeHost(Nodes.encode(host)));
                }
            }
        } catch (BadNode e) {
            if (e.getMessage() == null || e.getMessage().length() > MOST_REASON) {
                throw new AssertionError("not a reason for people: " + e.getMessage(), e);
            }
        }
    }

    private static void same(Object decoded, Object again) {
        if (!decoded.equals(again)) {
            throw new AssertionError(decoded + " comes back as " + again);
        }
    }
}
