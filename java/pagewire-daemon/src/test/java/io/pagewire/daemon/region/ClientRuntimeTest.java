package io.pagewire.daemon.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.pagewire.daemon.fuzz.Apparatus;
import io.pagewire.daemon.local.LocalDoor;
import io.pagewire.daemon.local.LocalProcess;
import io.pagewire.wire.LocalStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A region of another host, as long as programs of this one have it. */
class ClientRuntimeTest {
    @Test
    void shouldCloseWhenTheProgramHasEndedForWhichItWasMade() throws Exception {
        EmbeddedChannel loop = new EmbeddedChannel();
        List<ClientRuntime> closed = new ArrayList<>();
        ClientRuntime client =
                new ClientRuntime(Apparatus.context(), Apparatus.region("a", true), loop.eventLoop(), closed::add);
        LocalProcess ended = LocalDoor.self();
        ended.release();

        assertThat(client.open(ended, false).status()).isEqualTo(LocalStatus.INTERNAL);

        loop.runPendingTasks();
        assertThat(closed).containsExactly(client);
        loop.finishAndReleaseAll();
    }
}
