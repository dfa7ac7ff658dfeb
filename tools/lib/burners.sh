# shellcheck shell=bash
# Processes that keep the processors busy, so that tests run as on a loaded machine. Sourced; needs no other file.

pw_burner_ids=()

# Starts $1 processes that compute and nothing else, at the priority of the caller. Each looks whether its starter still lives
# and ends with it, however that ended.
pw_start_burners() {
    local i
    for ((i = 0; i < $1; i++)); do
        pw_burn "$$" </dev/null >/dev/null 2>&1 &
        pw_burner_ids+=("$!")
    done
}

pw_stop_burners() {
    ((${#pw_burner_ids[@]} > 0)) || return 0
    kill "${pw_burner_ids[@]}" 2>/dev/null || true
    wait "${pw_burner_ids[@]}" 2>/dev/null || true # a burner that was killed ends with the signal's status
    pw_burner_ids=()
}

# Ends when the process $1 has ended. A round of the inner loop takes a fraction of a second.
pw_burn() {
    local turn
    trap - EXIT INT TERM # those of the starter are not ours
    while kill -0 "$1" 2>/dev/null; do
        for ((turn = 0; turn < 50000; turn++)); do :; done
    done
}
