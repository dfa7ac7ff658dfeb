package io.pagewire.daemon.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pagewire.core.Cause;
import io.pagewire.core.FramePort;
import io.pagewire.daemon.config.FrameSettings;
import io.pagewire.wire.FaultCause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpillFileTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 300;
    private static final long NOT_GIVEN = FrameSettings.NOT_GIVEN;

    @TempDir
    Path temp;

    private final Queue<Runnable> loop = new ArrayDeque<>();
    private final Queue<Runnable> slow = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private MemoryFrames frames;
    private SpillSpace space;
    private SpillFile file;
    private SpillFile asked;
    private final Map<Long, Integer> sectorOf = new HashMap<>();
    private long descriptorsBefore;

    private final SpillFile.Owner owner = new SpillFile.Owner() {
        @Override
        public void spilled(long page, int cause, long now) {
            told.add("spilled " + page + " " + cause);
            if (cause != 0) {
                asked.forget(sectorOf.get(page));
            }
        }

        @Override
        public void loaded(long page, int cause, long now) {
            told.add("loaded " + page + " " + cause);
        }

        @Override
        public void explain(FaultCause cause, String text) {
            reasons.add(cause + ": " + text);
        }
    };

    @BeforeEach
    void open() throws IOException {
        descriptorsBefore = descriptors();
        frames = MemoryFrames.create("test", (long) PAGES * PAGE);
        open(NOT_GIVEN);
    }

    private void open(long most) throws IOException {
        space = new SpillSpace(new FrameSettings(1 << 20, most, temp.resolve("spill")));
        space.prepare();
        file = new SpillFile(space, frames, PAGE, slow::add, loop::add, owner);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        file.close();
        run();
        frames.close();
        assertThat(space.fileBytes()).isZero();
        assertThat(space.spilled()).isZero();
        assertThat(descriptors()).isEqualTo(descriptorsBefore);
        try (var left = Files.list(temp.resolve("spill"))) {
            assertThat(left).isEmpty();
        }
    }

    private static long descriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(fd -> {
                        try {
                            String target = Files.readSymbolicLink(fd).toString();
                            return target.contains("memfd:test") || target.contains("spill");
                        } catch (IOException e) {
                            return false; // the one that lists
                        }
                    })
                    .count();
        }
    }

    /** Loop and slow threads in turn until nobody has anything to do. */
    private void run() {
        while (!loop.isEmpty() || !slow.isEmpty()) {
            (loop.isEmpty() ? slow : loop).remove().run();
        }
    }

    private void fill(long page, long seed) throws IOException {
        byte[] bytes = new byte[PAGE];
        new Random(seed).nextBytes(bytes);
        frames.store(ByteBuffer.wrap(bytes), page * PAGE);
    }

    private void check(long page, long seed) throws IOException {
        byte[] expected = new byte[PAGE];
        new Random(seed).nextBytes(expected);
        ByteBuffer found = ByteBuffer.allocate(PAGE);
        frames.load(found, page * PAGE);
        assertThat(found.array()).isEqualTo(expected);
    }

    private int spill(long page, long seed) throws IOException {
        fill(page, seed);
        int sector = file.spill(page);
        assertThat(sector).isPositive();
        run();
        assertThat(told).contains("spilled " + page + " 0");
        frames.discard(page * PAGE, PAGE);
        return sector;
    }

    private void load(long page, int sector, int cause) {
        int result = file.load(page, sector);
        if (result == FramePort.LOADING) {
            run();
            assertThat(told).last().isEqualTo("loaded " + page + " " + cause);
        } else {
            assertThat(result).isEqualTo(cause);
        }
    }

    /** The file has no name; this process can reach it by its descriptor. */
    private Path behind() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd)
                                    .toString()
                                    .startsWith(temp.resolve("spill").toString());
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void shouldBringBackWhatWasSpilled() throws IOException {
        int first = spill(7, 1);
        int second = spill(299, 2);
        assertThat(second).isNotEqualTo(first);
        load(299, second, 0);
        load(7, first, 0);
        check(7, 1);
        check(299, 2);
        assertThat(file.pages()).isEqualTo(2);
        assertThat(space.spilled()).isEqualTo(2 * PAGE);
    }

    @Test
    void shouldTellNothingFromWithinACall() throws IOException {
        fill(1, 1);
        file.spill(1);
        assertThat(told).isEmpty();
        run();
        assertThat(told).containsExactly("spilled 1 0");
    }

    @Test
    void shouldWriteInOneGoWhatOneTurnAskedFor() throws IOException {
        for (int page = 0; page < 40; page++) {
            fill(page, page);
            file.spill(page);
        }
        loop.remove().run();
        assertThat(slow).hasSize(1);
        assertThat(loop).isEmpty();
        slow.remove().run();
        loop.remove().run();
        assertThat(told).hasSize(40);
        assertThat(slow).isEmpty();
    }

    @Test
    void shouldUseTheSectorsOfForgottenPagesAgain() throws IOException {
        int first = spill(1, 1);
        int second = spill(2, 2);
        file.forget(first);
        assertThat(spill(3, 3)).isEqualTo(first);
        load(2, second, 0);
        load(3, first, 0);
        check(2, 2);
        check(3, 3);
        assertThat(space.fileBytes()).isEqualTo(2 * PAGE);
    }

    @Test
    void shouldGiveDiskSpaceBackWhenMostOfTheFileIsFree() throws IOException {
        int[] sectors = new int[PAGES];
        for (int page = 0; page < PAGES; page++) {
            sectors[page] = spill(page, page);
        }
        Path behind = behind();
        assertThat(Files.size(behind)).isEqualTo(PAGES * PAGE);
        for (int page = 50; page < PAGES; page++) {
            file.forget(sectors[page]);
        }
        run();
        assertThat(Files.size(behind)).isLessThanOrEqualTo(100 * PAGE).isEqualTo(space.fileBytes());
        int again = spill(200, 4711);
        load(0, sectors[0], 0);
        load(200, again, 0);
        check(0, 0);
        check(200, 4711);
    }

    @Test
    void shouldRefuseWhatIsBeyondTheBoundAndSayWhatToDo() throws IOException {
        file.close();
        open(2 * PAGE);
        int first = spill(1, 1);
        spill(2, 2);
        assertThat(file.spill(3)).isZero();
        run();
        assertThat(told).noneMatch(what -> what.startsWith("spilled 3"));
        assertThat(reasons)
                .singleElement()
                .asString()
                .contains("NO_MEMORY", "--frames-max, 1048576 bytes", temp + "/spill", "--spill-max (8192 bytes)");
        file.forget(first);
        assertThat(spill(3, 3)).isEqualTo(first);
    }

    @Test
    void shouldShareTheBoundAmongAllFiles() throws IOException {
        file.close();
        open(3 * PAGE);
        SpillFile other = new SpillFile(space, frames, PAGE, slow::add, loop::add, owner);
        spill(1, 1);
        assertThat(other.spill(2)).isPositive();
        assertThat(other.spill(3)).isPositive();
        run();
        assertThat(file.spill(4)).isZero();
        other.close();
        run();
        assertThat(file.spill(4)).isPositive();
        run();
    }

    @Test
    void shouldReportADamagedSectorAndNeverBringItIntoAFrame() throws IOException {
        int first = spill(1, 1);
        int second = spill(2, 2);
        try (FileChannel damage = FileChannel.open(behind(), StandardOpenOption.WRITE)) {
            damage.write(ByteBuffer.wrap(new byte[] {42}), (first - 1) * PAGE + 4000);
        }
        load(1, first, Cause.FILE_ERROR);
        ByteBuffer frame = ByteBuffer.allocate(PAGE);
        frames.load(frame, PAGE);
        assertThat(frame.array()).containsOnly(0);
        assertThat(reasons)
                .singleElement()
                .asString()
                .contains("FILE_ERROR", "the checksum of page 1 is wrong", "/spill");
        load(2, second, 0);
        check(2, 2);
    }

    @Test
    void shouldReportASectorThatIsNotThere() throws IOException {
        int sector = spill(1, 1);
        try (FileChannel damage = FileChannel.open(behind(), StandardOpenOption.WRITE)) {
            damage.truncate(100);
        }
        load(1, sector, Cause.FILE_ERROR);
        assertThat(reasons).singleElement().asString().contains("the spill file ends before page 1");
    }

    @Test
    void shouldKeepThePageInMemoryWhenTheDirectoryCannotBeWritten() throws IOException {
        Files.delete(temp.resolve("spill"));
        fill(1, 1);
        assertThat(file.spill(1)).isPositive();
        asked = file;
        sectorOf.put(1L, 1);
        run();
        assertThat(told).containsExactly("spilled 1 " + Cause.NO_MEMORY);
        assertThat(reasons)
                .singleElement()
                .asString()
                .contains("pages cannot be spilled to " + temp + "/spill", "ENOENT", "--spill-dir", "--frames-max");
        assertThat(file.pages()).isZero();
        check(1, 1);
        Files.createDirectory(temp.resolve("spill"));
        load(1, spill(1, 1), 0);
    }

    @Test
    void shouldKeepThePageInMemoryWhenTheDiskIsFullAndGoOnWhenThereIsSpace() throws Exception {
        Path small = Files.createDirectory(temp.resolve("spill/small"));
        assumeThat(call("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small.toString()))
                .as("may mount")
                .isZero();
        SpillFile own = null;
        try {
            SpillSpace full = new SpillSpace(new FrameSettings(1 << 20, NOT_GIVEN, small));
            own = new SpillFile(full, frames, PAGE, slow::add, loop::add, owner);
            int[] sectors = new int[20];
            for (int page = 0; page < 20; page++) {
                fill(page, page);
                sectors[page] = own.spill(page);
                sectorOf.put((long) page, sectors[page]);
            }
            asked = own;
            run();
            assertThat(told)
                    .hasSize(20)
                    .contains("spilled 0 0", "spilled 14 0", "spilled 19 " + Cause.NO_MEMORY)
                    .doesNotContain("spilled 19 0");
            assertThat(reasons).first().asString().contains("No space left on device", "free space there");
            int written = own.pages();
            assertThat(written).isBetween(15, 16);
            for (int page = 0; page < written; page++) {
                frames.discard(page * PAGE, PAGE);
                assertThat(own.load(page, sectors[page])).isIn(0, FramePort.LOADING);
                run();
                check(page, page);
            }
            own.forget(sectors[3]);
            told.clear();
            assertThat(own.spill(19)).isEqualTo(sectors[3]);
            run();
            assertThat(told).containsExactly("spilled 19 0");
        } finally {
            if (own != null) {
                own.close();
                run();
            }
            assertThat(call("umount", small.toString())).isZero();
            Files.delete(small);
        }
    }

    private static int call(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void shouldCloseTheFileAfterTheLastWriteAndTellNothingAnyMore() throws IOException {
        spill(1, 1);
        fill(2, 2);
        file.spill(2);
        loop.remove().run();
        file.close();
        frames.close();
        run();
        assertThat(told).containsExactly("spilled 1 0");
        open();
    }

    @Test
    void shouldLeaveOutWhatWasAskedForAndNotBegunWhenItCloses() throws IOException {
        fill(2, 2);
        file.spill(2);
        file.close();
        run();
        assertThat(told).isEmpty();
    }

    @Test
    void shouldRemoveWhatAKilledDaemonLeftAndNothingElse() throws IOException {
        Path leftover = Files.createFile(temp.resolve("spill/pagewire-spill-1f"));
        Path other = Files.createFile(temp.resolve("spill/holiday.jpg"));
        space.prepare();
        assertThat(leftover).doesNotExist();
        assertThat(other).exists();
        Files.delete(other);
    }

    @Test
    void shouldMakeThePrivateDirectoryOrSayWhyItCannot() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("spill"))))
                .isEqualTo("rwx------");
        Path occupied = Files.createFile(temp.resolve("occupied"));
        assertThatIOException()
                .isThrownBy(() -> new SpillSpace(new FrameSettings(1 << 20, NOT_GIVEN, occupied)).prepare())
                .withMessageContaining("pages cannot be spilled to " + occupied)
                .withMessageContaining("--spill-max 0");
        Path none = temp.resolve("none");
        new SpillSpace(new FrameSettings(1 << 20, 0, none)).prepare();
        new SpillSpace(new FrameSettings(0, NOT_GIVEN, none)).prepare();
        assertThat(none).doesNotExist();
    }
}
