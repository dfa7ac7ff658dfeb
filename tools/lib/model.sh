# shellcheck shell=bash
# One check of a model with spin: translate, compile, search, judge. Sourced by tools/model-check after packages.sh.

pw_with_commas() { sed -E ':a;s/^([0-9]+)([0-9]{3})/\1,\2/;ta' <<<"$1"; }

pw_model_json() { # OK NAME EXPECTED STATES STORE MEGABYTES SECONDS TEXT
    local text=${8//\\/\\\\} same=true
    [[ $1 == ok ]] || same=false
    printf '{"name":"%s","ok":%s,"expected":"%s","states":%d,"stored":"%s","megabytes":%d,"seconds":%s,"text":"%s"}' \
        "$2" "$same" "$3" "$4" "$5" "$6" "$7" "${text//\"/\\\"}"
}

# Runs one line of checks.txt in a folder of its own and leaves there `result` (ok|name|expected|states|stored|MB|s|text) and,
# when something broke, `trace`. For use as a background job: ends its search when it is told to end.
pw_model_check() { # MODELS FOLDER MEGABYTES LINE
    local models=$1 folder=$2 memory=$3 started=${EPOCHREALTIME/./} searching=''
    local name length expected store file rest flags compiled run
    # The traps of the shell that started us are not ours.
    trap - EXIT INT
    trap '[[ -z "$searching" ]] || kill "$searching" 2>/dev/null; exit 143' TERM
    read -r name length expected store file rest <<<"$4"
    read -r -a flags <<<"${rest%%|*}"
    local text=${rest#*| }
    cd "$folder" || pw_die "cannot enter $folder"
    cp "$models"/*.pml .
    compiled=(-w -DNOREDUCE "-DMEMLIM=$memory")
    run=(-m100000)
    # Small models take longer to compile well than to search.
    if [[ $length == quick ]]; then compiled+=(-O0); else compiled+=(-O2); fi
    case $store in
        exact)
            compiled+=(-DCOLLAPSE)
            if [[ $length == full ]]; then run+=(-w26); else run+=(-w21); fi
            ;;
        compact)
            compiled+=(-DHC4)
            if [[ $length == full ]]; then run+=(-w27); else run+=(-w21); fi
            ;;
        bits)
            compiled+=(-DBITSTATE)
            run+=(-w34 -k3 -Q3)
            ;;
        *) pw_die "checks.txt: $name is stored $store, which means nothing" ;;
    esac
    case $expected in
        holds | breaks) compiled+=(-DSAFETY -DNOFAIR) ;;
        ends)
            compiled+=(-DNP -DNOFAIR)
            run+=(-l)
            ;;
        moves | starves)
            # With a formula in the model (ltl) a run that breaks it is looked for, else one without progress.
            compiled+=(-DNFAIR=4)
            run+=(-f)
            if [[ " ${flags[*]} " == *' -DFOREVER '* ]]; then
                run+=(-a -m1000000)
            else
                compiled+=(-DNP)
                run+=(-l)
            fi
            ;;
        *) pw_die "checks.txt: $name is expected to $expected, which means nothing" ;;
    esac
    if pw_quietly spin "${flags[@]}" -a "$file" && pw_quietly nice -n 19 gcc "${compiled[@]}" -o pan pan.c; then
        nice -n 19 ./pan "${run[@]}" >out 2>&1 </dev/null &
        searching=$!
        wait "$searching" || true
        searching=''
        pw_model_judge
    else
        pw_model_verdict FAILED 0 0 "the model cannot be translated"
    fi
}

# A number of the checker's output: the first field of the first line that matches, without fractions.
pw_model_figure() { awk -v pattern="$1" '$0 ~ pattern { printf "%d\n", $1; exit }' out; }

# The variables of pw_model_check are seen from here.
pw_model_verdict() { # OK STATES MEGABYTES TEXT
    local tenths=$(((${EPOCHREALTIME/./} - started) / 100000))
    printf '%s|%s|%s|%s|%s|%s|%s|%s\n' "$1" "$name" "$expected" "${2:-0}" "$store" "${3:-0}" \
        "$((tenths / 10)).$((tenths % 10))" "$4" >result.new
    mv result.new result
}

pw_model_judge() {
    local states megabytes errors why
    states=$(pw_model_figure 'states, stored')
    megabytes=$(pw_model_figure 'total actual memory usage')
    errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out | head -n 1)
    if [[ -z "$errors" ]]; then
        tail -n 5 out >&2
        pw_model_verdict FAILED 0 0 "the checker ended early; its last lines stand above"
    elif ((errors > 0)); then
        why=$(pw_model_why)
        case $expected:$why in
            breaks:the\ checker* | starves:the\ checker*) pw_model_verdict FAILED "$states" "$megabytes" "$why" ;;
            breaks:* | starves:*) pw_model_verdict ok "$states" "$megabytes" "$text: $why" ;;
            *) pw_model_verdict FAILED "$states" "$megabytes" "$text: $why" ;;
        esac
    elif [[ $expected == breaks || $expected == starves ]]; then
        pw_model_verdict FAILED "$states" "$megabytes" "$text: nothing broke"
    elif [[ $store != bits ]] && grep -qE 'MEMLIM bound|out of memory|max search depth too small' out; then
        pw_model_verdict FAILED "$states" "$megabytes" "not searched completely: $memory MB are not enough"
    else
        pw_model_verdict ok "$states" "$megabytes" "$text"
    fi
}

# What broke, in the words of the model; the steps that lead there are left in `trace`.
pw_model_why() {
    { spin -t "${flags[@]}" "$file" || true; } 2>/dev/null | sed 's/^ *//;/^spin: /d;/^#processes/,$d;/^Never claim/d' >trace
    case $expected in
        holds | breaks)
            if grep -q '^pan:1: invalid end state' out; then
                printf 'it stands still\n'
            else
                sed -n 's/^BROKEN: //p' trace | grep . ||
                    printf 'the checker found something else: %s\n' "$(grep -m 1 '^pan:1:' out)"
            fi
            ;;
        ends) printf 'a run that goes on for ever\n' ;;
        *) printf 'a run that goes on for ever while somebody waits\n' ;;
    esac
}
