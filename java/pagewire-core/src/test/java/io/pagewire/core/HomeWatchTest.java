package io.pagewire.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A home that keeps its circuit alive and does not answer. Its fault deadline and D_home are 7 s together. */
class HomeWatchTest extends ClientFixture {
    private static final long ANSWER = 7000 * MS;

    HomeWatchTest() {
        super(ANY_WRITES, FrameBudget.UNLIMITED);
    }

    @Test
    void shouldHangUpWhenNothingComesThatIsAwaited() {
        read(1, 9);
        pass(0, ANSWER - 50 * MS);
        assertThat(client.isUp()).isTrue();
        client.tick(ANSWER);
        assertThat(client.isUp()).isFalse();
        assertThat(said.take()).contains("hang up: cause " + Cause.DEADLINE);
        assertThat(client.counters().hangUps).isEqualTo(1);
    }

    @Test
    void shouldNotHangUpWhenNothingIsAwaited() {
        copy(9, 5);
        pass(0, 10 * ANSWER);
        assertThat(client.isUp()).isTrue();
    }

    @Test
    void shouldNotHangUpAsLongAsAnswersCome_howeverLongTheLastRequestWaits() {
        for (int page = 0; page < 20; page++) {
            read(page, page * 3);
        }
        for (int page = 0; page < 20; page++) {
            pass(page * 5000 * MS, (page + 1) * 5000 * MS);
            arrive(page * 3, 5 + page, false);
        }
        assertThat(client.isUp()).isTrue();
    }

    @Test
    void shouldHangUpWhenOneRequestIsLeftBehindAllOthers() {
        read(1, 9);
        long now = 0;
        for (int i = 0; client.isUp() && now < 10 * ANSWER; i++) {
            read(2 + i, 11 + i % 40);
            arrive(11 + i % 40, 5 + i, false);
            client.drop(11 + i % 40, 1, now);
            revoked();
            pass(now, now + 500 * MS);
            now += 500 * MS;
        }
        assertThat(now).isBetween(ANSWER, ANSWER + 1000 * MS);
    }

    @Test
    void shouldHangUpWhenWrittenPagesAreNotAcknowledged() {
        hold(9, 5);
        client.drop(9, 1, 0);
        revoked();
        assertThat(client.keepsBytes()).isTrue();
        pass(0, ANSWER + 50 * MS);
        assertThat(client.isUp()).isFalse();
        assertThat(client.keepsBytes()).isTrue();
    }

    @Test
    void shouldHangUpWhenAnUpgradeIsNotAnswered() {
        copy(9, 5);
        write(2, 9);
        pass(0, ANSWER + 50 * MS);
        assertThat(client.isUp()).isFalse();
    }

    @Test
    void shouldCountFromTheNewCircuitOn() {
        read(1, 9);
        pass(0, 6900 * MS);
        client.circuitLost(Cause.OWNER_LOST, 6900 * MS);
        client.circuitUp(78, 6900 * MS);
        read(2, 9);
        pass(6900 * MS, 13_800 * MS);
        assertThat(client.isUp()).isTrue();
    }

    @Test
    void shouldAskAgainWhenHomeCouldNotGiveThePageInTime() {
        read(1, 9);
        int request = said.requestFrom(9);
        said.take();
        assertThat(client.declined(request, 9, 1, Cause.DEADLINE, 4400 * MS)).isNull();
        assertThat(said.take()).as("whoever waits goes on waiting").containsExactly("discard 9+1");
        pass(4400 * MS, 4500 * MS);
        assertThat(said.take()).contains("fail to 1.0: request 1, page 9, cause " + Cause.DEADLINE);
    }
}
