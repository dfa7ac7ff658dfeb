package io.pagewire.system.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pagewire.Access;
import io.pagewire.FileUnavailableException;
import io.pagewire.InvalidRequestException;
import io.pagewire.PageFaultException;
import io.pagewire.Pagewire;
import io.pagewire.Pin;
import io.pagewire.Region;
import io.pagewire.RegionBusyException;
import io.pagewire.RegionExistsException;
import io.pagewire.RegionNotFoundException;
import io.pagewire.RegionStats;
import io.pagewire.testkit.FairClock;
import io.pagewire.wire.FaultCause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java API on the owning host, with a real daemon. */
class RegionIT {
    private static final long GIB = 1L << 30;
    private static Pagewire pagewire;
    private static int made;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        pagewire = Pagewire.embedded();
    }

    @AfterAll
    static void stop() {
        pagewire.close();
    }

    private static String newRegion(long size) {
        String name = "region-" + made++;
        pagewire.create(name, size);
        return name;
    }

    @Test
    void shouldStandAtItsAddressWithTheGeometryItWasCreatedWith() {
        pagewire.create("geometry", 3 * 65536, 65536);
        try (Region region = pagewire.map("geometry")) {
            assertThat(region.name()).isEqualTo("geometry");
            assertThat(region.size()).isEqualTo(3 * 65536);
            assertThat(region.pageSize()).isEqualTo(65536);
            assertThat(region.isHome()).isTrue();
            assertThat(region.address()).isBetween(0x6600_0000_0000L, 0x6F00_0000_0000L);
            assertThat(region.engine()).isIn("guard", "mprotect");
        }
    }

    @Test
    void shouldGiveBackEveryTypeAtUnalignedOffsets() {
        try (Region region = pagewire.map(newRegion(8192))) {
            assertThat(region.getLong(0)).isZero();
            region.putByte(4095, (byte) -3);
            assertThat(region.getByte(4095)).isEqualTo((byte) -3);
            region.putShort(4095, (short) -30000);
            assertThat(region.getShort(4095)).isEqualTo((short) -30000);
            region.putChar(4095, '\ufedc');
            assertThat(region.getChar(4095)).isEqualTo('\ufedc');
            region.putInt(4093, 0x12345678);
            assertThat(region.getInt(4093)).isEqualTo(0x12345678);
            region.putLong(4091, 0x123456789abcdef0L);
            assertThat(region.getLong(4091)).isEqualTo(0x123456789abcdef0L);
            region.putFloat(4094, 1.5f);
            assertThat(region.getFloat(4094)).isEqualTo(1.5f);
            region.putDouble(4090, -2.25);
            assertThat(region.getDouble(4090)).isEqualTo(-2.25);
        }
    }

    @Test
    void shouldCrossTheEdgesOfItsWindows() {
        try (Region region = pagewire.map(newRegion(3 * GIB))) {
            for (long edge : new long[] {GIB, 2 * GIB}) {
                region.putLong(edge - 3, 0x0102030405060708L + edge);
                assertThat(region.getLong(edge - 3)).isEqualTo(0x0102030405060708L + edge);
                region.putInt(edge - 1, 77);
                assertThat(region.getInt(edge - 1)).isEqualTo(77);
                byte[] bytes = new byte[3 << 20];
                new Random(edge).nextBytes(bytes);
                region.put(edge - bytes.length / 2, bytes, 0, bytes.length);
                byte[] back = new byte[bytes.length];
                region.get(edge - bytes.length / 2, back, 0, back.length);
                assertThat(back).isEqualTo(bytes);
            }
            region.putLongVolatile(3 * GIB - 8, 5);
            assertThat(region.getLongVolatile(3 * GIB - 8)).isEqualTo(5);
        }
    }

    @Test
    void shouldOrderAndExchangeAtomically() throws InterruptedException {
        try (Region region = pagewire.map(newRegion(4096))) {
            assertThat(region.compareAndSetInt(8, 0, 5)).isTrue();
            assertThat(region.compareAndSetInt(8, 0, 6)).isFalse();
            assertThat(region.getIntVolatile(8)).isEqualTo(5);
            assertThat(region.compareAndSetLong(16, 0, 5)).isTrue();
            assertThat(region.compareAndSetLong(16, 0, 6)).isFalse();
            region.putIntRelease(24, 9);
            assertThat(region.getIntAcquire(24)).isEqualTo(9);
            region.putIntVolatile(24, 10);
            assertThat(region.getInt(24)).isEqualTo(10);
            region.putLongRelease(32, 11);
            assertThat(region.getLongAcquire(32)).isEqualTo(11);
            Thread[] adders = new Thread[4];
            for (int i = 0; i < adders.length; i++) {
                adders[i] = new Thread(() -> {
                    for (int n = 0; n < 10_000; n++) {
                        region.getAndAddLong(40, 2);
                        region.getAndAddInt(48, 3);
                    }
                });
                adders[i].start();
            }
            for (Thread adder : adders) {
                adder.join();
            }
            assertThat(region.getLong(40)).isEqualTo(80_000);
            assertThat(region.getInt(48)).isEqualTo(120_000);
        }
    }

    @Test
    void shouldRefuseMisalignedOrderedAccesses() {
        try (Region region = pagewire.map(newRegion(4096))) {
            assertThatIllegalArgumentException().isThrownBy(() -> region.getIntVolatile(2));
            assertThatIllegalArgumentException().isThrownBy(() -> region.putLongVolatile(4, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> region.compareAndSetLong(12, 0, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> region.getAndAddInt(3, 1));
        }
    }

    @Test
    void shouldRefuseOffsetsOutsideBeforeTouchingAnything() {
        try (Region region = pagewire.map(newRegion(4096))) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> region.getByte(-1));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> region.getByte(4096));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> region.getLong(4089));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> region.putInt(Long.MAX_VALUE, 1));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> region.buffer(4000, 97));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> region.get(4090, new byte[10], 0, 10));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> region.put(0, new byte[10], 5, 6));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> region.fill(0, 4097, (byte) 1));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> region.prefetch(1, Long.MAX_VALUE, Access.READ));
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> region.force(4096, 1));
            assertThat(region.stats().readFaults() + region.stats().failedFaults())
                    .isZero();
        }
    }

    @Test
    void shouldFillAndShowTheSameMemoryThroughBuffers() {
        try (Region region = pagewire.map(newRegion(300_000))) {
            region.fill(10, 250_000, (byte) 7);
            ByteBuffer buffer = region.buffer(8, 250_004);
            assertThat(buffer.getShort(0)).isZero();
            assertThat(buffer.get(2)).isEqualTo((byte) 7);
            assertThat(buffer.get(250_001)).isEqualTo((byte) 7);
            assertThat(buffer.get(250_002)).isZero();
            buffer.putLong(0, 42);
            assertThat(region.getLong(8)).isEqualTo(42);
        }
    }

    @Test
    void shouldRefuseEverythingOnceClosed() {
        Region region = pagewire.map(newRegion(4096));
        ByteBuffer buffer = region.buffer(0, 4096);
        region.close();
        region.close();
        assertThatIllegalStateException().isThrownBy(() -> region.getLong(0)).withMessageContaining(region.name());
        assertThatIllegalStateException().isThrownBy(() -> region.fill(0, 1, (byte) 0));
        assertThatIllegalStateException().isThrownBy(region::stats);
        assertThatIllegalStateException().isThrownBy(() -> region.prefetch(0, 1, Access.READ));
        assertThatIllegalStateException().isThrownBy(() -> region.addListener(event -> {}));
        assertThatIllegalStateException().isThrownBy(() -> region.buffer(0, 1));
        assertThatThrownBy(() -> {
                    buffer.getLong(0);
                    Thread.sleep(10_000); // the exception of a raw access is on its way
                })
                .isInstanceOfSatisfying(
                        PageFaultException.class,
                        e -> assertThat(e.faultCause()).isEqualTo(FaultCause.CLOSED));
    }

    @Test
    void shouldMapAgainAfterClosing() {
        String name = newRegion(8192);
        long address;
        try (Region region = pagewire.map(name)) {
            region.putInt(5000, 1234);
            address = region.address();
            assertThatExceptionOfType(RegionBusyException.class)
                    .isThrownBy(() -> pagewire.map(name))
                    .withMessageContaining(name);
        }
        try (Region region = pagewire.map(name)) {
            assertThat(region.address()).isEqualTo(address);
            assertThat(region.getInt(5000)).isEqualTo(1234);
        }
    }

    @Test
    void shouldPrefetchOutsideJavaAndCountFaults() throws Exception {
        try (Region region = pagewire.map(newRegion(64 * 4096))) {
            region.prefetch(0, region.size(), Access.WRITE);
            RegionStats before = region.stats();
            region.fill(0, region.size(), (byte) 1);
            assertThat(region.stats().writeFaults()).isEqualTo(before.writeFaults());
            FairClock.get(region.prefetchAsync(0, region.size(), Access.READ), Duration.ofSeconds(10));
        }
    }

    @Test
    void shouldLetSystemCallsUsePinnedPages() throws IOException {
        Path file = directory.resolve("out");
        try (Region region = pagewire.map(newRegion(16 * 4096));
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            try (Pin pin = region.pin(0, region.size(), Access.READ)) {
                assertThat(pin).isNotNull();
                assertThat(channel.write(region.buffer(0, (int) region.size()))).isEqualTo(16 * 4096);
            }
            Pin idle = region.pin(0, 4096, Access.WRITE);
            idle.close();
            idle.close();
        }
        assertThat(Files.size(file)).isEqualTo(16 * 4096);
    }

    @Test
    void shouldWriteThroughToAnExportedFileOnForce() throws IOException {
        byte[] content = new byte[10_000];
        new Random(3).nextBytes(content);
        Path file = Files.write(directory.resolve("exported"), content);
        pagewire.export("exported", file);
        try (Region region = pagewire.map("exported")) {
            assertThat(region.size()).isEqualTo(10_000);
            byte[] read = new byte[10_000];
            region.get(0, read, 0, read.length);
            assertThat(read).isEqualTo(content);
            region.putLong(5001, 99);
            region.force();
            assertThat(ByteBuffer.wrap(Files.readAllBytes(file))
                            .order(java.nio.ByteOrder.nativeOrder())
                            .getLong(5001))
                    .isEqualTo(99);
        }
        pagewire.delete("exported");
        assertThat(file).exists();
    }

    @Test
    void shouldSayWhatIsWrongWithARequest() {
        assertThatExceptionOfType(RegionNotFoundException.class)
                .isThrownBy(() -> pagewire.map("no-such-region"))
                .withMessageContaining("no-such-region");
        assertThatExceptionOfType(RegionNotFoundException.class)
                .isThrownBy(() -> pagewire.delete("no-such-region"))
                .withMessageContaining("no-such-region");
        String name = newRegion(4096);
        assertThatExceptionOfType(RegionExistsException.class)
                .isThrownBy(() -> pagewire.create(name, 4096))
                .withMessageContaining(name);
        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> pagewire.create("bad-page-size", 4096, 5000))
                .withMessageContaining("5000");
        assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> pagewire.create("no-size", 0));
        assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> pagewire.create("", 4096));
        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> pagewire.create("x".repeat(300), 4096));
        assertThatExceptionOfType(FileUnavailableException.class)
                .isThrownBy(() -> pagewire.export("no-file", directory.resolve("missing")))
                .withMessageContaining("missing");
        assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> pagewire.query("nonsense"));
        assertThatIllegalArgumentException().isThrownBy(() -> pagewire.map("a\0b"));
    }

    @Test
    void shouldFailAccessesToADeletedRegionAndLeaveTheJvmAlive() {
        String name = newRegion(64 * 4096);
        try (Region region = pagewire.map(name)) {
            region.putLong(0, 1);
            pagewire.delete(name);
            assertThatThrownBy(() -> {
                        for (long offset = 0; offset < region.size(); offset += 4096) {
                            region.putLong(offset, 2);
                        }
                    })
                    .isInstanceOfSatisfying(PageFaultException.class, e -> {
                        assertThat(e.region()).isEqualTo(name);
                        assertThat(e.faultCause()).isEqualTo(FaultCause.UNKNOWN_REGION);
                    });
            assertThatExceptionOfType(PageFaultException.class)
                    .isThrownBy(() -> region.prefetch(0, 4096, Access.WRITE));
            assertThatExceptionOfType(PageFaultException.class).isThrownBy(() -> region.compareAndSetLong(8, 0, 1));
            assertThatExceptionOfType(PageFaultException.class).isThrownBy(() -> region.getAndAddInt(8192, 1));
            assertThatExceptionOfType(PageFaultException.class).isThrownBy(() -> region.fill(0, 8192, (byte) 1));
        }
    }

    @Test
    void shouldAnswerQueriesWithJson() {
        String name = newRegion(4096);
        assertThat(pagewire.query("status")).startsWith("{").contains(pagewire.host());
        assertThat(pagewire.query("regions")).contains(name);
        assertThat(pagewire.socket()).exists();
    }
}
