# shellcheck shell=bash
# Sums up JUnit reports (ctest, surefire and failsafe write the same attributes) and looks for what tests left behind.

# Prints "passed failed skipped" for the report files given.
pw_count_reports() {
    local file
    for file in "$@"; do
        # The opening tag only: its attributes may stand on several lines.
        { tr '\n\t' '  ' <"$file" && printf '\n'; } | sed -n 's/^.*<testsuite \([^>]*\)>.*$/ \1/p'
    done | awk '
        function value(name,    at, text) {
            at = match($0, " " name "=\"[0-9]+\"")
            if (!at) return 0
            text = substr($0, RSTART, RLENGTH)
            gsub(/[^0-9]/, "", text)
            return text + 0
        }
        {
            bad = value("failures") + value("errors")
            idle = value("skipped") + value("disabled")
            passed += value("tests") - bad - idle
            failed += bad
            skipped += idle
        }
        END { printf "%d %d %d\n", passed, failed, skipped }'
}

# Prints a line for each test that failed in the report files given, all below $reports: where, which, and what it said first.
pw_failed_tests() {
    local file from
    for file in "$@"; do
        from=${file#"$reports"/}
        awk -v RS='<' -f "$root/tools/lib/test-outcomes.awk" "$file" |
            awk -F'\t' -v from="${from%%/TEST-*}" '$2 == "failed" { printf "pagewire: FAILED: %s: %s: %s\n", from, $1, substr($3, 1, 300) }'
    done
}

# Prints the ids of the processes of this checkout: JVMs and native programs that were started from below $root.
pw_processes() {
    local entry
    for entry in /proc/[0-9]*; do
        [[ "${entry#/proc/}" != "$$" ]] || continue
        if tr '\0' ' ' 2>/dev/null <"$entry/cmdline" | grep -qE -- "$root/(java/.*io\.pagewire\.|build/)"; then
            printf '%s\n' "${entry#/proc/}"
        fi
    done | sort
}

# Prints the files our programs make outside the checkout.
pw_temp_files() {
    local folder
    for folder in "${TMPDIR:-/tmp}" /dev/shm "${XDG_RUNTIME_DIR:-}"; do
        if [[ -d "$folder" ]]; then
            find "$folder" -maxdepth 1 \( -name 'pagewire*' -o -name 'libpagewire*' \)
        fi
    done | sort
}

# Takes down what is there before the tests, in the folder $reports.
pw_note_what_is_there() {
    pw_processes >"$reports/processes-before"
    pw_temp_files >"$reports/files-before"
}

# Prints a line for each process and file that tests have left behind since pw_note_what_is_there.
pw_left_behind() {
    local id
    sleep 1 # a process that has been told to end may take a moment to disappear from /proc
    while IFS= read -r id; do
        printf 'process %s\n' "$(ps -o pid=,args= -p "$id")"
    done < <(pw_processes | comm -13 "$reports/processes-before" -)
    pw_temp_files | comm -13 "$reports/files-before" -
}
