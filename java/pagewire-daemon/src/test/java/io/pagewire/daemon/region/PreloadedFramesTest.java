package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pagewire.daemon.sys.MappedMemory;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The frames of a preloaded region and their twin, between home and a program that stores at any time. */
class PreloadedFramesTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 4;

    private PreloadedFrames frames;
    private MappedMemory program;

    @BeforeEach
    void open() throws IOException {
        frames = PreloadedFrames.create("test", PAGES * PAGE, PAGE, true);
        assertThat(frames.allocate()).isTrue();
        program = MappedMemory.of(frames.descriptor(), PAGES * PAGE);
    }

    @AfterEach
    void close() throws IOException {
        program.close();
        frames.close();
    }

    /** A page of home's, of which every word has this value. */
    private static ByteBuf page(long value) {
        ByteBuf page = Unpooled.buffer(PAGE);
        for (int at = 0; at < PAGE; at += 8) {
            page.writeLongLE(value);
        }
        return page;
    }

    @Test
    void shouldShowToProgramsWhatHomeSent() {
        frames.fill(2, page(77), 0);
        assertThat(program.word(2 * PAGE + 8)).isEqualTo(77);
        assertThat(program.word(PAGE)).isZero();
        assertThat(frames.change(2, PAGE)).isNull();
    }

    @Test
    void shouldFindWhatAProgramChangedUntilItIsPublished() {
        frames.fill(1, page(5), 0);
        program.word(PAGE + 16, 6);

        PageChange change = frames.change(1, PAGE);
        assertThat(change.bytes()).isEqualTo(1);
        assertThat(frames.change(1, PAGE).bytes())
                .as("not acknowledged, so it is found again")
                .isEqualTo(1);
        frames.published(change);

        assertThat(frames.change(1, PAGE)).isNull();
        assertThat(program.word(PAGE + 16)).isEqualTo(6);
    }

    @Test
    void shouldFindAgainWhatAProgramChangedAfterItWasLookedAt() {
        program.word(0, 1);
        PageChange change = frames.change(0, PAGE);
        program.word(0, 2);
        frames.published(change);

        PageChange later = frames.change(0, PAGE);
        assertThat(later.bytes()).isEqualTo(1);
    }

    @Test
    void shouldKeepUnpublishedBytesWhenHomeSendsOthers() {
        frames.fill(0, page(0x1111111111111111L), 0);
        program.word(8, 0x1111221111111111L);

        assertThat(frames.merge(0, page(0x3333333333333333L), 0)).isTrue();

        assertThat(program.word(0)).isEqualTo(0x3333333333333333L);
        assertThat(program.word(8)).isEqualTo(0x3333223333333333L);
        assertThat(frames.change(0, PAGE).bytes()).as("still to be published").isEqualTo(1);
        assertThat(frames.merge(0, page(0x3333333333333333L), 0)).as("no news").isFalse();
    }

    @Test
    void shouldLoseNoStoreOfAProgramThatWritesBetweenTheBytesOfHome() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        // The program counts in the upper half of each word, home in the lower one.
        Thread storing = new Thread(() -> {
            for (long n = 1; !stop.get(); n++) {
                for (int at = 0; at < PAGE; at += 8) {
                    long seen;
                    do {
                        seen = program.word(at);
                    } while (!program.replaceWord(at, seen, n << 32 | seen & 0xFFFFFFFFL));
                }
            }
        });
        storing.start();
        try {
            for (long n = 1; n < 20_000; n++) {
                // Home has nothing of the upper half: as if the program had never published.
                frames.merge(0, page(n & 0xFFFFFFFFL), 0);
                long word = program.word(n % 512 * 8);
                assertThat(word & 0xFFFFFFFFL).isEqualTo(n);
            }
        } finally {
            stop.set(true);
            storing.join();
        }
        long last = program.word(0) >>> 32;
        assertThat(last).isPositive();
        for (int at = 0; at < PAGE; at += 8) {
            assertThat(program.word(at) >>> 32).as("word at %d", at).isEqualTo(last);
        }
    }

    @Test
    void shouldTakeOverEverythingWhereProgramsOnlyRead() throws IOException {
        try (PreloadedFrames readOnly = PreloadedFrames.create("read", PAGE, PAGE, false)) {
            assertThat(readOnly.allocate()).isTrue();
            assertThat(readOnly.merge(0, page(9), 0)).isTrue();
            assertThat(readOnly.merge(0, page(9), 0)).isFalse();
            try (MappedMemory reader = MappedMemory.of(readOnly.descriptor(), PAGE)) {
                assertThat(reader.word(4088)).isEqualTo(9);
            }
        }
    }

    @Test
    void shouldRefuseFramesThatTheMachineHasNoMemoryFor() throws IOException {
        assertThat(PreloadedFrames.checkMemory(1L << 20, true)).isNull();
        assertThat(PreloadedFrames.checkMemory(1L << 40, true))
                .contains("need 2147483648 KiB")
                .contains("on demand");
    }

    @Test
    void shouldStayUntilTheLastUserIsDone() {
        assertThat(frames.hold()).isTrue();
        frames.close();
        frames.fill(0, page(1), 0);
        assertThat(program.word(0)).isEqualTo(1);
        assertThat(frames.hold()).isTrue();
        frames.close();
    }
}
