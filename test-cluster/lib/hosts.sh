# shellcheck shell=bash
# Bringing a cluster up and down, and what one host's dsmd does. Sourced.
#
#   STATE/cluster       mode, network, hosts, directory_host, disks, shaping: read by every command
#   STATE/cuts          one line "FROM TO" for each way that is cut
#   STATE/rates         on loopback one line "HOST=BYTES" for each host that is shaped
#   STATE/NAME/         holder, pid (process ids), sock, log, data/
#   STATE/tmp/          what the daemons take for the system's temporary folder

host_names=(a b c d e f g h i j k l m n o p)

load_cluster() {
    [[ -r "$state/cluster" ]] || pw_die "no cluster in $state; start one with: test-cluster/cluster up 2"
    # shellcheck disable=SC1091
    source "$state/cluster"
}

require_host() {
    [[ " $hosts " == *" $1 "* ]] || wrong "no host $1; there are: $hosts"
}

# The address a host listens on: its position counts.
address() {
    local name position=0
    for name in $hosts; do
        position=$((position + 1))
        [[ "$name" != "$1" ]] || break
    done
    if [[ "$mode" == netns ]]; then echo "10.77.0.$position"; else echo "127.77.$network.$position"; fi
}

cluster_up() {
    local count='' wanted=${PAGEWIRE_CLUSTER_MODE:-auto} place=embedded refused name
    config=''
    while (($# > 0)); do
        case "$1" in
            --mode) wanted=${2:-} && shift ;;
            --directory) place=${2:-} && shift ;;
            --config) config=$(realpath -e "${2:-}") || pw_die "no settings file ${2:-}" && shift ;;
            -*) wrong "up: unknown option $1" ;;
            *) [[ -z "$count" ]] && count=$1 || wrong "up: one number of hosts" ;;
        esac
        shift
    done
    [[ "$count" =~ ^[0-9]+$ ]] && ((count >= 1 && count <= ${#host_names[@]})) || wrong "up: how many hosts, 1 to ${#host_names[@]}?"
    [[ "$wanted" =~ ^(auto|netns|loopback)$ ]] || wrong "up: mode $wanted is none of auto, netns, loopback"
    [[ "$place" =~ ^(embedded|own)$ ]] || wrong "up: directory $place is none of embedded, own"

    refused=''
    if [[ "$wanted" != loopback ]]; then refused=$(namespaces_refused); fi
    if [[ "$wanted" == netns && -n "$refused" ]]; then pw_die "no network namespaces here: $refused"; fi
    pw_build
    clean_leftovers
    mkdir -p "$(dirname "$state")"
    mkdir -m 700 "$state" || pw_die "cannot make $state, or somebody else does just now"
    trap 'cluster_down >&2' EXIT # until all of it is up
    mkdir "$state/tmp"
    : >"$state/cuts"
    : >"$state/rates"

    hosts=${host_names[*]:0:count}
    directory_host=a
    if [[ "$place" == own ]]; then directory_host=dir hosts+=" dir"; fi
    mode=netns network=''
    if [[ "$wanted" == loopback || -n "$refused" ]]; then mode=loopback; fi
    disks=no
    if mounts_allowed; then disks=yes; fi
    # shellcheck disable=SC2086
    if [[ $mode == netns ]]; then bridge_up; else relay_up $hosts; fi
    shaping=yes # by the relay
    if [[ $mode == netns ]] && ! bridge_shapes; then shaping=no; fi
    printf '%s=%q\n' mode "$mode" network "$network" hosts "$hosts" directory_host "$directory_host" disks "$disks" \
        shaping "$shaping" config "$config" >"$state/cluster"
    for name in $hosts; do prepare_host "$name"; done
    launch_dsmd "$directory_host"
    await_dsmd "$directory_host"
    for name in $hosts; do [[ "$name" == "$directory_host" ]] || launch_dsmd "$name"; done
    for name in $hosts; do [[ "$name" == "$directory_host" ]] || await_dsmd "$name"; done
    trap - EXIT
    if [[ $mode == netns ]]; then
        echo "up: $hosts, each in a network namespace; directory in $directory_host"
    else
        echo "up: $hosts, on loopback behind a relay${refused:+ (no network namespaces: $refused)}; directory in $directory_host"
    fi
}

# What an earlier cluster left: told when it lives, removed when it is dead.
clean_leftovers() {
    if ! no_members; then pw_die "a cluster runs in $state; end it with: test-cluster/cluster down"; fi
    if [[ -e "$state" ]]; then
        pw_say "removing what an earlier cluster left in $state"
        remove_state
    fi
}

# Only ever removes what looks like a cluster of ours.
remove_state() {
    [[ -e "$state/cuts" || -z "$(ls -A "$state")" ]] || pw_die "$state is no cluster's folder; it stays as it is"
    rm -rf "$state"
}

cluster_down() {
    local pids
    trap - EXIT
    while pids=$(members) && [[ -n "$pids" ]]; do
        # shellcheck disable=SC2086
        kill -KILL $pids 2>/dev/null || true
        await 10 no_members || pw_die "these processes do not end: $(members | tr '\n' ' ')"
    done
    if [[ -e "$state" ]]; then remove_state; fi
    echo "down"
}

prepare_host() {
    mkdir -p "$state/$1/data"
    : >"$state/$1/log"
    if [[ $mode == netns ]]; then
        hold_namespace "$state/$1/holder" --net --mount
        join_bridge "$1" "$(address "$1")"
    elif [[ $disks == yes ]]; then
        hold_namespace "$state/$1/holder" --mount
    fi
    # Small, so that filling it is quick; gone with its namespace.
    if [[ $disks == yes ]]; then
        within "$state/$1/holder" mount -t tmpfs -o size=16m,mode=700 "pagewire-$1" "$state/$1/data"
    fi
}

# Starts a host's dsmd without waiting for it.
launch_dsmd() {
    local own directory options
    own=$(address "$1")
    if [[ "$1" == "$directory_host" ]]; then
        directory=embedded:7712
    elif [[ $mode == netns ]]; then
        directory=$(address "$directory_host"):7712
    else
        directory=${own/127.77/127.78}:7712 # the relay's, which knows by that who calls
    fi
    options=(--name "$1" --listen "$own:7711" --directory "$directory" --socket "$state/$1/sock" --data "$state/$1/data")
    if [[ $mode == loopback ]]; then options+=(--advertise "${own/127.77/127.78}:7711"); fi
    if [[ -n "$config" ]]; then options+=(--config "$config"); fi
    : >"$state/$1/starting"
    within_launch "$1" env PAGEWIRE_NO_BUILD=1 "PAGEWIRE_DSMD_OPTS=-Djava.io.tmpdir=$state/tmp ${PAGEWIRE_DSMD_OPTS:-}" \
        "$root/tools/dsmd" "${options[@]}"
}

# Like launch, for a host's dsmd and in its namespaces.
within_launch() {
    local name=$1 pid
    shift
    if [[ -e "$state/$name/holder" ]]; then
        pid=$(running "$state/$name/holder") || pw_die "the namespace of $name is gone; start again with: down, up"
        set -- nsenter --target "$pid" --net --mount -- "$@"
    fi
    launch "$state/$name/pid" "$state/$name/starting" "$@"
}

await_dsmd() {
    await 60 dsmd_ready_or_dead "$1" || pw_die "dsmd of $1 is not ready after 60 s: $(tail -n 5 "$state/$1/starting")"
    running "$state/$1/pid" >/dev/null || pw_die "dsmd of $1 ended: $(tail -n 5 "$state/$1/starting")"
}

dsmd_ready_or_dead() { grep -q 'dsmd ready:' "$state/$1/starting" || ended "$state/$1/pid"; }

host_socket() { echo "$state/$1/sock"; }
host_pid() {
    local pid
    pid=$(running "$state/$1/pid") || pw_die "dsmd of $1 does not run"
    printf '%s\n' "$pid"
}
host_log() { cat "$state/$1/log" "$state/$1/starting"; }

host_kill() {
    local pid
    pid=$(host_pid "$1")
    kill -KILL "$pid"
    await 10 ended "$state/$1/pid" || pw_die "dsmd of $1 (process $pid) does not end"
}

host_start() {
    ! running "$state/$1/pid" >/dev/null || pw_die "dsmd of $1 runs already"
    cat "$state/$1/starting" >>"$state/$1/log" # `starting` has what it prints from now on
    launch_dsmd "$1"
    await_dsmd "$1"
}

host_stop() { kill -STOP "$(host_pid "$1")"; }
host_cont() { kill -CONT "$(host_pid "$1")"; }

host_ctl() {
    local name=$1
    shift
    host_run "$name" "$root/tools/dsmctl" "$@"
}

# Becomes the program.
host_run() {
    local name=$1 pid
    shift
    require_host "$name"
    export PAGEWIRE_SOCKET=$state/$name/sock PAGEWIRE_CLUSTER_MEMBER=$state PAGEWIRE_NO_BUILD=1
    if [[ ! -e "$state/$name/holder" ]]; then exec "$@"; fi
    pid=$(running "$state/$name/holder") || pw_die "the namespace of $name is gone; start again with: down, up"
    exec nsenter --target "$pid" --net --mount --wd="$PWD" -- "$@"
}
