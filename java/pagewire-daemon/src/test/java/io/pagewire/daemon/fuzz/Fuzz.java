package io.pagewire.daemon.fuzz;

import java.util.Map;
import java.util.concurrent.Callable;

/**
 * The Java half of {@code tools/fuzz}: {@code SEED INPUTS [TARGET [ONLY]]}. Prints one line a target: name, inputs, ms,
 * slowest input in us, most memory allocated for one input in KiB. Ends with 1 at the first finding.
 *
 * <p>Runs on the main thread only.
 */
public final class Fuzz {
    private static final long PARANOID = 20_000;

    private Fuzz() {}

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: Fuzz SEED INPUTS [TARGET [ONLY]]");
            System.exit(2);
        }
        long seed = Long.parseLong(args[0]);
        long to = Long.parseLong(args[1]);
        long from = 0;
        if (args.length > 3) {
            from = Long.parseLong(args[3]);
            to = from + 1;
        }
        boolean any = false;
        for (Map.Entry<String, Callable<FuzzTarget>> entry : Targets.all().entrySet()) {
            if (args.length > 2 && !args[2].equals(entry.getKey())) {
                continue;
            }
            any = true;
            try (FuzzTarget target = entry.getValue().call()) {
                FuzzRun.Result result = new FuzzRun(target, seed)
                        .run(
                                from,
                                to,
                                PARANOID,
                                done -> System.err.print("\r" + entry.getKey() + ": " + done + " inputs "));
                System.err.print("\r");
                System.out.printf(
                        "%s %d %d %d %d%n",
                        result.target(),
                        result.inputs(),
                        result.tookNs() / 1_000_000,
                        result.slowestNs() / 1000,
                        result.mostAllocated() / 1024);
            } catch (AssertionError e) {
                System.err.println(e.getMessage());
                e.printStackTrace();
                System.exit(1);
            }
        }
        if (!any) {
            System.err.println("no target is called " + args[2]);
            System.exit(2);
        }
    }
}
