package io.pagewire.testkit.stream;

import java.util.ArrayList;
import java.util.List;

/**
 * The dsmd of a host with consumers: one end of the stream for its lossless consumers, one for the latest.
 *
 * <p>Not thread-safe.
 */
final class ClientDaemon extends Daemon {
    final int host;
    private final int frames;
    private final List<ClientSide> sides = new ArrayList<>();
    private final ClientSide[] current = new ClientSide[2];

    ClientDaemon(StreamSimulation world, int host, int session, int frames) {
        super(world, "dsmd " + session + " of host " + host);
        this.host = host;
        this.frames = frames;
    }

    @Override
    void subscribe(Consumer consumer) {
        int kind = consumer.latest ? 1 : 0;
        ClientSide side = current[kind];
        boolean fresh = side == null;
        if (fresh) {
            side = new ClientSide(world, this, frames, consumer.latest);
            current[kind] = side;
            sides.add(side);
        }
        side.subscribe(consumer);
        if (fresh) {
            side.open();
        }
    }

    /** Nothing more comes to this end: the next consumer gets another. */
    void isOver(ClientSide side) {
        for (int kind = 0; kind < current.length; kind++) {
            if (current[kind] == side) {
                current[kind] = null;
            }
        }
    }

    void closed(ClientSide side) {
        sides.remove(side);
    }

    @Override
    void tick() {
        for (ClientSide side : List.copyOf(sides)) {
            side.tick();
        }
    }

    @Override
    void check(boolean atEnd) {
        if (alive()) {
            for (ClientSide side : sides) {
                side.hub.checkRest(mayJudge());
            }
            if (atEnd && !sides.isEmpty()) {
                throw world.violation(name + " still has an end of the stream");
            }
        }
    }

    @Override
    void ended() {
        sides.forEach(ClientSide::daemonDied);
        sides.clear();
    }
}
