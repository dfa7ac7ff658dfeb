package io.pagewire.testkit;

/**
 * Defects that can be planted into the harness, one at a time. They stand where an adapter, an agent or a daemon could really
 * go wrong; the core is never touched. A checker that does not find them proves nothing.
 *
 * <p>Immutable; safe for use by any thread.
 */
public enum Bug {
    /** An agent answers some revokes without taking the right away. */
    SKIP_REVOKE("an agent answers a revoke and keeps the right"),
    /** A handler applies a grant although a younger revoke of the page was applied before. */
    APPLY_STALE_GRANT("a handler applies a grant older than the last revoke"),
    /** Home forgets, for some pages it sent, that the host holds them. */
    FORGET_HOLDER("home forgets a member of a copyset"),
    /** A client answers a purge while its processes still read. */
    ANSWER_PURGE_EARLY("a client answers a purge before its processes did"),
    /** Home counts a purge as answered as soon as it is sent. */
    GRANT_BEFORE_ANSWER("home grants before a purge is answered"),
    /** A client does not answer some purges. */
    LOSE_PURGE_ANSWER("an answer to a purge is lost on a circuit that lives"),
    /** A client answers some purges twice, the second time later. */
    ANSWER_PURGE_TWICE("a purge is answered twice"),
    /** Home takes a new incarnation for the old one and goes on with what it knew. */
    KEEP_OLD_INCARNATION("home does not forget the old incarnation of a circuit"),
    /** Home takes a call for a new incarnation although a newer one was accepted before: the network had held it back. */
    ACCEPT_OVERTAKEN_CALL("home accepts a call that a newer one has overtaken"),
    /** A grant is lost between daemon and thread. */
    LOSE_WAITER("a waiting thread is forgotten"),
    /** A client counts its lease from the last message it received. */
    LEASE_FROM_LAST_MESSAGE("a client counts its lease from the last message received"),
    /** An agent does not look at the end of the lease. */
    IGNORE_LEASE_END("an agent ignores the end of the lease"),
    /** Home takes a closed circuit for the end of the client's rights. */
    GIVE_UP_AT_ONCE("home does not wait for its deadline when a circuit closes"),
    /** A process that missed the revoke deadline is disconnected, not killed. */
    FENCE_WITHOUT_KILL("a fenced process is not killed"),
    /** A restarted owner grants write access at once. */
    NO_WAIT_AFTER_RESTART("a restarted owner does not wait for old copies to run out"),
    /** An owner goes on although its directory session is gone. */
    IGNORE_DIRECTORY_LOSS("an owner without directory session goes on writing"),
    /** Copies are kept over a reconnect: the new circuit is set up before the processes have lost their rights. */
    RECONNECT_TOO_EARLY("a client sets up a new circuit before its processes lost their rights"),
    /** Hanging up on a circuit that went wrong is taken for leaving in order. */
    LEAVE_TOO_EARLY("a client says that it left while its processes still read"),
    /** A client counts bytes as acknowledged as soon as they are sent. */
    FORGET_WRITEBACK("an unacknowledged write-back is forgotten"),
    /** A client reads the bytes for a recall when it comes, not when its processes have answered. */
    READ_BEFORE_REVOKE("bytes are read before the revoke is answered"),
    /** Home stores what a host hands back that was given up before. */
    STALE_HANDBACK("a hand-back is accepted from a host that is no longer the holder"),
    /** Home forgets a host when it calls, not when it has handed everything back. */
    FORGET_BEFORE_HANDED("home forgets a host before it has handed its pages back"),
    /** Home answers a host that wants to write as if it had a copy. */
    UPGRADE_WITHOUT_COPY("a host without a copy is told that it may write it"),
    /** Home takes back what a host holds as soon as its lease has run out, though nobody needs it. */
    FORGET_ABSENT("home gives up pages that nobody needs"),
    /** Home does not write some of its grants down before they leave. */
    GRANT_NOT_BOOKED("a grant is not written into the book of holders"),
    /** Home forgets a holder whose lease has run out, and says nothing. */
    LOSS_NOT_REPORTED("pages that are lost with their holder are not reported"),
    /** Home tells some hosts of a loss, and not all. */
    LOSS_TOLD_TO_SOME("some hosts are not told of a loss"),
    /** A client does not answer some recalls. */
    LOSE_RECALL_ANSWER("an answer to a recall is lost on a circuit that lives"),
    /** A client answers some recalls twice, the second time later. */
    ANSWER_RECALL_TWICE("a recall is answered twice"),
    /** A client says that it kept nothing of a recalled page, and keeps a copy. */
    HIDE_KEPT_COPY("a client hides the copy it keeps of a recalled page"),
    /** A force returns when its bytes are on their way. */
    FORCE_TOO_EARLY("a force answers before home has acknowledged"),
    /** A host without programs leaves without bringing home what they wrote. */
    LEAVE_WITH_BYTES("a client leaves with pages that were written there"),
    /** A write-back in the background does not wait for the writers of its pages. */
    ANSWER_CLEANING_EARLY("a page goes home by itself while a process may write to it"),
    /** A write-back in the background takes the bytes when the writers are asked to stop, not when they have. */
    READ_BEFORE_CLEANING("a page goes home by itself with bytes that were read too early"),
    /** The end of a write to the spill file is reported before the frame has been read. */
    PUNCH_WHILE_SPILLING("a page is punched while its spill is under way"),
    /** A page that was in the spill file before is not written to it again. */
    STALE_SECTOR("a page that was written again comes back from its old sector"),
    /** A read from the spill file writes the frame once more when it has long been reported. */
    LATE_SECTOR_READ("a late sector read overwrites a newer page"),
    /** The checksum of a sector is not looked at. */
    IGNORE_BAD_SECTOR("a sector that cannot be read is taken for good"),
    /** A sector is freed again when somebody else may have it. */
    FREE_SECTOR_TWICE("a sector is freed twice"),
    /** Some sectors are never freed. */
    LEAK_SECTOR("a sector is not freed"),
    /** Frames are given out beyond the bound. */
    IGNORE_BUDGET("frames are used that were not taken"),
    /** Whoever was refused a frame is not told when there is one. */
    FORGET_REFUSED("a region that was refused a frame is forgotten"),
    /** A published change is stored as soon as it comes. */
    PUBLISH_AT_ONCE("a publish is applied while others have the page"),
    /** A refresh is taken to have brought everything up to its end, not up to its beginning. */
    REFRESH_TO_ITS_END("a refresh claims the version of its end");

    private final String text;

    Bug(String text) {
        this.text = text;
    }

    /** One clause, lower case, without a full stop. */
    public String text() {
        return text;
    }
}
