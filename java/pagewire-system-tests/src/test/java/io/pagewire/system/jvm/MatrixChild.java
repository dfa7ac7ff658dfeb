package io.pagewire.system.jvm;

import io.pagewire.Pagewire;
import io.pagewire.Region;
import io.pagewire.system.jvm.FailureOperations.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * All that one JVM of the matrix does. Arguments: socket, region of a file, that file, region that the owner keeps changing,
 * region of this host, what must be preloaded or "nothing", and another region with the content of the file.
 *
 * <p>It runs a storm of faults and says WARM when everything is compiled. Says LOST when readers have lost the owner in the
 * middle of a fault, waits for GONE; says FAILED when every way to read has failed as it should, waits for BACK; says RECOVERED
 * when every way works again, waits for DELETED; says DONE when every way to write to the region of this host has failed. Two
 * threads read the other region all through the outage.
 *
 * <p>The main thread of its JVM.
 */
final class MatrixChild {
    private static final long START = System.nanoTime();

    public static void main(String[] arguments) throws Exception {
        ChildInput.endWithParent();
        mustBePreloaded(arguments[5]);
        byte[] file = Files.readAllBytes(Path.of(arguments[2]));
        ByteBuffer truth = ByteBuffer.allocateDirect(file.length).order(ByteOrder.nativeOrder());
        truth.put(file).flip();
        List<Operation> operations = FailureOperations.all();
        try (Pagewire pagewire = Pagewire.connect(Path.of(arguments[0]));
                Region live = pagewire.map(arguments[3]);
                Region own = pagewire.map(arguments[4])) {
            FaultStorm.run(pagewire, live, arguments[1], file);
            try (Region region = pagewire.map(arguments[1]);
                    Region other = pagewire.map(arguments[6])) {
                Outage outage = new Outage(region, truth, operations);
                outage.warm();
                FailureWrites.warm(own);
                FailureWrites.mustBeRefused(region);
                int half = file.length / 2;
                List<SteadyReader> steady = List.of(
                        new SteadyReader("accessor", other, 0, Outage::sumByAccessor, part(truth, 0, half)),
                        new SteadyReader("raw", other, half, Outage::sumRaw, part(truth, half, half)));
                steady.forEach(Thread::start);
                List<LastReader> last = List.of(new LastReader(live, false), new LastReader(live, true));
                last.forEach(Thread::start);
                say("WARM");
                for (LastReader reader : last) {
                    reader.mustFail();
                }
                say("LOST");
                ChildInput.await("GONE");
                outage.mustFail();
                FailureWrites.mustFailAtOnce(region);
                say("FAILED");
                ChildInput.await("BACK");
                outage.mustWorkAgain();
                for (SteadyReader reader : steady) {
                    reader.finish();
                }
                say("RECOVERED");
            }
            ChildInput.await("DELETED");
            FailureWrites.mustFail(own);
            say("DONE");
        }
    }

    private static ByteBuffer part(ByteBuffer bytes, int offset, int length) {
        return bytes.slice(offset, length).order(ByteOrder.nativeOrder());
    }

    private static void say(String word) {
        System.out.println(word + " after " + (System.nanoTime() - START) / 1_000_000 + " ms");
    }

    /** A library that LD_PRELOAD names wrongly is left out with no more than a line. */
    private static void mustBePreloaded(String library) throws IOException {
        if (!library.equals("nothing")
                && Files.readAllLines(Path.of("/proc/self/maps")).stream().noneMatch(line -> line.contains(library))) {
            throw new AssertionError(library + " is not preloaded");
        }
    }

    private MatrixChild() {}
}
