package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pagewire.wire.PeerLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which bytes of a page travel with a publish. */
class PageChangeTest {
    private static final int PAGE = 4096;

    private static long word(byte[] bytes, int at) {
        return Unpooled.wrappedBuffer(bytes).getLongLE(at);
    }

    private static PageChange between(byte[] here, byte[] before, int content) {
        return between(here, before, content, PAGE);
    }

    private static PageChange between(byte[] here, byte[] before, int content, int longestPayload) {
        PageChange change = new PageChange(7, content, longestPayload);
        for (int at = 0; at < content; at += 8) {
            change.compare(at, word(here, at), word(before, at));
        }
        return change.done();
    }

    private static List<String> parts(PageChange change) {
        ByteBuf bytes = Unpooled.wrappedBuffer(change.payloads().toArray(byte[][]::new));
        assertThat(bytes.readableBytes()).isEqualTo(change.encodedLength());
        List<String> parts = new ArrayList<>();
        while (bytes.isReadable()) {
            int offset = bytes.readIntLE();
            int length = bytes.readIntLE();
            bytes.skipBytes(length);
            parts.add(offset + "+" + length);
        }
        return parts;
    }

    @Test
    void shouldMarkEveryByteInWhichTwoWordsDiffer() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long one = random.nextLong();
            long other = one;
            long expected = 0;
            for (int b = 0; b < 8; b++) {
                if (random.nextBoolean()) {
                    other ^= (1L + random.nextInt(255)) << 8 * b;
                    expected |= 0xFFL << 8 * b;
                }
            }
            assertThat(PageChange.differing(one, other)).isEqualTo(expected);
        }
    }

    @Test
    void shouldTakeNoByteAlongThatDidNotChange() {
        byte[] before = new byte[PAGE];
        byte[] here = before.clone();
        here[3] = 1;
        here[5] = 1;
        here[7] = 1;
        here[8] = 1;
        here[4095] = 1;
        assertThat(parts(between(here, before, PAGE))).containsExactly("3+1", "5+1", "7+2", "4095+1");
        assertThat(between(here, before, PAGE).bytes()).isEqualTo(5);
    }

    @Test
    void shouldLeaveOutWhatLiesBehindTheContents() {
        byte[] before = new byte[PAGE];
        byte[] here = before.clone();
        here[100] = 1;
        here[101] = 1;
        assertThat(parts(between(here, before, 101))).containsExactly("100+1");
        assertThat(between(here, before, 100).isEmpty()).isTrue();
    }

    @Test
    void shouldBeEmptyWhenNothingChanged() {
        assertThat(between(new byte[PAGE], new byte[PAGE], PAGE).isEmpty()).isTrue();
    }

    @Test
    void shouldGoIntoSeveralMessagesWhenItDoesNotFitIntoOne() {
        byte[] before = new byte[PAGE];
        byte[] here = before.clone();
        for (int at = 0; at < PAGE; at += 2) {
            here[at] = 1;
        }
        Arrays.fill(here, 100, 1300, (byte) 2); // one part that does not fit either
        PageChange change = between(here, before, PAGE, 1000);
        assertThat(change.payloads()).hasSizeGreaterThan(10).allMatch(payload -> payload.length <= 1000);

        PublishedPage published = new PublishedPage(1, 7, PAGE);
        for (byte[] payload : change.payloads()) {
            assertThat(published.isComplete()).isFalse();
            boolean last = payload == change.payloads().get(change.payloads().size() - 1);
            assertThat(published.add(Unpooled.wrappedBuffer(payload), 0, payload.length, payload.length + 16, last))
                    .isNull();
        }
        byte[] home = before.clone();
        published.applyTo(home);

        assertThat(published.isComplete()).isTrue();
        assertThat(home).isEqualTo(here);
    }

    @Test
    void shouldNeverNeedMoreBytesForAPageThanHomePutsUpWith() {
        int largest = 2 << 20;
        PageChange change = new PageChange(0, largest, PeerLayout.MAX_PAYLOAD - PeerLayout.SYNC_LENGTH);
        for (int at = 0; at < largest; at += 8) {
            change.compare(at, 0x0001000100010001L, 0);
        }
        change.done();
        assertThat(change.encodedLength()).isEqualTo(largest / 2 * 9);
        assertThat(change.encodedLength() + change.payloads().size() * PeerLayout.SYNC_LENGTH)
                .isLessThan(PeerLayout.MOST_PUBLISH_BYTES - (4 << 20));
    }

    @Test
    void shouldRefusePartsThatAreNotWithinTheContents() {
        for (int[] part : new int[][] {{-1, 1}, {0, 0}, {0, -1}, {100, 1}, {99, 2}, {0, Integer.MAX_VALUE}}) {
            ByteBuf bytes =
                    Unpooled.buffer().writeIntLE(part[0]).writeIntLE(part[1]).writeZero(4);
            assertThat(new PublishedPage(1, 7, 100).add(bytes, 0, 12, 28, true)).isNotNull();
        }
    }

    @Test
    void shouldRefuseBytesThatMakeNoPart() {
        ByteBuf bytes = Unpooled.buffer().writeIntLE(0).writeIntLE(4).writeZero(8);
        assertThat(new PublishedPage(1, 7, 100).add(bytes, 0, 0, 16, true)).isNotNull();
        assertThat(new PublishedPage(1, 7, 100).add(bytes, 0, 8, 24, true)).isNotNull();
        assertThat(new PublishedPage(1, 7, 100).add(bytes, 0, 11, 27, true)).isNotNull();
        assertThat(new PublishedPage(1, 7, 100).add(bytes, 0, 13, 29, true)).isNotNull();
        assertThat(new PublishedPage(1, 7, 100).add(bytes, 0, 12, 28, true)).isNull();
    }
}
