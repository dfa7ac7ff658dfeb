package io.pagewire.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pagewire.wire.LocalLayout;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that cannot be met end with an error that names what is wrong; nothing else changes. */
@ExtendWith(LogsOnFailure.class)
class BadRequestsIT {
    private static final int PAGE = 4096;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static App onA;
    private static App onB;
    private static Host a;

    @BeforeAll
    static void start() {
        cluster = new Cluster(folder);
        a = cluster.host("a");
        onA = cluster.app(a);
        onB = cluster.app(cluster.host("b"));
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    private static void assertRefused(App app, String type, String text, Object... words) {
        assertThatThrownBy(() -> app.ask(words)).isInstanceOfSatisfying(AppFailure.class, e -> {
            assertThat(e.type()).isEqualTo(type);
            assertThat(e.getMessage()).contains(text);
        });
    }

    /** Its socket may end before, while and after it gets its handler. */
    @Test
    void shouldBearProgramsThatLeaveWhileTheySayHello() throws IOException {
        for (int i = 0; i < 300; i++) {
            try (ControlSocket control = ControlSocket.open(a.socket())) {
                control.send(ControlSocket.header(LocalLayout.HELLO_CONTROL, 0, "gone-" + i));
            }
        }
        assertThat(a.status().path("host").asText()).isEqualTo("a");
        assertThat(a.log()).doesNotContain("failed inside").doesNotContain("Exception");
    }

    static Stream<Arguments> requests() throws IOException {
        Files.createFile(folder.resolve("nothing-in-it"));
        String unknown = "there is no region \"nowhere\"; dsmctl regions lists those there are";
        return Stream.of(
                arguments("map nowhere", "cannot map region 'nowhere': " + unknown),
                arguments("delete nowhere", "cannot delete region 'nowhere': " + unknown),
                arguments(
                        "create odd 4096 3000",
                        "cannot make region 'odd': page size 3000 is not a power of two from 4096 to 2097152"),
                arguments(
                        "create odd 0 4096",
                        "cannot create region 'odd': a region of no bytes cannot be shared; it needs at least one"),
                arguments(
                        "create odd 2000000000000 4096",
                        "cannot create region 'odd': a region has at most 1099511627776 bytes (1 TiB), not"
                                + " 2000000000000"),
                arguments("export odd DIR/missing 4096", "cannot export file 'DIR/missing': No such file or directory"),
                arguments(
                        "export odd DIR 4096",
                        "cannot export a file as region 'odd': DIR is not a regular file that the user of this dsmd"
                                + " may read"),
                arguments(
                        "export odd DIR/nothing-in-it 4096",
                        "cannot export a file as region 'odd': file DIR/nothing-in-it is empty; there is nothing to"
                                + " share"),
                arguments(
                        "export odd DIR/nothing-in-it/below 4096",
                        "cannot export file 'DIR/nothing-in-it/below': Not a directory"));
    }

    /** Exactly: what, where, what to do; nothing else. */
    @ParameterizedTest
    @MethodSource("requests")
    void shouldSayInOneSentenceWhatIsWrong(String request, String told) {
        assertTold(onA, request, told);
    }

    @Test
    void shouldSayInOneSentenceWhoseRegionItIs() {
        onA.ask("create", "mine", PAGE, PAGE);
        assertTold(onB, "delete mine", "cannot delete region 'mine': region mine belongs to host a; delete it there");
        onA.ask("map", "mine");
        assertTold(onA, "map mine", "region 'mine' is mapped in this process already");
    }

    private static void assertTold(App app, String request, String told) {
        Object[] words = request.replace("DIR", folder.toString()).split(" ");
        assertThatThrownBy(() -> app.ask(words))
                .isInstanceOfSatisfying(
                        AppFailure.class,
                        e -> assertThat(e.getMessage()
                                        .replaceFirst("^\\S+ \\S+ ", "")
                                        .replace(folder.toString(), "DIR"))
                                .isEqualTo(told));
    }

    @Test
    void shouldNameAnUnknownRegion() {
        assertRefused(onA, "RegionNotFoundException", "nowhere", "map", "nowhere");
        assertRefused(onB, "RegionNotFoundException", "nowhere", "delete", "nowhere");
    }

    @ParameterizedTest
    @CsvSource({"4096, 3000, 3000", "4096, 1024, 1024", "4096, 4194304, 4194304", "0, 4096, no bytes", "-1, 4096, byte"
    })
    void shouldRefuseASizeOrPageSizeThatCannotBe(long size, int pageSize, String named) {
        assertRefused(onA, "InvalidRequestException", named, "create", "odd", size, pageSize);
        assertRefused(onA, "RegionNotFoundException", "odd", "map", "odd");
    }

    @Test
    void shouldRefuseANameThatIsTakenOnAnyHost() {
        onA.ask("create", "taken", PAGE, PAGE);
        assertRefused(onA, "RegionExistsException", "taken", "create", "taken", PAGE, PAGE);
        assertRefused(onB, "RegionExistsException", "taken", "create", "taken", PAGE, PAGE);
    }

    @Test
    void shouldRefuseToDeleteTheRegionOfAnotherHost() {
        onA.ask("create", "of-a", PAGE, PAGE);
        assertRefused(onB, "PermissionDeniedException", "belongs to host a", "delete", "of-a");
        assertThat(onB.ask("map", "of-a")).startsWith("0x66");
    }

    @Test
    void shouldRefuseToMapARegionTwiceInOneProcess() {
        onA.ask("create", "twice", PAGE, PAGE);
        onA.ask("map", "twice");
        assertRefused(onA, "RegionBusyException", "twice", "map", "twice");
    }

    @Test
    void shouldNameAFileThatCannotBeExported() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty"));
        assertRefused(onA, "FileUnavailableException", "missing", "export", "f", folder.resolve("missing"), PAGE);
        assertRefused(onA, "FileUnavailableException", "empty", "export", "f", empty, PAGE);
        assertRefused(onA, "FileUnavailableException", folder.toString(), "export", "f", folder, PAGE);
        assertRefused(onA, "RegionNotFoundException", "f", "map", "f");
    }

    @Test
    void shouldSayThatNoDaemonListens() {
        Path nobody = folder.resolve("nobody.sock");
        App alone = App.java(folder, nobody);
        try (alone) {
            assertRefused(alone, "DaemonUnreachableException", nobody.toString(), "connect");
        }
    }

    @Test
    void shouldServePagesBeforeTheCutOfATruncatedFileAndFailThoseBehindIt() throws Exception {
        Path file = Files.write(folder.resolve("shrinking"), new byte[16 * PAGE]);
        onA.ask("export", "shrinking", file, PAGE);
        onA.ask("map", "shrinking");
        onB.ask("map", "shrinking");
        assertThat(onB.askLong("get", "shrinking", 0)).isZero();

        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(8 * PAGE);
        }

        assertThat(onA.askLong("get", "shrinking", 7 * PAGE)).isZero();
        assertThat(onB.askLong("get", "shrinking", 7 * PAGE)).isZero();
        assertRefused(onB, "PageFaultException", "FILE_ERROR", "get", "shrinking", 12 * PAGE);
        assertRefused(onA, "PageFaultException", "FILE_ERROR", "get", "shrinking", 12 * PAGE);
        assertThat(onB.askLong("get", "shrinking", 6 * PAGE)).isZero();
        assertThat(onA.askLong("get", "shrinking", 6 * PAGE)).isZero();
    }

    @Test
    void shouldFailAccessesToARegionThatWasDeletedWhileMapped() {
        onA.ask("create", "doomed", 4 * PAGE, PAGE);
        onA.ask("map", "doomed");
        onB.ask("map", "doomed");
        onA.ask("put", "doomed", 0, 1);
        assertThat(onB.askLong("get", "doomed", 0)).isEqualTo(1);

        onA.ask("delete", "doomed");

        assertRefused(onB, "PageFaultException", "UNKNOWN_REGION", "get", "doomed", PAGE);
        assertRefused(onA, "PageFaultException", "UNKNOWN_REGION", "get", "doomed", PAGE);
        onB.ask("close", "doomed");
        assertRefused(onB, "RegionNotFoundException", "doomed", "map", "doomed");
    }

    @Test
    void shouldSayWhoRefusesACallAndWhy() {
        Path config = cluster.file("strict.toml", "[circuits]\nallow-users = [4711]\n");
        App onStrict = cluster.app(cluster.host("strict", "--config", config.toString()));
        onStrict.ask("create", "strict", PAGE, PAGE);

        onB.ask("map", "strict");

        assertRefused(onB, "PageFaultException", "REFUSED", "get", "strict", 0);
        assertRefused(onA, "RegionRefusedException", "allow-users", "map-eager", "strict");
    }

    @Test
    void shouldNotStartASecondDaemonOnTheSocketTheDataOrTheNameOfAnother() {
        assertDoesNotStart("socket", "--name", "other", "--socket", a.socket(), "--data", folder.resolve("o1"));
        assertDoesNotStart("data", "--name", "other", "--socket", folder.resolve("o2.sock"), "--data", a.data());
        assertDoesNotStart(
                "\"a\" is taken", "--name", "a", "--socket", folder.resolve("o3.sock"), "--data", folder.resolve("o3"));
        assertThat(onA.ask("connect")).isEqualTo("a");
    }

    /** However close together they start, one has it, and the others leave it alone. */
    @Test
    void shouldGiveASocketToOneOfTheDaemonsThatStartTogether() {
        Path socket = folder.resolve("contested.sock");
        List<Host> rivals = Stream.of("r1", "r2", "r3")
                .map(name -> new Host(name, folder, List.of()))
                .toList();
        try {
            for (Host rival : rivals) {
                rival.launchWith(List.of(
                        "--name",
                        rival.name(),
                        "--socket",
                        socket.toString(),
                        "--data",
                        rival.data().toString(),
                        "--listen",
                        "127.0.0.1:0",
                        "--directory",
                        a.directory()));
            }
            Await.until("one to be ready and the others to end")
                    .until(() -> rivals.stream().filter(Host::isAlive).count() == 1
                            && rivals.stream()
                                    .anyMatch(one -> one.isAlive() && one.log().contains("dsmd ready:")));
            Host winner = rivals.stream().filter(Host::isAlive).findFirst().orElseThrow();
            for (Host rival : rivals) {
                if (rival != winner) {
                    assertThat(rival.awaitExit()).isEqualTo(1);
                    assertThat(rival.log())
                            .contains("another dsmd answers at the socket " + socket)
                            .doesNotContain("ready");
                }
            }
            try (ControlSocket control = ControlSocket.connect(socket)) {
                assertThat(control.query("status").path("host").asText()).isEqualTo(winner.name());
            }
            winner.terminate();
            assertThat(winner.awaitExit()).isZero();
            assertThat(socket).doesNotExist();
        } finally {
            rivals.forEach(Host::close);
        }
    }

    @Test
    void shouldLeaveAFileAloneThatStandsInThePlaceOfItsSocket() throws IOException {
        Path file = Files.writeString(folder.resolve("precious"), "data");
        assertDoesNotStart("is no socket", "--name", "other", "--socket", file, "--data", folder.resolve("o4"));
        assertThat(file).hasContent("data");
    }

    private static void assertDoesNotStart(String named, Object... options) {
        Host second = new Host("second", folder, List.of());
        second.launchWith(
                Stream.concat(Stream.of(options), Stream.of("--listen", "127.0.0.1:0", "--directory", a.directory()))
                        .map(Object::toString)
                        .toList());
        assertThat(second.awaitExit()).as(second.log()).isEqualTo(1);
        assertThat(second.log()).contains("dsmd: ").contains(named);
    }
}
