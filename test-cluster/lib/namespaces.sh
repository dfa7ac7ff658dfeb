# shellcheck shell=bash
# Hosts as network namespaces: each has one end of a veth pair, the other ends hang on a bridge in a namespace of their own.
# The namespaces have no names; a sleeping process holds each, so nothing is left when the processes are gone. Cuts are
# nftables rules where the packets come in. Sourced.

# Prints why this machine allows no network namespaces; nothing when it does. Tries it, in a namespace that ends with the trial.
namespaces_refused() {
    local tool answer
    [[ $(id -u) == 0 ]] || {
        echo "only root may make them"
        return
    }
    for tool in ip:iproute2 nft:nftables unshare:util-linux nsenter:util-linux; do
        command -v "${tool%:*}" >/dev/null || {
            echo "${tool%:*} is missing (Debian package ${tool#*:})"
            return
        }
    done
    # shellcheck disable=SC2016
    answer=$(unshare --net --mount -- bash -euc '
        ip link add bridge0 type bridge
        ip link add port0 type veth peer name eth0
        nft add table inet pagewire
        nft add chain inet pagewire in "{ type filter hook input priority 0; }"
        nft add rule inet pagewire in ip saddr 10.77.0.1 drop' 2>&1) ||
        printf 'the kernel refuses: %s\n' "$(head -n 1 <<<"$answer")"
}

# True when each host may get a mount namespace, for a data folder of limited size.
mounts_allowed() {
    [[ $(id -u) == 0 ]] && unshare --mount -- mount -t tmpfs -o size=1m none "$state" 2>/dev/null
}

# Starts the process that holds a namespace. Takes PIDFILE UNSHARE-OPTION...
hold_namespace() {
    local pidfile=$1 pid
    shift
    launch "$pidfile" "$state/tmp.log" unshare "$@" -- sleep infinity
    pid=${!}
    await 5 holding "$pid" || pw_die "a namespace could not be made: $(tail -n 1 "$state/tmp.log")"
}

# unshare has become the sleeper once the namespace is there.
holding() { [[ "$(cat "/proc/$1/comm" 2>/dev/null)" == sleep ]]; }

# Runs a command in the namespaces that a pidfile's process holds, if there are any.
within() {
    local pidfile=$1 pid
    shift
    if [[ ! -e "$pidfile" ]]; then
        "$@"
    else
        pid=$(running "$pidfile") || pw_die "the namespace of $pidfile is gone; start again with: down, up"
        nsenter --target "$pid" --net --mount -- "$@"
    fi
}

bridge_up() {
    hold_namespace "$state/hub.pid" --net --mount
    within "$state/hub.pid" ip link add bridge0 type bridge
    within "$state/hub.pid" ip link set bridge0 up
}

# True when this kernel has token buckets for links.
bridge_shapes() {
    within "$state/hub.pid" tc qdisc add dev bridge0 root tbf rate 1gbit burst 64kb latency 200ms 2>/dev/null &&
        within "$state/hub.pid" tc qdisc del dev bridge0 root
}

# Joins host $1 with address $2 to the bridge.
join_bridge() {
    local pid
    pid=$(running "$state/$1/holder")
    within "$state/hub.pid" ip link add "port-$1" type veth peer name eth0 netns "$pid"
    within "$state/hub.pid" ip link set "port-$1" master bridge0 up
    within "$state/$1/holder" ip link set lo up
    within "$state/$1/holder" ip address add "$2/24" dev eth0
    within "$state/$1/holder" ip link set eth0 up
}

# Bounds what host $1 sends and receives by $2 bytes a second, with 0 by nothing: a token bucket at each end of its link, whose
# queue holds what passes in a fifth of a second; what comes on top is lost, as in a switch.
shape_netns() {
    local holder device answer
    for holder in "$state/$1/holder:eth0" "$state/hub.pid:port-$1"; do
        device=${holder##*:}
        if (($2 == 0)); then
            within "${holder%:*}" tc qdisc del dev "$device" root 2>/dev/null || true # it may not be shaped
        else
            answer=$(within "${holder%:*}" tc qdisc replace dev "$device" root tbf rate "$2bps" burst 64kb latency 200ms 2>&1) ||
                pw_die "the link of $1 cannot be shaped here: $answer"
        fi
    done
}

# Makes the rules of host $1 say what the list of cuts says, all at once.
apply_cuts_netns() {
    local from to rules=''
    while read -r from to; do
        if [[ "$to" == "$1" ]]; then rules+="ip saddr $(address "$from") drop"$'\n'; fi
    done <"$state/cuts"
    within "$state/$1/holder" nft -f - <<RULES
table inet pagewire
delete table inet pagewire
table inet pagewire {
    chain in {
        type filter hook input priority 0; policy accept;
        $rules
    }
}
RULES
}
