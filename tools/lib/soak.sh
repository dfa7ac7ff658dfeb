# shellcheck shell=bash
# tools/test --soak: the system tests again and again on a machine that is kept busy, and how often each failed. Sourced after
# common.sh, build.sh, report.sh and burners.sh.

# The tests whose outcome depends on other processes, sockets and time: C programs, the daemon's tests, and all with real hosts.
# $1: an extended regular expression. Sets `soak_c` (names), `soak_unit` and `soak_it` (classes, Maven's spelling).
pw_soak_select() {
    local module
    soak_c=() soak_unit=() soak_it=()
    mapfile -t soak_c < <(ctest --test-dir "$root/build/native" -N | sed -n 's/^ *Test *#[0-9]*: //p' | grep -E -- "$1")
    mapfile -t soak_unit < <(pw_classes "$root/java/pagewire-daemon/src/test" Test | grep -E -- "$1")
    mapfile -t soak_it < <(for module in cli system-tests; do pw_classes "$root/java/pagewire-$module/src/test" IT; done |
        sort -u | grep -E -- "$1")
}

# The classes below $1 with a name that ends like $2.
pw_classes() { find "$1" -name "*$2.java" -exec basename -a -s .java {} + | sort; }

pw_joined() {
    local IFS=,
    printf '%s' "$*"
}

# One run of all that was selected; leaves its reports in the folder $1.
pw_soak_round() {
    local folder=$1 names status=0 file
    if ((${#soak_c[@]} > 0)); then
        names=$(printf '%s\n' "${soak_c[@]}" | sed 's/[.+]/\\&/g' | paste -sd'|')
        ctest --test-dir "$root/build/native" --parallel 2 -R "^($names)\$" \
            --output-junit "$folder/ctest.xml" </dev/null >"$folder/ctest.log" 2>&1 || status=$?
        [[ -s "$folder/ctest.xml" ]] || printf 'ctest\tfailed\tended with %d and left no report; see ctest.log\n' "$status" >>"$folder/outcomes"
    fi
    if ((${#soak_unit[@]} + ${#soak_it[@]} > 0)); then
        find "$root"/java -path '*/target/*-reports/*' -name 'TEST-*.xml' -delete
        status=0
        PAGEWIRE_LOG_LINES=400 pw_maven verify -Dmaven.test.failure.ignore=true -Dspotless.check.skip=true "${soak_java[@]}" \
            "-Dtest=$(pw_joined "${soak_unit[@]:-none}")" "-Dit.test=$(pw_joined "${soak_it[@]:-none}")" 2>"$folder/maven.log" || status=$?
        ((status == 0)) ||
            printf 'Maven\tfailed\tended with %d: %s\n' "$status" "$(grep -m 1 ERROR "$folder/maven.log")" >>"$folder/outcomes"
        find "$root"/java -path '*/target/*-reports/*' -name 'TEST-*.xml' -exec cp -t "$folder" {} +
    fi
    pw_left_behind | sed 's/^/left behind\tfailed\t/' >>"$folder/outcomes"
    while IFS= read -r file; do
        awk -v RS='<' -f "$root/tools/lib/test-outcomes.awk" "$file" >>"$folder/outcomes"
    done < <(find "$folder" -name '*.xml')
}

# Runs the rounds and prints the table; true when nothing failed. Takes ROUNDS PATTERN BURNERS JSON(yes or no).
pw_soak() {
    local rounds=$1 pattern=$2 burners=$3 json=$4 round folder
    local soak_c soak_unit soak_it soak_java
    pw_soak_select "$pattern"
    ((${#soak_c[@]} + ${#soak_unit[@]} + ${#soak_it[@]} > 0)) || pw_die "no system test matches $pattern"
    soak_java=(-pl "java/pagewire-daemon,java/pagewire-cli,java/pagewire-system-tests" -am
        -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false)
    # Built by the rounds' own Maven, but without the load.
    pw_maven test-compile "${soak_java[@]}" || pw_die "the tests could not be built; the lines above say why"
    pw_say "${#soak_c[@]} C tests and ${#soak_unit[@]} + ${#soak_it[@]} Java classes, $rounds rounds, $burners busy processes beside them"
    trap pw_stop_burners EXIT
    pw_start_burners "$burners"
    for ((round = 1; round <= rounds; round++)); do
        folder=$reports/soak/$round
        mkdir -p "$folder"
        pw_soak_round "$folder"
        pw_say "round $round of $rounds, $((SECONDS / 60)) min: $(awk -F'\t' '{ n[$2]++ }
            END { printf "%d passed, %d failed, %d skipped", n["passed"], n["failed"], n["skipped"] }' "$folder/outcomes")"
    done
    pw_stop_burners
    trap - EXIT
    cat "$reports"/soak/*/outcomes | awk -F'\t' -v rounds="$rounds" -v burners="$burners" -v json="$json" -v seconds="$SECONDS" \
        -f "$root/tools/lib/soak-table.awk"
}
