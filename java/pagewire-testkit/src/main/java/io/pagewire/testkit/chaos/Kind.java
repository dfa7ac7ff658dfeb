package io.pagewire.testkit.chaos;

/**
 * What can be done to a cluster.
 *
 * <p>Immutable; safe for use by any thread.
 */
enum Kind {
    KILL_PROGRAM("kill -9 a program, start it again"),
    STOP_PROGRAM("stop a program, continue it"),
    KILL_DAEMON("kill -9 a dsmd, start it again"),
    STOP_DAEMON("stop a dsmd, continue it"),
    CUT("cut between two hosts, heal"),
    CUT_ONE_WAY("cut one way between two hosts, heal"),
    SHAPE("let the link of a host carry 10, 100 or 1000 Mbit/s, take it back"),
    FULL_DISK("fill the disk of a data folder, empty it"),
    NO_DESCRIPTORS("let a dsmd have no more descriptors, give them back"),
    FREEZE_HOST("stop a dsmd and its programs, continue them"),
    ORPHAN("stop a program, kill its dsmd, start that again, continue the program");

    final String text;

    Kind(String text) {
        this.text = text;
    }
}
