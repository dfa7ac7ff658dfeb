# shellcheck shell=bash
# Hosts as loopback addresses: dsmd K of a cluster listens on 127.77.X.K, and all others call it at 127.78.X.K, where a relay
# listens that can hold what passes, each way by itself. X is any number that no other cluster here has. Sourced.

relay_up() {
    local x try
    pw_build_testkit
    pw_choose_java
    for try in {1..20}; do
        x=$((RANDOM % 250 + 1))
        : >"$state/relay.log"
        launch "$state/relay.pid" "$state/relay.log" "$java" "${java_flags[@]}" -XX:TieredStopAtLevel=1 -Xmx64m \
            -cp "$testkit_classes" io.pagewire.testkit.cluster.RelayMain "$x" "$directory_host" "$@"
        await 10 relay_said_something || pw_die "the relay does not start: $(tail -n 3 "$state/relay.log")"
        if grep -q '^ready' "$state/relay.log"; then
            network=$x
            return
        fi
    done
    pw_die "no free loopback addresses after $try trials: $(tail -n 1 "$state/relay.log")"
}

relay_said_something() { grep -qE '^(ready|taken)' "$state/relay.log" || ended "$state/relay.pid"; }

# Bounds what host $1 sends and receives by $2 bytes a second, with 0 by nothing.
shape_loopback() {
    local others
    others=$(grep -v "^$1=" "$state/rates" || true)
    { [[ -z "$others" ]] || printf '%s\n' "$others"; (($2 == 0)) || printf '%s=%d\n' "$1" "$2"; } >"$state/rates.new"
    mv "$state/rates.new" "$state/rates"
    apply_cuts_loopback
}

# Tells the relay which ways are cut and which hosts are shaped now, and waits for its answer.
apply_cuts_loopback() {
    local answer relay
    { exec {relay}<>"/dev/tcp/127.78.$network.254/7710"; } 2>/dev/null || pw_die "the relay is gone: $(tail -n 3 "$state/relay.log")"
    { cat "$state/cuts" "$state/rates" | tr '\n' ',' && echo; } >&"$relay"
    read -r -t 5 -u "$relay" answer || pw_die "the relay does not answer"
    exec {relay}>&-
    [[ "$answer" == done ]] || pw_die "the relay says: $answer"
}
