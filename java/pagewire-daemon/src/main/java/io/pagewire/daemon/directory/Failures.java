package io.pagewire.daemon.directory;

import io.pagewire.daemon.directory.DirectoryException.Kind;
import io.pagewire.wire.Reasons;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.zookeeper.KeeperException;

/**
 * What a failure of ZooKeeper means.
 *
 * <p>Stateless; safe for use by any thread.
 */
final class Failures {
    private Failures() {}

    /** The failure itself, without the wrapping of futures. */
    static Throwable unwrap(Throwable e) {
        return e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    }

    /** Whether the same request may succeed a little later, with this session or the next. */
    static boolean isTransient(Throwable e) {
        return unwrap(e) instanceof KeeperException k
                && switch (k.code()) {
                    case CONNECTIONLOSS,
                            SESSIONEXPIRED,
                            SESSIONMOVED,
                            OPERATIONTIMEOUT,
                            REQUESTTIMEOUT,
                            THROTTLEDOP,
                            NEWCONFIGNOQUORUM,
                            RUNTIMEINCONSISTENCY,
                            BADVERSION -> true;
                    default -> false;
                };
    }

    /** A failure that makes an {@link Operation} try again: things changed between two of its requests. */
    static KeeperException retry(Throwable cause) {
        KeeperException retry = new KeeperException.BadVersionException();
        if (cause != null) {
            retry.initCause(cause);
        }
        return retry;
    }

    static <T> CompletableFuture<T> failed(Kind kind, String message) {
        return CompletableFuture.failedFuture(new DirectoryException(kind, message));
    }

    static boolean isUnknownRegion(Throwable e) {
        return unwrap(e) instanceof DirectoryException d && d.kind() == Kind.UNKNOWN_REGION;
    }

    static boolean isBadVersion(Throwable e) {
        return unwrap(e) instanceof KeeperException.BadVersionException;
    }

    static boolean isNoNode(Throwable e) {
        return unwrap(e) instanceof KeeperException.NoNodeException;
    }

    static boolean isNotEmpty(Throwable e) {
        return unwrap(e) instanceof KeeperException.NotEmptyException;
    }

    static boolean isNodeExists(Throwable e) {
        return unwrap(e) instanceof KeeperException.NodeExistsException;
    }

    static DirectoryException asDirectoryException(Throwable e, String what) {
        Throwable cause = unwrap(e);
        if (cause instanceof DirectoryException known) {
            return known;
        }
        if (isTransient(cause)) {
            return new DirectoryException(Kind.UNREACHABLE, what + ": " + reason(cause), cause);
        }
        return new DirectoryException(Kind.INVALID, what + " has failed: " + reason(cause), cause);
    }

    /** For people; what ZooKeeper's own messages say is the name of a code. */
    static String reason(Throwable e) {
        Throwable cause = unwrap(e);
        if (!(cause instanceof KeeperException k)) {
            return Reasons.of(cause);
        }
        String node = k.getPath() == null ? "" : " (node " + k.getPath() + ")";
        return switch (k.code()) {
            case CONNECTIONLOSS -> "the connection to the directory was lost";
            case SESSIONEXPIRED, SESSIONMOVED -> "the directory has ended this host's session";
            case OPERATIONTIMEOUT, REQUESTTIMEOUT -> "the directory has not answered in time";
            case THROTTLEDOP -> "the directory has too much to do";
            case NEWCONFIGNOQUORUM -> "too few servers of the directory are running";
            case BADVERSION, RUNTIMEINCONSISTENCY, NODEEXISTS, NOTEMPTY ->
                "others change the same in the directory" + node;
            case NONODE -> "what is asked for is not in the directory" + node;
            case NOAUTH, AUTHFAILED, SESSIONCLOSEDREQUIRESASLAUTH ->
                "the directory does not let this host do that" + node + "; look at its access lists";
            case QUOTAEXCEEDED -> "the directory has a quota that is used up" + node;
            default -> "the directory answers " + k.code() + node;
        };
    }

    static DirectoryException invalidNode(String path, BadNode reason) {
        return new DirectoryException(
                Kind.INVALID, "node " + path + " of the directory is not valid: " + reason.getMessage(), reason);
    }
}
