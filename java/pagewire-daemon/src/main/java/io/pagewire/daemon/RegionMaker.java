package io.pagewire.daemon;

import io.pagewire.daemon.circuit.EventLoops;
import io.pagewire.daemon.config.FrameSettings;
import io.pagewire.daemon.directory.Directory;
import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.Names;
import io.pagewire.daemon.directory.OwnerRecord;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.directory.RegionSpec;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.region.HomeRuntime;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.region.Sources;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.FaultCause;
import io.pagewire.wire.LocalStatus;
import io.pagewire.wire.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes regions, takes over those of an earlier run of this daemon, and deletes them, and streams with them. Blocks; runs on
 * the slow threads.
 *
 * <p>Safe for use by any thread that may block.
 */
final class RegionMaker {
    private static final Logger LOG = LoggerFactory.getLogger(RegionMaker.class);
    private static final int DEFAULT_PAGE_SIZE = 4096;
    /** What 1,024 pages that nobody has touched cost: their places in the books that grow by need. */
    private static final int BYTES_A_RUN = 64;

    /** So many regions that cannot be served are named in the log; the rest are counted. */
    private static final int LOST_TOLD = 100;

    /** How long a claim is tried again that a start has to make. */
    private static final int START_PATIENCE_S = 60;

    private static final int PAUSE_MS = 100;

    /** Time for a process that was killed to end. */
    private static final int END_MS = 1500;

    private final AtomicInteger lostCount = new AtomicInteger();
    private final ExportedFiles files = new ExportedFiles();
    private final RegionContext context;
    private final EventLoops loops;
    private final RegionTable table;
    private final StreamRequests streams;
    private final SessionWatch watch;
    private final Directory directory;

    RegionMaker(
            RegionContext context, EventLoops loops, RegionTable table, StreamRequests streams, SessionWatch watch) {
        this.streams = streams;
        this.watch = watch;
        this.context = context;
        this.loops = loops;
        this.table = table;
        this.directory = context.directory();
    }

    ControlReply create(String name, long size, int wantedPageSize, boolean anyWriter) throws Exception {
        int pageSize = checked(name, size, wantedPageSize);
        checkFrames(pageSize);
        RegionRecord record = Futures.get(
                directory.create(RegionSpec.created(name, size, pageSize).withAnyWriter(anyWriter)));
        return claimNew(record, null, true);
    }

    ControlReply export(String name, String file, int wantedPageSize, boolean anyWriter, boolean resident)
            throws Exception {
        Path path = path(file);
        if (!path.isAbsolute()) {
            throw new RequestException(LocalStatus.INVALID_ARGUMENT, "the path " + file + " is not absolute");
        }
        if (!Files.exists(path)) {
            throw new RequestException(LocalStatus.FILE, "file " + file + " does not exist on host " + context.host());
        }
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new RequestException(
                    LocalStatus.FILE, file + " is not a regular file that the user of this dsmd may read");
        }
        String readOnly = Sys.whyNotWritable(file);
        if (anyWriter && readOnly != null) {
            throw new RequestException(
                    LocalStatus.FILE,
                    file + " cannot be opened for writing (" + readOnly + "), so other hosts cannot write to it either;"
                            + " change that, or export it with the owner as its only writer");
        }
        long size = Files.size(path);
        if (size == 0) {
            throw new RequestException(LocalStatus.FILE, "file " + file + " is empty; there is nothing to share");
        }
        int pageSize = checked(name, size, wantedPageSize);
        ExportedFiles.Identity identity = ExportedFiles.Identity.of(path);
        String taken = take(identity, path, name);
        if (taken != null) {
            throw new RequestException(LocalStatus.FILE, taken);
        }
        try {
            RegionRecord record =
                    Futures.get(directory.create(RegionSpec.exported(name, size, pageSize, path.toString())
                            .withAnyWriter(anyWriter)
                            .withResident(resident)));
            ControlReply reply = claimNew(record, identity, readOnly == null);
            return ControlReply.ok(
                    reply.a(),
                    readOnly == null
                            ? null
                            : "region " + name + " can only be read, because " + file
                                    + " cannot be opened for writing: " + readOnly);
        } catch (Exception | Error e) {
            files.giveBack(identity);
            throw e;
        }
    }

    /** A JVM in the C locale has no way to name a file whose name is not ASCII. */
    private static Path path(String file) throws RequestException {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new RequestException(
                    LocalStatus.FILE,
                    "this dsmd cannot open " + file + ", because its locale (" + System.getProperty("sun.jnu.encoding")
                            + ") has no such characters; start it with LC_ALL=C.UTF-8 or another locale of UTF-8");
        }
    }

    /** Null, or which region has the file, and what can be done about that. */
    private String take(ExportedFiles.Identity file, Path path, String name) {
        return files.take(
                file,
                path,
                name,
                () -> table.home(name) != null
                        ? "; map that region, or delete it first"
                        : ", which has been deleted but which programs of this host have mapped still; it can be exported"
                                + " again when they have unmapped it or ended");
    }

    private int checked(String name, long size, int wantedPageSize) throws RequestException {
        String problem = Names.checkRegion(name);
        int pageSize = wantedPageSize == 0 ? DEFAULT_PAGE_SIZE : wantedPageSize;
        if (problem == null && size < 1) {
            problem = "a region has at least one byte, not " + size;
        }
        if (problem == null && size > RegionRecord.MAX_SIZE) {
            problem = "a region has at most " + RegionRecord.MAX_SIZE + " bytes (1 TiB), not " + size;
        }
        if (problem == null
                && (Integer.bitCount(pageSize) != 1
                        || pageSize < RegionRecord.MIN_PAGE_SIZE
                        || pageSize > RegionRecord.MAX_PAGE_SIZE)) {
            problem = "the page size must be a power of two from 4K to 2M, not " + Integer.toUnsignedString(pageSize);
        }
        if (problem != null) {
            throw new RequestException(LocalStatus.INVALID_ARGUMENT, problem);
        }
        checkTable((size + pageSize - 1) / pageSize);
        return pageSize;
    }

    /** Refuses a region for which this daemon's heap is too small even while nobody has touched a page. */
    void checkTable(long pages) throws RequestException {
        long needed = (pages >> 10) * BYTES_A_RUN;
        long most = Runtime.getRuntime().maxMemory() / 4;
        if (needed > most) {
            throw new RequestException(
                    LocalStatus.LIMIT,
                    "a page table of " + pages + " pages needs " + (needed >> 20) + " MiB of dsmd's heap; at most "
                            + (most >> 20) + " MiB may go to one region. Use larger pages (--page-size), or give dsmd"
                            + " more memory");
        }
    }

    /** Refuses a region of whose pages too few fit into the memory for frames. */
    void checkFrames(int pageSize) throws RequestException {
        FrameSettings frames = context.settings().frames();
        if (!frames.fits(pageSize)) {
            throw new RequestException(
                    LocalStatus.LIMIT,
                    "pages of " + pageSize + " bytes are too large for the " + frames.maxBytes()
                            + " bytes of memory that frames may take on host " + context.host() + " (--frames-max): at"
                            + " least " + FrameSettings.LEAST_FRAMES + " must fit. Use smaller pages (--page-size), or"
                            + " raise --frames-max");
        }
    }

    /**
     * @param file that of an exported region, which is given back when the region is no more; else null
     * @param writable whether that file may be opened for writing
     */
    private void serve(RegionRecord record, ExportedFiles.Identity file, boolean writable, boolean restarted)
            throws DirectoryException, IOException {
        int expiries = watch.expiries();
        OwnerRecord claim = restarted ? claimAtStart(record, false) : Futures.get(directory.claim(record, false));
        HomeRuntime home = Sources.home(context, record, loops.forRegion(record.id()), claim, restarted, writable);
        if (file != null) {
            home.loop().execute(() -> home.onForgotten(() -> files.giveBack(file)));
        }
        table.add(home);
        if (expiries != watch.expiries()) {
            watch.claimAgain(home);
        }
    }

    private ControlReply claimNew(RegionRecord record, ExportedFiles.Identity file, boolean writable) throws Exception {
        try {
            serve(record, file, writable, false);
            return ControlReply.ok(record.id());
        } catch (DirectoryException | IOException | RuntimeException | OutOfMemoryError e) {
            LOG.warn("region {} cannot be served; forgetting it", record.name(), e);
            directory.delete(record).whenComplete((done, failure) -> {
                if (failure != null) {
                    LOG.warn("region {} is left in the directory: {}", record.name(), Reasons.of(failure));
                }
            });
            if (e instanceof IOException failure) {
                throw Descriptors.explained(failure, LocalStatus.FILE);
            }
            if (e instanceof OutOfMemoryError) {
                throw new RequestException(LocalStatus.LIMIT, "dsmd's heap cannot hold the page table of this region");
            }
            throw e;
        }
    }

    ControlReply delete(String name) throws Exception {
        String problem = Names.checkRegion(name);
        if (problem != null) {
            throw new RequestException(LocalStatus.INVALID_ARGUMENT, problem);
        }
        RegionRecord record = Futures.get(directory.lookup(name));
        if (!record.owner().equals(context.host())) {
            throw new RequestException(
                    LocalStatus.PERMISSION,
                    (record.isStream() ? "stream " : "region ") + name + " belongs to host " + record.owner()
                            + "; delete it there");
        }
        if (record.isStream()) {
            streams.delete(record);
            return ControlReply.ok(record.id());
        }
        Futures.get(directory.delete(record));
        HomeRuntime home = table.home(record.id());
        table.remove(record.id());
        if (home != null) {
            awaitTheEnd(home);
        }
        return ControlReply.ok(record.id());
    }

    /** Whoever has the answer may count on it that no program of this host stores into the region's file any more. */
    private void awaitTheEnd(HomeRuntime home) throws Exception {
        CompletableFuture<Void> rightless = new CompletableFuture<>();
        home.loop().execute(() -> home.delete(() -> rightless.complete(null)));
        int mostMs = 2 * context.settings().deadlines().revokeMs() + END_MS;
        try {
            rightless.get(mostMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new RequestException(
                    LocalStatus.TIMEOUT,
                    "region " + home.record().name()
                            + " is deleted, but a program of this host that has it mapped could"
                            + " neither be asked to give up its rights nor be ended within " + mostMs
                            + " ms (dsmd's log names it); it may still store into the region's file");
        }
    }

    /** Takes over the regions that an earlier run of this daemon owned, and forgets its streams. */
    void takeOver() throws DirectoryException, IOException, InterruptedException {
        List<RegionRecord> ours = own();
        OrphanedWriters orphans = new OrphanedWriters(
                directory.incarnation(),
                context.writers(),
                context.settings().deadlines().revokeMs());
        orphans.end(ours);
        Sources.forgetAllBut(context, ours.stream().map(RegionRecord::id).collect(Collectors.toSet()));
        new TakeOver(context.slow(), record -> takeOver(record, orphans)).all(ours);
        if (lostCount.get() > LOST_TOLD) {
            LOG.warn(
                    "{} more regions of this host cannot be served; `dsmctl regions` tells of each",
                    lostCount.get() - LOST_TOLD);
        }
    }

    private List<RegionRecord> own() throws DirectoryException {
        List<RegionRecord> own = new ArrayList<>();
        List<RegionRecord> some = Futures.get(directory.own(1));
        while (!some.isEmpty()) {
            own.addAll(some);
            some = Futures.get(directory.own(some.get(some.size() - 1).id() + 1));
        }
        own.sort(Comparator.comparing(record -> record.kind() != Kind.EXPORTED)); // others wait for those
        return own;
    }

    private void takeOver(RegionRecord record, OrphanedWriters orphans) throws DirectoryException, IOException {
        if (record.kind() == Kind.EXPORTED && orphans.hasHidden(record)) {
            LOG.warn(
                    "region {} is not served yet: programs that cannot be looked at may still write to it",
                    record.name());
            takeOverLater(record, orphans);
        } else {
            takeOverOrLose(record);
        }
    }

    /** A region that cannot be served, whatever is wrong with it, keeps no other from being served. */
    private void takeOverOrLose(RegionRecord record) throws DirectoryException {
        try {
            takeOver(record);
        } catch (DirectoryException e) {
            if (e.kind() == DirectoryException.Kind.UNREACHABLE || e.kind() == DirectoryException.Kind.TIMEOUT) {
                throw e; // so it would be with all of them
            }
            lostHere(record, e);
        } catch (RuntimeException e) {
            lostHere(record, e);
        }
    }

    private void lostHere(RegionRecord record, Exception problem) {
        LOG.error("region {} cannot be taken over; others are served", record.name(), problem);
        table.addLost(new RegionTable.LostRegion(
                record,
                FaultCause.FILE_ERROR,
                "it could not be taken over when dsmd started on host " + context.host() + ": " + Reasons.of(problem)));
    }

    /** Others need not wait for it. Nobody else is given the file meanwhile. */
    private void takeOverLater(RegionRecord record, OrphanedWriters orphans) {
        ExportedFiles.Identity held = hold(record);
        context.slow().execute(() -> {
            try {
                orphans.endHidden(record);
                if (held != null) {
                    files.giveBack(held);
                }
                takeOverOrLose(record);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // dsmd stops
            } catch (DirectoryException | IOException | RuntimeException e) {
                lostHere(record, e);
            }
        });
    }

    private ExportedFiles.Identity hold(RegionRecord record) {
        try {
            Path path = path(record.file());
            ExportedFiles.Identity file = ExportedFiles.Identity.of(path);
            return files.take(
                                    file,
                                    path,
                                    record.name(),
                                    () -> "; programs of an earlier run of dsmd may still write to it")
                            == null
                    ? file
                    : null;
        } catch (IOException | RequestException e) {
            LOG.debug("the file of region {} is not there: {}", record.name(), Reasons.of(e));
            return null;
        }
    }

    private void takeOver(RegionRecord record) throws DirectoryException {
        if (record.isStream()) {
            streams.forget(record);
            return;
        }
        if (record.kind() == Kind.EXPORTED) {
            try {
                Path path = path(record.file());
                String changed = Sources.changed(record);
                ExportedFiles.Identity file = changed == null ? ExportedFiles.Identity.of(path) : null;
                changed = changed == null ? take(file, path, record.name()) : changed;
                if (changed == null) {
                    serve(record, file, Sys.whyNotWritable(record.file()) == null, true);
                    LOG.info("region {} is served again from {}", record.name(), record.file());
                    return;
                }
                lost(record, FaultCause.FILE_ERROR, changed);
            } catch (IOException | RequestException e) {
                lost(record, FaultCause.FILE_ERROR, Reasons.of(e));
            }
        } else {
            lost(
                    record,
                    FaultCause.DATA_LOST,
                    "the contents of region " + record.name()
                            + " were in the memory of an earlier run of dsmd on host " + context.host()
                            + " and are lost; delete the region and create it again");
        }
    }

    private void lost(RegionRecord record, FaultCause cause, String reason) throws DirectoryException {
        if (lostCount.getAndIncrement() < LOST_TOLD) {
            LOG.warn("region {} cannot be served: {}", record.name(), reason);
        } else {
            LOG.debug("region {} cannot be served: {}", record.name(), reason);
        }
        table.addLost(new RegionTable.LostRegion(record, cause, reason));
        claimAtStart(record, cause == FaultCause.DATA_LOST);
    }

    /** One claim among very many, on a machine that is busy with them, may take longer than the deadline of one operation. */
    private OwnerRecord claimAtStart(RegionRecord record, boolean lost) throws DirectoryException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_PATIENCE_S);
        while (true) {
            try {
                return Futures.get(directory.claim(record, lost));
            } catch (DirectoryException e) {
                boolean passes =
                        e.kind() == DirectoryException.Kind.UNREACHABLE || e.kind() == DirectoryException.Kind.TIMEOUT;
                if (!passes || System.nanoTime() - end >= 0 || !pause()) {
                    throw e;
                }
                LOG.info("{}; trying again", e.getMessage());
            }
        }
    }

    /** False when the daemon stops. */
    private static boolean pause() {
        try {
            Thread.sleep(PAUSE_MS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
