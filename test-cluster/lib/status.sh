# shellcheck shell=bash
# What a cluster is made of now, as a table or as JSON. Sourced.

# Prints "STATE PID" of a host's dsmd; the id is 0 when it does not run.
host_state() {
    local pid
    if ! pid=$(running "$state/$1/pid"); then
        echo "dead 0"
    elif [[ "$(run_state "$pid")" == T ]]; then
        echo "stopped $pid"
    else
        echo "running $pid"
    fi
}

cluster_status() {
    local name what pid from to separator=''
    if [[ "$1" == --json ]]; then
        printf '{"mode":"%s","directory":"%s","hosts":[' "$mode" "$directory_host"
        for name in $hosts; do
            read -r what pid < <(host_state "$name")
            printf '%s{"name":"%s","address":"%s","state":"%s","pid":%d,"socket":"%s"}' \
                "$separator" "$name" "$(address "$name")" "$what" "$pid" "$(json_text "$state/$name/sock")"
            separator=,
        done
        printf '],"cuts":['
        separator=''
        while read -r from to; do
            printf '%s{"from":"%s","to":"%s"}' "$separator" "$from" "$to"
            separator=,
        done <"$state/cuts"
        printf ']}\n'
        return
    fi
    printf 'mode %s, directory in %s\n\n%-5s %-14s %-8s %7s  %s\n' "$mode" "$directory_host" host address state pid socket
    for name in $hosts; do
        read -r what pid < <(host_state "$name")
        [[ $pid != 0 ]] || pid=-
        printf '%-5s %-14s %-8s %7s  %s\n' "$name" "$(address "$name")" "$what" "$pid" "$state/$name/sock"
    done
    while read -r from to; do printf 'cut: nothing from %s reaches %s\n' "$from" "$to"; done <"$state/cuts"
}

# A path as it stands between the quotes of JSON.
json_text() {
    local text=${1//\\/\\\\}
    printf '%s' "${text//\"/\\\"}"
}
