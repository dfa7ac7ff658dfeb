package io.pagewire.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why something has failed, as one line for people. An exception's own message is often none: of a file it is only the path, of a
 * failed call of the system it begins with that call, of many it is null. What was tried, where, and what can be done is said by
 * whoever tried it.
 *
 * <p>Stateless; safe for use by any thread.
 */
public final class Reasons {
    /** Netty's, such as "bind(..) failed with error(-98): Address already in use". */
    private static final Pattern CALL = Pattern.compile("\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: (.*)");

    /** Netty's, such as ": /127.0.0.1:7711"; the address is said by whoever tried it, and with brackets where it needs them. */
    private static final Pattern ADDRESS = Pattern.compile("(.*): [^ ]*/[^ ]+:\\d+");

    private Reasons() {}

    /** With the file, where it is about one: "/a/b: permission denied". */
    public static String of(Throwable failure) {
        Throwable told = telling(failure);
        return told instanceof FileSystemException e && e.getFile() != null ? e.getFile() + ": " + why(e) : why(told);
    }

    /** The same for somebody who has named a file or directory: it is not said twice. */
    public static String of(Throwable failure, Path named) {
        Throwable told = telling(failure);
        return told instanceof FileSystemException e && named.toString().equals(e.getFile()) ? why(e) : of(told);
    }

    /** Without the file, for somebody who names it: "permission denied". */
    public static String why(Throwable failure) {
        Throwable told = telling(failure);
        if (told instanceof FileSystemException e) {
            return ofFile(e);
        }
        if (told instanceof UnknownHostException || told instanceof UnresolvedAddressException) {
            return "no host of that name is known here";
        }
        if (told instanceof ClosedChannelException) {
            return "the connection is closed";
        }
        if (told instanceof InterruptedException) {
            return "it was interrupted";
        }
        String text = oneLine(told.getMessage());
        if (told instanceof OutOfMemoryError) {
            return "there is no memory left" + (text.isEmpty() ? "" : " (" + text + ")");
        }
        if (told instanceof TimeoutException && text.isEmpty()) {
            return "it took too long";
        }
        if (isForPeople(told) && !text.isEmpty()) {
            return ofSystem(text);
        }
        return "an internal error, " + told.getClass().getSimpleName() + (text.isEmpty() ? "" : ": " + text);
    }

    /** What others have wrapped, and of a chain that begins with nothing the first that says something. */
    private static Throwable telling(Throwable failure) {
        Throwable told = failure;
        while (told.getCause() != null
                && (isWrapping(told) || oneLine(told.getMessage()).isEmpty())) {
            told = told.getCause();
        }
        return told;
    }

    private static boolean isWrapping(Throwable e) {
        return e instanceof CompletionException
                || e instanceof ExecutionException
                || e instanceof UncheckedIOException
                || e instanceof LinkageError
                || e.getCause().toString().equals(e.getMessage());
    }

    /** Its message was written for users, or is the system's. */
    private static boolean isForPeople(Throwable e) {
        return e instanceof IOException
                || e instanceof TimeoutException
                || e instanceof UnsatisfiedLinkError
                || e.getClass().getName().startsWith("io.pagewire.");
    }

    private static String ofFile(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return Files.isDirectory(Path.of(e.getFile())) ? "a directory is there already" : "a file is there already";
        }
        if (e instanceof NotDirectoryException) {
            return "it is no directory";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "it is not empty";
        }
        return e.getReason() == null ? "the system does not say why" : oneLine(e.getReason());
    }

    private static String ofSystem(String text) {
        Matcher call = CALL.matcher(text);
        String reason = call.matches() ? call.group(1) : text;
        Matcher address = ADDRESS.matcher(reason);
        return address.matches() ? address.group(1) : reason;
    }

    private static String oneLine(String text) {
        return text == null ? "" : text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
