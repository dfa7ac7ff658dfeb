package io.pagewire.system.jvm;

import io.pagewire.PageFaultException;
import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.system.jvm.FailureOperations.Operation;
import io.pagewire.wire.FaultCause;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Reads a region of another host in every way, before, while and after its owner is gone. Arguments: socket, region of a file,
 * that file. Says WARM when everything is compiled, waits for GONE; says FAILED when every way has failed as it should, waits
 * for BACK; says DONE when every way works again.
 */
final class FailureChild {
    /** Every operation has a part of the region of its own, so that no page of it was fetched before. */
    private static final int PART = 256 << 10;

    private static final int WARM_PART = 64 << 10;
    private static final Set<FaultCause> GONE =
            EnumSet.of(FaultCause.OWNER_LOST, FaultCause.NO_OWNER, FaultCause.DEADLINE);

    private static ByteBuffer truth;

    public static void main(String[] arguments) throws Exception {
        ChildInput.endWithParent();
        byte[] file = Files.readAllBytes(Path.of(arguments[2]));
        truth = ByteBuffer.allocateDirect(file.length).order(ByteOrder.nativeOrder());
        truth.put(file).flip();
        List<Operation> operations = FailureOperations.all();
        try (Pagewire pagewire = Pagewire.connect(Path.of(arguments[0]));
                Region region = pagewire.map(arguments[1])) {
            warm(region, operations);
            System.out.println("WARM");
            ChildInput.await("GONE");
            for (int i = 0; i < operations.size(); i++) {
                for (int again = 0; again < 3; again++) {
                    mustFail(region, operations.get(i), (i + 1) * PART);
                }
            }
            mustNotWrite(region);
            System.out.println("FAILED");
            ChildInput.await("BACK");
            for (int i = 0; i < operations.size(); i++) {
                mustWorkAgain(region, operations.get(i), (i + 1) * PART);
            }
            if (Thread.interrupted()) {
                throw new AssertionError("the interrupt flag of this thread was left set");
            }
            System.out.println("DONE failed faults " + region.stats().failedFaults());
        }
    }

    private static void warm(Region region, List<Operation> operations) {
        for (Operation operation : operations) {
            long end = System.nanoTime() + 150_000_000L;
            do {
                check(region, operation, 0, WARM_PART);
            } while (System.nanoTime() < end);
        }
    }

    private static void check(Region region, Operation operation, int offset, int length) {
        long expected = operation.read().run(null, 0, view(truth, offset, length));
        long got = operation.read().run(region, offset, region.buffer(offset, length));
        if (got != expected) {
            throw new AssertionError(operation.name() + " gave " + got + ", not " + expected);
        }
    }

    private static ByteBuffer view(ByteBuffer bytes, int offset, int length) {
        return bytes.slice(offset, length).order(ByteOrder.nativeOrder());
    }

    private static void mustFail(Region region, Operation operation, int offset) throws InterruptedException {
        long start = System.nanoTime();
        boolean finished = false;
        try {
            operation.read().run(region, offset, region.buffer(offset, PART));
            finished = true;
            // A raw read has seen zeros; its exception is on the way and finds the thread here.
            Thread.sleep(operation.raw() ? 10_000 : 0);
        } catch (PageFaultException e) {
            if (!operation.raw() && finished) {
                throw new AssertionError(operation.name() + " must throw at once", e);
            }
            long first = offset / region.pageSize();
            boolean inside = e.page() >= first && e.page() < first + PART / region.pageSize();
            if (!e.region().equals(region.name()) || !inside || !GONE.contains(e.faultCause())) {
                throw new AssertionError(operation.name() + " on pages from " + first + " failed in an odd way", e);
            }
            System.out.printf("failed %s after %d ms%n", operation.name(), (System.nanoTime() - start) / 1_000_000);
            return;
        }
        throw new AssertionError(operation.name() + " did not fail");
    }

    /** Stores and compare-and-set on a region of another host. */
    private static void mustNotWrite(Region region) {
        List<Runnable> stores = List.of(
                () -> region.compareAndSetLong(0, 0, 1),
                () -> region.compareAndSetInt(4096, -1, 1),
                () -> region.getAndAddLong(8, 1),
                () -> region.putByte(9, (byte) 1),
                () -> region.putLongVolatile(16, 1),
                () -> region.put(100, new byte[20_000], 0, 20_000),
                () -> region.fill(0, 10_000, (byte) 1));
        for (int i = 0; i < stores.size(); i++) {
            try {
                stores.get(i).run();
            } catch (PageFaultException e) {
                continue;
            }
            throw new AssertionError("store " + i + " to a region of another host did not fail");
        }
    }

    private static void mustWorkAgain(Region region, Operation operation, int offset) throws InterruptedException {
        long end = System.nanoTime() + 30_000_000_000L;
        while (true) {
            try {
                check(region, operation, offset, PART);
                // A failed page read by a raw operation gives a wrong number or the exception, whichever comes first.
                return;
            } catch (PageFaultException | AssertionError e) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError(operation.name() + " does not work again", e);
                }
            }
            try {
                Thread.sleep(100);
            } catch (PageFaultException e) {
                System.out.println("late: " + e.getMessage());
            }
        }
    }

    private FailureChild() {}
}
