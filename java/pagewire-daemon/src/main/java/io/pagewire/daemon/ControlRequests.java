package io.pagewire.daemon;

import io.pagewire.daemon.directory.DirectoryException;
import io.pagewire.daemon.directory.Names;
import io.pagewire.daemon.directory.RegionRecord;
import io.pagewire.daemon.local.ControlReply;
import io.pagewire.daemon.local.ControlService;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.daemon.local.MapOptions;
import io.pagewire.daemon.local.Mapping;
import io.pagewire.daemon.local.StreamEnd;
import io.pagewire.daemon.region.CallingRuntime;
import io.pagewire.daemon.region.ClientRuntime;
import io.pagewire.daemon.region.Filling;
import io.pagewire.daemon.region.HomeRuntime;
import io.pagewire.daemon.region.Leaving;
import io.pagewire.daemon.region.PageRanges;
import io.pagewire.daemon.region.PreloadedRuntime;
import io.pagewire.daemon.region.RegionContext;
import io.pagewire.daemon.region.RegionRuntime;
import io.pagewire.daemon.stream.StreamTable;
import io.pagewire.daemon.sys.Sys;
import io.pagewire.wire.LocalLayout;
import io.pagewire.wire.LocalStatus;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the requests of programs and administrators. Whatever may block runs on the slow threads, whatever concerns a region
 * on the region's loop.
 *
 * <p>Safe for use by any thread.
 */
final class ControlRequests implements ControlService {
    private static final Logger LOG = LoggerFactory.getLogger(ControlRequests.class);

    /** As much as the library asks for at a time. */
    private static final long FORCE_BYTES = 16 << 20;

    private final RegionContext context;
    private final RegionTable table;
    private final RegionMaker maker;
    private final StreamTable streamTable;
    private final StreamRequests streams;
    private final Reports reports;
    private volatile boolean stopping;

    ControlRequests(
            RegionContext context,
            RegionTable table,
            RegionMaker maker,
            StreamTable streamTable,
            StreamRequests streams,
            Reports reports) {
        this.context = context;
        this.table = table;
        this.maker = maker;
        this.streamTable = streamTable;
        this.streams = streams;
        this.reports = reports;
    }

    @Override
    public long session() {
        return context.session();
    }

    @Override
    public String host() {
        return context.host();
    }

    @Override
    public int faultDeadlineMs() {
        return context.settings().deadlines().faultMs();
    }

    @Override
    public long longestRequestMs() {
        return context.settings().deadlines().requestMs();
    }

    @Override
    public String refuseUser(int uid) {
        int own = Sys.userId();
        return uid == own || uid == 0
                ? null
                : "this dsmd serves user " + own + " only; start one of your own with --socket and --data";
    }

    @Override
    public CompletionStage<ControlReply> create(
            LocalProcess by, String name, long size, int pageSize, boolean anyWriter) {
        return beginning("create", () -> maker.create(name, size, pageSize, anyWriter));
    }

    @Override
    public CompletionStage<ControlReply> export(
            LocalProcess by, String name, String path, int pageSize, boolean anyWriter, boolean resident) {
        return beginning("export", () -> maker.export(name, path, pageSize, anyWriter, resident));
    }

    @Override
    public CompletionStage<ControlReply> delete(LocalProcess by, String name) {
        return guarded("delete", () -> maker.delete(name));
    }

    /** Work that may block and that says what is wrong by exceptions. */
    private interface Work {
        ControlReply run() throws Exception;
    }

    /** From now on nothing new is begun. */
    void stop() {
        stopping = true;
    }

    /** Work that begins something. */
    private CompletionStage<ControlReply> beginning(String what, Work work) {
        if (stopping) {
            return CompletableFuture.completedFuture(ControlReply.failed(
                    LocalStatus.BUSY,
                    "dsmd of host " + context.host() + " is stopping; what was written is on its way home"));
        }
        return guarded(what, work);
    }

    private CompletionStage<ControlReply> guarded(String what, Work work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.run();
                    } catch (DirectoryException e) {
                        return ControlReply.failed(statusOf(e.kind()), e.getMessage());
                    } catch (RequestException e) {
                        return ControlReply.failed(e.status(), e.getMessage());
                    } catch (IOException e) {
                        LOG.warn("{} failed", what, e);
                        RequestException plain = Descriptors.explained(e, LocalStatus.INTERNAL);
                        return ControlReply.failed(plain.status(), plain.getMessage());
                    } catch (Exception e) {
                        throw new CompletionException(e);
                    }
                },
                context.slow());
    }

    private static LocalStatus statusOf(DirectoryException.Kind kind) {
        return switch (kind) {
            case UNKNOWN_REGION -> LocalStatus.UNKNOWN_REGION;
            case EXISTS -> LocalStatus.REGION_EXISTS;
            case INVALID -> LocalStatus.INVALID_ARGUMENT;
            case OWNED -> LocalStatus.PERMISSION;
            case NO_OWNER -> LocalStatus.OWNER_LOST;
            case UNREACHABLE, HOST_TAKEN -> LocalStatus.DIRECTORY_UNREACHABLE;
            case TIMEOUT -> LocalStatus.TIMEOUT;
        };
    }

    // ---- map and unmap -------------------------------------------------------------------------------------------

    @Override
    public CompletionStage<ControlReply> map(LocalProcess by, String name, MapOptions options) {
        CompletableFuture<ControlReply> answer = new CompletableFuture<>();
        beginning("map", () -> {
                    String problem = Names.checkRegion(name);
                    if (problem != null) {
                        throw new RequestException(LocalStatus.INVALID_ARGUMENT, problem);
                    }
                    RegionRecord record = Futures.get(context.directory().lookup(name));
                    if (record.isStream()) {
                        throw new RequestException(LocalStatus.INVALID_ARGUMENT, subscribe(name));
                    }
                    context.writers().asks(record.id(), by);
                    RegionRuntime runtime = runtimeOf(record, options);
                    if (runtime instanceof HomeRuntime home && home.givesFile(options.readOnly())) {
                        context.writers().add(record.id(), by);
                        answer.thenAccept(reply -> forgetUnlessMapped(reply, record.id(), by));
                    }
                    openOn(runtime, record, by, options, answer);
                    return null;
                })
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    } else if (reply != null) {
                        answer.complete(reply);
                    }
                });
        return answer;
    }

    /** It was to be given the file to write, and was not. */
    private void forgetUnlessMapped(ControlReply reply, int regionId, LocalProcess by) {
        if (reply.status() != LocalStatus.OK && by.hold()) {
            context.forgetWriter(regionId, by);
        }
    }

    private static String subscribe(String name) {
        return name
                + " is a frame stream and no region; subscribe to it instead (pw_subscribe_frames, or dsmctl stream "
                + name + " --out FILE)";
    }

    private RegionRuntime runtimeOf(RegionRecord record, MapOptions options) throws IOException, RequestException {
        if (options.preloaded()) {
            return preloadedOf(record);
        }
        if (!record.owner().equals(context.host())) {
            maker.checkTable(record.span() / record.pageSize());
            maker.checkFrames(record.pageSize());
            return table.client(record);
        }
        HomeRuntime home = table.home(record.id());
        if (home != null) {
            return home;
        }
        RegionTable.LostRegion lost = table.lost(record.id());
        if (lost != null) {
            throw new RequestException(LocalStatus.DATA_LOST, lost.reason());
        }
        throw new RequestException(
                LocalStatus.BUSY,
                "this dsmd is still taking over region " + record.name() + " from its earlier run; try again");
    }

    /** The frames of a preloaded mapping are its own, on every host alike. */
    private PreloadedRuntime preloadedOf(RegionRecord record) throws IOException, RequestException {
        RegionTable.LostRegion lost = table.lost(record.id());
        if (lost != null) {
            throw new RequestException(LocalStatus.DATA_LOST, lost.reason());
        }
        PreloadedRuntime present = table.preloaded(record.id());
        if (present != null) {
            return present;
        }
        String problem = PreloadedRuntime.checkMemory(record);
        if (problem != null) {
            throw new RequestException(
                    LocalStatus.LIMIT, "region " + record.name() + " cannot be preloaded: " + problem);
        }
        return table.preload(record);
    }

    private void openOn(
            RegionRuntime runtime,
            RegionRecord record,
            LocalProcess by,
            MapOptions options,
            CompletableFuture<ControlReply> answer) {
        runtime.loop().execute(() -> {
            try {
                ControlReply reply = runtime instanceof PreloadedRuntime preloaded
                        ? preloaded.open(by, options)
                        : runtime.open(by, options.readOnly());
                if (reply == null) {
                    reopen(record, by, options, answer);
                } else if (options.eager() && reply.status() == LocalStatus.OK) {
                    runtime.connectEagerly(problem -> {
                        if (problem != null) {
                            runtime.dropUnused(by);
                        }
                        answer.complete(problem == null ? reply : problem);
                    });
                } else {
                    answer.complete(reply);
                }
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
    }

    /** The last program let go of the region in this moment, and its client closed: make a new one. */
    private void reopen(
            RegionRecord record, LocalProcess by, MapOptions options, CompletableFuture<ControlReply> answer) {
        beginning("map", () -> {
                    openOn(runtimeOf(record, options), record, by, options, answer);
                    return null;
                })
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    } else if (reply != null) {
                        answer.complete(reply);
                    }
                });
    }

    @Override
    public CompletionStage<ControlReply> unmap(LocalProcess by, long token) {
        Mapping mapping = ownMapping(by, token);
        if (mapping == null) {
            return noSuchMapping();
        }
        CompletableFuture<ControlReply> answer = new CompletableFuture<>();
        mapping.side().loop().execute(() -> {
            Leaving leaving = null;
            if (mapping.side() instanceof PreloadedRuntime preloaded) {
                leaving = preloaded.unmap(mapping);
            } else {
                mapping.side().unmapped(mapping);
                leaving = mapping.side() instanceof ClientRuntime client ? client.leaving() : null;
            }
            if (leaving == null) {
                answer.complete(ControlReply.ok());
            } else {
                context.leavings().add(token, by.pid(), leaving);
                leaving.ask(false).thenAccept(report -> answer.complete(ControlReply.ok(Math.max(1, report.left()))));
            }
        });
        return answer;
    }

    @Override
    public CompletionStage<ControlReply> leaving(LocalProcess by, long token, long fromPage, boolean withPages) {
        Leaving leaving = context.leavings().get(token, by.pid());
        if (leaving == null || fromPage < 0 || fromPage > Integer.MAX_VALUE) {
            return noSuchMapping();
        }
        return leaving.ask(withPages).thenApply(report -> {
            StringBuilder text = new StringBuilder();
            boolean all = appendRuns(text, report.pages(), (int) fromPage);
            if (all && report.state() != LocalLayout.LEAVING_RUNNING && report.state() != LocalLayout.LEAVING_STALLED) {
                context.leavings().remove(token);
            }
            text.append('\0').append(report.reason());
            return ControlReply.progress(report.left(), report.total(), report.state(), text.toString());
        });
    }

    /** Whether these are all from that page on. */
    private static boolean appendRuns(StringBuilder text, PageRanges pages, int fromPage) {
        int runs = 0;
        int first = pages == null ? -1 : pages.first(fromPage);
        for (; first >= 0 && runs < LocalLayout.MOST_RUNS; first = pages.first(pages.end(first)), runs++) {
            text.append(runs == 0 ? "" : " ").append(first).append('+').append(pages.end(first) - first);
        }
        return first < 0;
    }

    @Override
    public CompletionStage<ControlReply> force(LocalProcess by, long token, long firstPage, long pageCount) {
        Mapping mapping = ownMapping(by, token);
        if (mapping == null) {
            return noSuchMapping();
        }
        if (mapping.side() instanceof CallingRuntime calling) {
            return force(calling, mapping, firstPage, pageCount);
        }
        HomeRuntime home = (HomeRuntime) mapping.side();
        CompletableFuture<ControlReply> answer = new CompletableFuture<>();
        home.loop().execute(() -> home.force(answer::complete));
        return answer;
    }

    private static CompletionStage<ControlReply> force(
            CallingRuntime client, Mapping mapping, long firstPage, long pageCount) {
        long pages = client.record().span() / client.record().pageSize();
        if (firstPage < 0 || firstPage >= pages || pageCount > pages - firstPage) {
            return CompletableFuture.completedFuture(ControlReply.failed(
                    LocalStatus.INVALID_ARGUMENT,
                    "pages " + firstPage + " to " + (firstPage + pageCount) + " are not within the " + pages
                            + " pages of region " + client.record().name()));
        }
        long end = pageCount == 0 ? pages : firstPage + pageCount;
        CompletableFuture<ControlReply> answer = new CompletableFuture<>();
        client.loop().execute(() -> forcePart(client, mapping, firstPage, end, answer));
        return answer;
    }

    /** So much in one turn of the region's loop, and then the rest. */
    private static void forcePart(
            CallingRuntime client, Mapping mapping, long first, long end, CompletableFuture<ControlReply> answer) {
        long most = Math.max(1, FORCE_BYTES / client.record().pageSize());
        long next = client.forcesInParts() ? Math.min(end, first + most) : end;
        client.force(mapping, first, (int) (next - first), reply -> {
            if (reply.status() != LocalStatus.OK || next == end) {
                answer.complete(reply);
            } else {
                client.loop().execute(() -> forcePart(client, mapping, next, end, answer));
            }
        });
    }

    @Override
    public CompletionStage<ControlReply> publish(LocalProcess by, long token) {
        return exchange(by, token, PreloadedRuntime::publish);
    }

    @Override
    public CompletionStage<ControlReply> refresh(LocalProcess by, long token) {
        return exchange(by, token, PreloadedRuntime::refresh);
    }

    /** Something that a preloaded region does for one of its mappings; called on the region's loop. */
    private interface Exchanging {
        void run(PreloadedRuntime region, Mapping mapping, Consumer<ControlReply> done);
    }

    private CompletionStage<ControlReply> exchange(LocalProcess by, long token, Exchanging exchange) {
        Mapping mapping = ownMapping(by, token);
        if (mapping == null) {
            return noSuchMapping();
        }
        if (!(mapping.side() instanceof PreloadedRuntime region)) {
            return CompletableFuture.completedFuture(ControlReply.failed(
                    LocalStatus.INVALID_ARGUMENT,
                    "only preloaded mappings publish and refresh; this one is coherent at all times"));
        }
        CompletableFuture<ControlReply> answer = new CompletableFuture<>();
        region.loop().execute(() -> exchange.run(region, mapping, answer::complete));
        return answer;
    }

    private Mapping ownMapping(LocalProcess by, long token) {
        Mapping mapping = context.mapping(token);
        return mapping != null && mapping.process().pid() == by.pid() ? mapping : null;
    }

    private static CompletionStage<ControlReply> noSuchMapping() {
        return CompletableFuture.completedFuture(
                ControlReply.failed(LocalStatus.UNKNOWN_REGION, "no such mapping of this process"));
    }

    @Override
    public CompletionStage<ControlReply> progress(LocalProcess by, long token, String name) {
        RegionRuntime region = null;
        if (token != 0) {
            Mapping mapping = ownMapping(by, token);
            if (mapping == null) {
                return noSuchMapping();
            }
            region = (RegionRuntime) mapping.side();
        } else {
            region = table.home(name);
        }
        if (region == null) {
            return CompletableFuture.completedFuture(ControlReply.failed(
                    LocalStatus.UNKNOWN_REGION, "region " + name + " is not served by host " + context.host()));
        }
        Filling filling = region.filling();
        long size = region.record().size();
        return CompletableFuture.completedFuture(
                filling == null
                        ? ControlReply.progress(size, size, LocalLayout.PROGRESS_DONE, "")
                        : ControlReply.progress(filling.done(), filling.total(), filling.state(), filling.text()));
    }

    @Override
    public CompletionStage<ControlReply> publishFrames(
            LocalProcess by, String name, long frameSize, int frames, long dropMs, boolean discard) {
        return beginning("publish frames", () -> streams.publish(by, name, frameSize, frames, dropMs, discard));
    }

    @Override
    public CompletionStage<ControlReply> subscribeFrames(LocalProcess by, String name, int frames, boolean latest) {
        return beginning("subscribe frames", () -> streams.subscribe(by, name, frames, latest));
    }

    @Override
    public CompletionStage<ControlReply> query(LocalProcess by, String what) {
        return guarded("query", () -> ControlReply.text(reports.answer(what)));
    }

    @Override
    public Mapping mapping(long token) {
        return context.mapping(token);
    }

    @Override
    public StreamEnd streamEnd(long token) {
        return streamTable.end(token);
    }

    @Override
    public void disconnected(LocalProcess process) {
        streamTable.disconnected(process);
        for (Mapping mapping : context.mappings()) {
            if (mapping.process() == process && mapping.side() instanceof RegionRuntime runtime) {
                runtime.loop().execute(() -> runtime.dropUnused(process));
            }
        }
    }
}
