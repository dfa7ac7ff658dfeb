package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sequential reader whose window is larger than what one message may name. */
class ReadAheadTest {
    private static final long MS = 1_000_000L;
    private static final Geometry GEOMETRY = new Geometry(1 << 14, 4096);
    private static final int WINDOW = 1024;

    private final Recorder said = new Recorder();
    private final ClientRegion client =
            new ClientRegion(GEOMETRY, said, said, new ClientSettings(1000 * MS, 4500 * MS, WINDOW, 100 * MS));
    private final List<Integer> named = new ArrayList<>();
    private int grant;

    /** Home answers everything that has been asked for. */
    private void answer() {
        for (String line : said.take()) {
            String[] words = line.split("[ +]");
            if (words[0].equals("fetch") || words[0].equals("ahead")) {
                long first = Long.parseLong(words[1]);
                int count = Integer.parseInt(words[2]);
                named.add(count);
                client.arrived(said.requestFrom(first), first, count, ++grant, true, false, 0);
            }
        }
    }

    @Test
    void shouldAskInMessagesOfOneWindowAtMost_andForTwoOfItsOwnAllTheSame() {
        client.mappingOpened(1, Right.READ);
        client.connectNow(0);
        client.circuitUp(77, 0);
        for (int page = 0; page < GEOMETRY.pages() - 2 * WINDOW; page++) {
            if (PageTable.right(client.entry(page)) == Right.NONE) {
                client.localFault(1, 0, page, page, Right.READ, 0);
                answer();
                assertThat(page < 4 * WINDOW || PageTable.isReady(client.entry(page + 2 * WINDOW - 1)))
                        .isTrue();
            }
        }
        assertThat(named).allMatch(count -> count <= GEOMETRY.mostRun()).contains(GEOMETRY.mostRun());
    }
}
