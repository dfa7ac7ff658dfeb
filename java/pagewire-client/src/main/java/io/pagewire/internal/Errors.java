package io.pagewire.internal;

import io.pagewire.AddressInUseException;
import io.pagewire.DaemonUnreachableException;
import io.pagewire.DirectoryUnreachableException;
import io.pagewire.FileUnavailableException;
import io.pagewire.InvalidRequestException;
import io.pagewire.NotHomeException;
import io.pagewire.PagewireException;
import io.pagewire.PermissionDeniedException;
import io.pagewire.PinBrokenException;
import io.pagewire.ProtocolMismatchException;
import io.pagewire.RegionBusyException;
import io.pagewire.RegionExistsException;
import io.pagewire.RegionLostException;
import io.pagewire.RegionNotFoundException;
import io.pagewire.RegionRefusedException;
import io.pagewire.RequestTimeoutException;
import io.pagewire.ResourceExhaustedException;
import io.pagewire.StreamLostException;
import io.pagewire.wire.FaultCause;
import java.util.ArrayList;
import java.util.List;

/**
 * The one place where the errno of a C function becomes an exception. The C library's text, which names what is wrong and
 * where, becomes the message.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Errors {
    /** What was asked; the glue has the same order in {@code enum glue_operation}. */
    enum Operation {
        CONNECT,
        CREATE,
        EXPORT,
        DELETE,
        MAP,
        UNMAP,
        PREFETCH,
        PIN,
        UNPIN,
        FORCE,
        PUBLISH,
        REFRESH,
        STATS,
        QUERY,
        LISTEN,
        PUBLISH_FRAMES,
        SUBSCRIBE_FRAMES,
        SWAP,
        DRAIN,
        NEXT
    }

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EEXIST = 17;
    static final int ENOTDIR = 20;
    static final int EISDIR = 21;
    static final int EINVAL = 22;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int EFBIG = 27;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int EPIPE = 32;
    static final int ERANGE = 34;
    static final int ENAMETOOLONG = 36;
    static final int ELOOP = 40;
    static final int EPROTO = 71;
    static final int EBADMSG = 74;
    static final int EOVERFLOW = 75;
    static final int ENOTSOCK = 88;
    static final int EMSGSIZE = 90;
    static final int EPROTOTYPE = 91;
    static final int EPROTONOSUPPORT = 93;
    static final int ECONNABORTED = 103;
    static final int ECONNRESET = 104;
    static final int ENOBUFS = 105;
    static final int ENOTCONN = 107;
    static final int ESHUTDOWN = 108;
    static final int ETIMEDOUT = 110;
    static final int ECONNREFUSED = 111;
    static final int EHOSTDOWN = 112;
    static final int EHOSTUNREACH = 113;
    static final int ESTALE = 116;

    private static final Operation[] OPERATIONS = Operation.values();

    private Errors() {}

    /** Called by glue.c. */
    @SuppressWarnings("unused")
    private static PagewireException fromNative(int operation, int errno, byte[] text) {
        return of(OPERATIONS[operation], errno, Native.text(text));
    }

    /** Called by glue.c for a prefetch or pin that met a page which could not be served. */
    @SuppressWarnings("unused")
    private static PagewireException pageFault(long region, long page, int cause) {
        return Mappings.get(region).exception(page, cause);
    }

    /** Called by glue.c for a mapping that has ended before all that was written was home; runs: first and count in turn. */
    @SuppressWarnings("unused")
    private static PagewireException notHome(byte[] text, long[] runs) {
        List<NotHomeException.Pages> pages = new ArrayList<>();
        for (int i = 0; i < runs.length; i += 2) {
            pages.add(new NotHomeException.Pages(runs[i], runs[i + 1]));
        }
        return new NotHomeException(Native.text(text), pages);
    }

    /** Called by glue.c for a stream that is over. */
    @SuppressWarnings("unused")
    private static PagewireException streamLost(int cause, byte[] text) {
        return new StreamLostException(Native.text(text), FaultCause.of(cause));
    }

    /** errno: positive. text: one line; when empty, a line is made of the operation and the number. */
    static PagewireException of(Operation operation, int errno, String text) {
        String message = text.isEmpty() ? operation.name().toLowerCase() + " failed with errno " + errno : text;
        boolean maps = operation == Operation.MAP || operation == Operation.SUBSCRIBE_FRAMES;
        return switch (errno) {
            case ENOENT -> missing(operation, message);
            case EEXIST -> maps ? new AddressInUseException(message) : new RegionExistsException(message);
            case EBUSY -> new RegionBusyException(message);
            case EACCES, EROFS -> new PermissionDeniedException(message);
            case EPERM -> maps ? new RegionRefusedException(message) : new PermissionDeniedException(message);
            case EINVAL, ERANGE, ENAMETOOLONG, EOVERFLOW, EMSGSIZE -> new InvalidRequestException(message);
            case ENOTDIR, EISDIR, ELOOP, EFBIG -> file(operation, message);
            case EIO ->
                operation == Operation.EXPORT ? new FileUnavailableException(message) : new PagewireException(message);
            case ENOMEM, ENFILE, EMFILE, ENOSPC, EAGAIN, ENOBUFS -> new ResourceExhaustedException(message);
            case EPROTO, EBADMSG, EPROTONOSUPPORT, EPROTOTYPE -> new ProtocolMismatchException(message);
            case ECONNREFUSED, ECONNRESET, ECONNABORTED, EPIPE, ENOTCONN, ESHUTDOWN, ENOTSOCK ->
                new DaemonUnreachableException(message);
            case ETIMEDOUT -> new RequestTimeoutException(message);
            case EHOSTUNREACH -> new DirectoryUnreachableException(message);
            case EHOSTDOWN -> new RegionLostException(message);
            case ESTALE ->
                operation == Operation.UNPIN ? new PinBrokenException(message) : new RegionLostException(message);
            default -> new PagewireException(message);
        };
    }

    private static PagewireException missing(Operation operation, String message) {
        return switch (operation) {
            case CONNECT -> new DaemonUnreachableException(message);
            case EXPORT -> new FileUnavailableException(message);
            default -> new RegionNotFoundException(message);
        };
    }

    private static PagewireException file(Operation operation, String message) {
        return switch (operation) {
            case CONNECT -> new DaemonUnreachableException(message);
            case EXPORT -> new FileUnavailableException(message);
            default -> new InvalidRequestException(message);
        };
    }
}
