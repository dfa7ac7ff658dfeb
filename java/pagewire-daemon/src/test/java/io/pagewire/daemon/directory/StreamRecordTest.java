package io.pagewire.daemon.directory;

import static io.pagewire.daemon.directory.Hosts.failureOf;
import static io.pagewire.daemon.directory.Hosts.get;
import static io.pagewire.daemon.directory.Hosts.spec;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frame streams in the directory: their records, and what becomes of those whose daemon is gone. */
class StreamRecordTest {
    @TempDir
    Path temp;

    private Hosts hosts;
    private Directory a;
    private Directory b;

    @BeforeEach
    void open() throws DirectoryException {
        hosts = new Hosts(temp, 20_000); // none ends, however busy the machine is
        a = hosts.embedded("a");
        b = hosts.joined("b", a.connectString());
    }

    @AfterEach
    void close() {
        hosts.close();
    }

    @Test
    void shouldKeepTheFrameSizeAndGiveTheWindowWholePages() throws DirectoryException {
        RegionRecord made = get(b.create(RegionSpec.stream("ticks", 65537)));
        assertThat(made.size()).isEqualTo(65537);
        assertThat(made.span()).isEqualTo(69632);
        assertThat(made.isStream()).isTrue();
        assertThat(get(a.lookup("ticks"))).isEqualTo(made);
    }

    @Test
    void shouldRefuseStreamsThatAreNone() {
        assertThat(failureOf(a.create(RegionSpec.stream("s", RegionRecord.MAX_FRAME_SIZE + 1)))
                        .getMessage())
                .contains("at most 1073741824");
        assertThat(failureOf(a.create(RegionSpec.stream("s", 4096).withAnyWriter(true)))
                        .kind())
                .isEqualTo(DirectoryException.Kind.INVALID);
        assertThat(failureOf(a.create(RegionSpec.stream("s", 4096).withResident(true)))
                        .kind())
                .isEqualTo(DirectoryException.Kind.INVALID);
    }

    @Test
    void shouldTellTheCreatorOfARegionThatAStreamHasTheName() throws DirectoryException {
        get(a.create(RegionSpec.stream("ticks", 4096)));
        DirectoryException failure = failureOf(b.create(spec("ticks")));
        assertThat(failure.kind()).isEqualTo(DirectoryException.Kind.EXISTS);
        assertThat(failure.getMessage()).contains("frame stream", "subscribe");
    }

    @Test
    void shouldRetireAStreamOfAnyHostThatNobodyClaims() throws DirectoryException {
        RegionRecord left = get(b.create(RegionSpec.stream("ticks", 4096)));
        get(b.claim(left, false));
        hosts.close(b);
        get(a.retire(left));
        assertThat(failureOf(a.lookup("ticks")).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        assertThat(failureOf(a.owner(left.id())).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        assertThat(get(a.create(RegionSpec.stream("ticks", 4096))).id()).isGreaterThan(left.id());
    }

    @Test
    void shouldNotRetireAStreamThatALiveSessionClaims() throws DirectoryException {
        RegionRecord alive = get(b.create(RegionSpec.stream("ticks", 4096)));
        OwnerRecord claim = get(b.claim(alive, false));
        assertThat(failureOf(a.retire(alive)).kind()).isEqualTo(DirectoryException.Kind.OWNED);
        assertThat(get(a.lookup("ticks"))).isEqualTo(alive);
        assertThat(get(a.owner(alive.id()))).isEqualTo(claim);
    }

    @Test
    void shouldNotRetireARegionOrALaterStreamOfTheSameName() throws DirectoryException {
        RegionRecord region = get(a.create(spec("prices")));
        assertThat(failureOf(b.retire(region)).kind()).isEqualTo(DirectoryException.Kind.INVALID);
        RegionRecord first = get(a.create(RegionSpec.stream("ticks", 4096)));
        get(a.delete(first));
        RegionRecord second = get(a.create(RegionSpec.stream("ticks", 4096)));
        assertThat(failureOf(b.retire(first)).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
        assertThat(get(b.lookup("ticks"))).isEqualTo(second);
    }

    @Test
    void shouldFailToClaimAStreamThatWasRetired() throws DirectoryException {
        RegionRecord stream = get(a.create(RegionSpec.stream("ticks", 4096)));
        get(b.retire(stream));
        assertThat(failureOf(a.claim(stream, false)).kind()).isEqualTo(DirectoryException.Kind.UNKNOWN_REGION);
    }
}
