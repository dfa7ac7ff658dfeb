# shellcheck shell=bash
# The processes of a cluster: started apart from their starter, found again by file or by a mark in their environment.
# Sourced; the caller has set `state`.

# Starts a program in the background, away from this terminal, and marks it as the cluster's. Takes PIDFILE LOGFILE CMD...
# What it starts must become the program itself (exec), so that the id is right.
launch() {
    local pidfile=$1 log=$2
    shift 2
    PAGEWIRE_CLUSTER_MEMBER=$state TMPDIR=$state/tmp setsid "$@" </dev/null >>"$log" 2>&1 &
    printf '%s %s\n' "$!" "$(start_time "$!")" >"$pidfile"
    disown "$!" # its end is no news for this shell
}

# When a process started, in ticks since boot: tells it from another one that got the same id later. Empty when it is gone.
start_time() {
    local fields
    fields=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    fields=${fields##*) } # the name, in brackets, may hold spaces
    # shellcheck disable=SC2086
    set -- $fields
    printf '%s\n' "${20}"
}

# Prints the id in a pidfile when that very process runs.
running() {
    local pid started
    [[ -r "$1" ]] && read -r pid started <"$1" || return 1
    [[ -n "$started" && "$(start_time "$pid")" == "$started" && "$(run_state "$pid")" != [ZX] ]] || return 1
    printf '%s\n' "$pid"
}

# R, S, D, T (stopped), Z (ended, not waited for); empty when it is gone.
run_state() {
    local fields
    fields=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    fields=${fields##*) }
    printf '%s\n' "${fields:0:1}"
}

# Waits until a command succeeds, at most as many seconds as the first argument says.
await() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.02
    done
}

# The ids of all processes that bear the cluster's mark, whatever the files say, without this one and what started it.
members() {
    local file pid above=$$ own=' '
    while ((above > 1)); do
        own+="$above "
        above=$(awk '$1 == "PPid:" { print $2 }' "/proc/$above/status" 2>/dev/null || echo 0)
        above=${above:-0}
    done
    for file in $(grep -lszxF "PAGEWIRE_CLUSTER_MEMBER=$state" /proc/[0-9]*/environ); do
        pid=${file#/proc/}
        pid=${pid%/environ}
        if [[ "$own" != *" $pid "* && "$(run_state "$pid")" != [ZX] ]]; then printf '%s\n' "$pid"; fi
    done
}

no_members() { [[ -z "$(members)" ]]; }

ended() { ! running "$1" >/dev/null; }
