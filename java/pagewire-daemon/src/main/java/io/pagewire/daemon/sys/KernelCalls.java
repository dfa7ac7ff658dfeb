package io.pagewire.daemon.sys;

import io.pagewire.wire.Reasons;
import java.io.IOException;

/**
 * The calls of Linux that dsmd cannot do without, each tried once before anything is promised to anybody. A container's filter of
 * calls (seccomp) or an old kernel may refuse them; what is merely faster or safer has a fallback where it is called.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class KernelCalls {
    private static final int LENGTH = 4096;

    private interface Trial {
        void run() throws IOException;
    }

    private KernelCalls() {}

    /** @throws IOException which call is missing, what it is for and what to do */
    public static void require() throws IOException {
        int memory = get(
                "memfd_create with sealing",
                "to share memory with programs",
                "3.17",
                () -> Sys.memfd("pagewire-probe", LENGTH));
        try {
            need("fallocate", "to make pages and to give their memory back", "3.5", () -> {
                if (!Sys.allocate(memory, 0, LENGTH)) {
                    throw Sys.failure("fallocate of " + LENGTH + " bytes of memory");
                }
                Sys.punch(memory, 0, LENGTH);
            });
        } finally {
            Sys.close(memory);
        }
        String what = "to end programs that do not let go of pages";
        int self = get(
                "pidfd_open",
                what,
                "5.3",
                () -> Sys.pidfdOpen((int) ProcessHandle.current().pid()));
        try {
            need("pidfd_send_signal", what, "5.1", () -> Sys.pidfdSignal(self, 0));
        } finally {
            Sys.close(self);
        }
    }

    private interface Opening {
        int open() throws IOException;
    }

    private static int get(String call, String what, String since, Opening opening) throws IOException {
        int[] opened = new int[1];
        need(call, what, since, () -> opened[0] = opening.open());
        return opened[0];
    }

    private static void need(String call, String what, String since, Trial trial) throws IOException {
        try {
            trial.run();
        } catch (IOException e) {
            throw new IOException(
                    "dsmd needs " + call + " " + what + " (Linux " + since + "), and here it is refused: "
                            + Reasons.of(e)
                            + ". In a container, allow it in the filter of system calls (seccomp), for example docker run"
                            + " --security-opt seccomp=unconfined",
                    e);
        }
    }
}
