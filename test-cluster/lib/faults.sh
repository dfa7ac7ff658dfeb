# shellcheck shell=bash
# What can be broken beside the processes: the ways between hosts, their rates, the disk of a data folder, descriptors. Sourced.

cluster_cut() {
    require_host "$1"
    require_host "$2"
    [[ "$1" != "$2" ]] || wrong "cut: two different hosts"
    change_cuts "$1 $2" add
    if [[ "${3:-}" != --one-way ]]; then change_cuts "$2 $1" add; fi
    apply_cuts
}

# Both ways between two hosts, or everything.
cluster_heal() {
    if (($# == 2)); then
        require_host "$1"
        require_host "$2"
        change_cuts "$1 $2" remove
        change_cuts "$2 $1" remove
    else
        : >"$state/cuts"
    fi
    apply_cuts
}

change_cuts() {
    local others
    others=$(grep -vxF "$1" "$state/cuts" || true)
    { [[ -z "$others" ]] || printf '%s\n' "$others"; [[ $2 == remove ]] || printf '%s\n' "$1"; } >"$state/cuts.new"
    mv "$state/cuts.new" "$state/cuts"
}

# No way of a host carries more than the rate from now on.
host_shape() {
    local number=${2%%[a-z]*} unit=1000
    [[ "$2" =~ ^[1-9][0-9]{0,6}[kmg]bit$ ]] || wrong "shape: a rate like 500kbit, 10mbit or 1gbit"
    case "$2" in
        *mbit) unit=1000000 ;;
        *gbit) unit=1000000000 ;;
    esac
    shape_"$mode" "$1" $((number * unit / 8))
}

host_unshape() { shape_"$mode" "$1" 0; }

apply_cuts() {
    local name
    if [[ $mode == loopback ]]; then
        apply_cuts_loopback
    else
        for name in $hosts; do apply_cuts_netns "$name"; done
    fi
}

host_fill() {
    [[ $disks == yes ]] || pw_die "filling a disk needs a mount namespace, which only root may make"
    # Ends with "no space left", which is what is wanted.
    within "$state/$1/holder" dd if=/dev/zero of="$state/$1/data/pagewire-filler" bs=4k status=none 2>/dev/null || true
    [[ $(within "$state/$1/holder" stat -f -c %f "$state/$1/data") == 0 ]] || pw_die "the data folder of $1 is not full"
}

host_unfill() {
    [[ $disks == yes ]] || pw_die "this cluster's data folders cannot be filled"
    within "$state/$1/holder" rm -f "$state/$1/data/pagewire-filler"
}

# The soft limit only: the hard one says what it was.
host_limit_fds() {
    local pid limit=$2 hard
    pid=$(host_pid "$1")
    hard=$(awk '/^Max open files/ { print $5 }' "/proc/$pid/limits")
    case "$limit" in
        off) limit=$hard ;;
        +*) limit=$(($(ls "/proc/$pid/fd" | wc -l) + ${limit#+})) ;;
    esac
    [[ "$limit" =~ ^[0-9]+$ ]] || wrong "limit-fds: a number, +number or off"
    prlimit --pid "$pid" --nofile="$limit:" || pw_die "the limit of $1 could not be changed"
}
