# What failed how often, from lines "NAME<tab>OUTCOME<tab>MESSAGE" of all rounds of a soak: as a table, or as JSON when json is
# yes. Ends with 1 when anything failed, or nothing ran.

# As a string of JSON. One character after the other: what a backslash means in a replacement differs from awk to awk.
function quoted(text,    i, c, all) {
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\"" || c == "\\") c = "\\" c
        else if (c ~ /[\001-\037]/) c = " "
        all = all c
    }
    return "\"" all "\""
}

function shortened(text, most) { return length(text) > most ? substr(text, 1, most - 3) "..." : text }

{
    of[$2]++
    ran[$1]++
    if ($2 == "failed") {
        if (!($1 in failed)) {
            order[++different] = $1
            first[$1] = $3
        }
        failed[$1]++
    }
}

END {
    # The most frequent first; a handful, so the simplest way to sort will do.
    for (i = 1; i <= different; i++)
        for (j = i + 1; j <= different; j++)
            if (failed[order[j]] > failed[order[i]]) {
                name = order[i]
                order[i] = order[j]
                order[j] = name
            }
    if (json == "yes") {
        printf "{\"rounds\": %d, \"burners\": %d, \"seconds\": %d, \"passed\": %d, \"failed\": %d, \"skipped\": %d, \"tests\": [", \
            rounds, burners, seconds, of["passed"], of["failed"], of["skipped"]
        for (i = 1; i <= different; i++)
            printf("%s{\"name\": %s, \"failed\": %d, \"rounds\": %d, \"message\": %s}", (i > 1 ? ", " : ""),
                quoted(order[i]), failed[order[i]], rounds, quoted(first[order[i]]))
        print "]}"
    } else {
        if (different > 0) {
            width = 4
            for (i = 1; i <= different; i++) if (length(order[i]) > width) width = length(order[i])
            printf "%-" width "s  %-8s  %s\n", "TEST", "FAILED", "FIRST MESSAGE"
            for (i = 1; i <= different; i++)
                printf "%-" width "s  %-8s  %s\n", order[i], failed[order[i]] "/" rounds, shortened(first[order[i]], 160)
        }
        printf "%d rounds beside %d busy processes: %d passed, %d failed, %d skipped; %d of %d tests failed at least once\n", \
            rounds, burners, of["passed"], of["failed"], of["skipped"], different, length_of(ran)
    }
    exit (of["failed"] > 0 || of["passed"] == 0)
}

function length_of(set,    key, n) {
    for (key in set) n++
    return n + 0
}
