package io.pagewire.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * Standard output for everything that is printed. Java's own streams forget why they could not write; this one remembers, so that
 * a command whose output is not where the user wants it does not end as if all were well.
 *
 * <p>Safe for use by any thread.
 */
final class StandardOutput extends OutputStream {
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private volatile IOException failure;

    private StandardOutput() {}

    /** From now on it is {@link System#out}. */
    static StandardOutput install() {
        StandardOutput output = new StandardOutput();
        System.setOut(new PrintStream(new BufferedOutputStream(output), false, charset()));
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

    /** The exit code of a command that has ended with {@code status}: what it printed must have got out. A reader may go early. */
    int judge(int status) {
        System.out.flush();
        IOException problem = failure;
        if (problem == null || isBrokenPipe(problem)) {
            return status;
        }
        System.err.println("dsmctl: cannot write to standard output: " + problem.getMessage());
        return status == 0 ? CommandFailed.EXIT_CODE : status;
    }

    /** Whoever read the output has seen enough, as {@code head} does. */
    static boolean isBrokenPipe(IOException e) {
        return String.valueOf(e.getMessage()).contains("Broken pipe");
    }
}
