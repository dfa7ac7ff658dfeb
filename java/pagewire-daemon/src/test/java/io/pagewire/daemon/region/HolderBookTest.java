package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.pagewire.daemon.directory.Kind;
import io.pagewire.daemon.directory.RegionRecord;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who held what when a dsmd was killed, as its next run reads it. */
class HolderBookTest {
    private static final int PAGES = 100;
    private static final long DIRECTORY = 0x123456789L;

    @TempDir
    Path data;

    private RegionRecord record;

    @BeforeEach
    void makeFile() throws IOException {
        Path file = data.resolve("content");
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.setLength(PAGES * 4096L);
        }
        record = recordOf(file);
    }

    private static RegionRecord recordOf(Path file) {
        long size = PAGES * 4096L;
        return new RegionRecord(
                "ledger",
                0x1F,
                0x6600_0020_0000L,
                size,
                size,
                4096,
                Kind.EXPORTED,
                "a",
                file.toString(),
                1,
                true,
                false);
    }

    private HolderBook open(boolean restarted) throws IOException {
        return HolderBook.open(data, record, DIRECTORY, restarted);
    }

    private static List<String> read(HolderBook book) {
        List<String> told = new ArrayList<>();
        book.read(new HolderBook.Reader() {
            @Override
            public void host(int slot, long session, int circuit, String host, boolean doubtful) {
                told.add(slot + " is " + host + ", session " + session + ", circuit " + circuit
                        + (doubtful ? ", doubtful" : ""));
            }

            @Override
            public void page(int slot, long page, int grantNumber) {
                told.add(slot + " holds " + page + " by " + grantNumber);
            }
        });
        return told;
    }

    /** Writes a book and leaves it as a killed dsmd does, without closing it. */
    private void write() throws IOException {
        HolderBook book = open(false);
        book.joined(3, -77, 16777217, "büro");
        book.joined(5, 88, 2, "c");
        book.holds(3, 10, 3, -5);
        book.holds(5, 99, 1, Integer.MAX_VALUE);
        book.home(11, 1);
        book.doubt(5);
    }

    @Test
    void shouldTellTheNextRunWhoHoldsWhat() throws IOException {
        write();
        try (HolderBook book = open(true)) {
            assertThat(read(book))
                    .containsExactly(
                            "3 is büro, session -77, circuit 16777217",
                            "5 is c, session 88, circuit 2, doubtful",
                            "3 holds 10 by -5",
                            "3 holds 12 by -5",
                            "5 holds 99 by 2147483647");
        }
    }

    @Test
    void shouldTellNothingOfAHostThatIsGone() throws IOException {
        write();
        try (HolderBook book = open(true)) {
            book.gone(3);
            assertThat(read(book))
                    .containsExactly("5 is c, session 88, circuit 2, doubtful", "5 holds 99 by 2147483647");
            book.joined(3, 99, 4, "d");
            assertThat(read(book))
                    .as("pages of the earlier host are not the later one's")
                    .contains("3 is d, session 99, circuit 4")
                    .noneMatch(line -> line.startsWith("3 holds"));
        }
    }

    @Test
    void shouldBeginAnewWhenTheFileIsAnotherOne() throws IOException {
        write();
        Path file = data.resolve("content");
        Path other = data.resolve("other");
        Files.copy(file, other);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        try (HolderBook book = open(true)) {
            assertThat(read(book)).isEmpty();
        }
    }

    @Test
    void shouldBeginAnewInAnotherDirectoryAndWhenItIsCutShort() throws IOException {
        write();
        try (HolderBook book = HolderBook.open(data, record, DIRECTORY + 1, true)) {
            assertThat(read(book)).isEmpty();
        }
        write();
        Path path = data.resolve("holders").resolve(Integer.toHexString(record.id()));
        try (RandomAccessFile content = new RandomAccessFile(path.toFile(), "rw")) {
            content.setLength(5000);
        }
        try (HolderBook book = open(true)) {
            assertThat(read(book)).isEmpty();
        }
    }

    @Test
    void shouldPassOverHostsBeyondItsRoomAndDoNothingWhenItIsClosed() throws IOException {
        HolderBook book = open(false);
        book.joined(255, 1, 1, "x");
        book.holds(255, 4, 2, 9);
        assertThat(read(book)).isEmpty();
        book.close();
        book.joined(0, 1, 1, "x");
        book.holds(0, 4, 2, 9);
        book.home(4, 2);
        book.doubt(0);
        book.gone(0);
        book.close();
        try (HolderBook again = open(true)) {
            assertThat(read(again)).isEmpty();
        }
    }

    @Test
    void shouldForgetTheBooksOfRegionsThatAreNoMore() throws IOException {
        write();
        Path path = data.resolve("holders").resolve(Integer.toHexString(record.id()));
        HolderBook.retain(data, Set.of(record.id()));
        assertThat(path).exists();
        HolderBook.retain(data, Set.of(record.id() + 1));
        assertThat(path).doesNotExist();
    }
}
