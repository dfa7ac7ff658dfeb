package io.pagewire.wire;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * Standard output for everything that is printed. Java's own streams forget why they could not write; this one remembers, so that
 * a program whose output is not where the user wants it does not end as if all were well.
 *
 * <p>Safe for use by any thread.
 */
public final class StandardOutput extends OutputStream {
    /** Exit code of every program that has not done what it was asked. */
    public static final int FAILED = 1;

    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private volatile IOException failure;
    private volatile boolean told;

    private StandardOutput() {}

    /** From now on it is {@link System#out}, which keeps what is printed until it is flushed. */
    public static StandardOutput install() {
        return install(false);
    }

    /** The same for a program that runs for long: every line is seen when it is printed. */
    public static StandardOutput installByLine() {
        return install(true);
    }

    private static StandardOutput install(boolean byLine) {
        StandardOutput output = new StandardOutput();
        System.setOut(new PrintStream(new BufferedOutputStream(output), byLine, charset()));
        return output;
    }

    /** That of a terminal, if it has one of its own. */
    private static Charset charset() {
        String name = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
        return name != null && Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            failure = failure == null ? e : failure;
            throw e;
        }
    }

    /**
     * The exit code of a program that has ended with {@code status}: what it printed must have got out. A reader may go early.
     *
     * @param program its name, for the line on standard error
     */
    public int judge(String program, int status) {
        return gotOut(program) || status != 0 ? status : FAILED;
    }

    /** Whether all that was printed has got out so far; says why not, once. */
    public boolean gotOut(String program) {
        System.out.flush();
        IOException problem = failure;
        if (problem == null || isBrokenPipe(problem)) {
            return true;
        }
        if (!told) {
            told = true;
            System.err.println(program + ": cannot write to standard output: " + Reasons.of(problem));
        }
        return false;
    }

    /** Whoever read the output has seen enough, as {@code head} does. */
    public static boolean isBrokenPipe(IOException e) {
        return String.valueOf(e.getMessage()).contains("Broken pipe");
    }
}
