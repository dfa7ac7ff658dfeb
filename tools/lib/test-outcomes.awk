# Prints a line "NAME<tab>OUTCOME<tab>MESSAGE" for each test of JUnit reports: OUTCOME is passed, failed or skipped; MESSAGE is what
# a failed one says, on one line, and empty for the others. Reads one record a tag: awk -v RS='<' -f test-outcomes.awk FILE...

function attribute(name,    at, text) {
    at = index($0, " " name "=\"")
    if (!at) return ""
    text = substr($0, at + length(name) + 3)
    text = substr(text, 1, index(text, "\"") - 1)
    return plain(text)
}

# A text on one line and without the spellings of XML.
function plain(text) {
    gsub(/(&#10;|&#xA;|&#9;|\n|\t)[ \n\t]*/, " ", text)
    sub(/^ +/, "", text)
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&quot;/, "\"", text)
    gsub(/&apos;/, "'", text)
    gsub(/&amp;/, "\\&", text)
    return text
}

function finish() {
    if (test != "") printf "%s\t%s\t%s\n", test, outcome, message
    test = ""
}

# A tag ends where its attributes do: a value may hold ">".
/^testcase / {
    finish()
    test = attribute("name")
    group = attribute("classname")
    if (group != "" && group != test) test = group (test == "" ? "" : "." test)
    outcome = "passed"
    message = ""
}
test != "" && /^(failure|error)[ >]/ && outcome != "failed" {
    outcome = "failed"
    message = attribute("message")
    if (message == "" || message == "Failed") message = attribute("type")
}
test != "" && /^skipped[ \/>]/ { outcome = "skipped" }
# ctest keeps what a program printed here and says no more than "Failed" above: the last line is the reason.
test != "" && outcome == "failed" && message == "" && /^system-out>/ {
    text = substr($0, 12)
    sub(/[ \n]+$/, "", text)
    n = split(text, lines, "\n")
    message = plain(lines[n])
}
/^\/testcase>/ { finish() }
END { finish() }
