# shellcheck shell=bash
# Class archives: what a JVM keeps of the classes it has loaded, so that the next one with the same class path maps them from a file.
# A daemon is ready in 6/10 of the time with one. They only save time: without them, or with one that no longer fits, all works.
# Sourced after common.sh and packages.sh.

# Prints the archive of the program $1 (dsmd, dsmctl) for the java in $2. Only the very build of a JVM that wrote one can read it.
pw_archive_path() { printf '%s\n' "$root/target/archives/$1-$(pw_java_build "$2").jsa"; }

# Prints the exact build of the java in $1, as its system property java.runtime.version has it.
pw_java_build() {
    local home build=''
    home=$(dirname "$(dirname "$(readlink -f "$1")")")
    if [[ -r "$home/release" ]]; then build=$(sed -n 's/^JAVA_RUNTIME_VERSION="\([^"]*\)".*/\1/p' "$home/release"); fi
    printf '%s\n' "${build:-unknown}"
}

# Prints the options with which `java` uses the archive of the program $1, whose jar is that of the module $2, if it is newer; nothing
# when the user's options, those in $3 among them, speak of archives: a JVM that hears of two may not start. What it says of one that does
# not fit (jars copied elsewhere, a heap of another kind) is of no use to anybody.
pw_archive_flags() {
    local archive
    archive=$(pw_archive_path "$1" "$java")
    pw_has_option '(SharedArchiveFile|ArchiveClassesAtExit|AutoCreateSharedArchive|-Xshare|-XX:AOT)' "${3:-}" && return 0
    [[ "$archive" -nt "$root/java/pagewire-$2/target/pagewire-$2.jar" ]] || return 0
    printf '%s\n' "-XX:SharedArchiveFile=$archive" -Xlog:cds=off -Xlog:cds+dynamic=off
}

# Makes the archives for the java that launchers take, by running each program once on its own; what cannot be made is told and done
# without.
pw_make_archives() {
    local folder
    pw_choose_java
    [[ $(pw_java_build "$java") != unknown ]] || return 0
    # Made again with every build: an archive fits the jars it was made of, and no others.
    mkdir -p "$root/target/archives"
    rm -f "$(pw_archive_path dsmd "$java")" "$(pw_archive_path dsmctl "$java")"
    folder=$(mktemp -d "${TMPDIR:-/tmp}/pagewire-archives.XXXXXX")
    (
        trap 'rm -rf "$folder"' EXIT # also after Ctrl-C
        unset PAGEWIRE_DSMD_OPTS PAGEWIRE_DSMCTL_OPTS # what the user has set for programs that go on for days is not for these
        export PAGEWIRE_NO_BUILD=1 PAGEWIRE_SOCKET=$folder/dsmd.sock
        if ! pw_make_archive_of_dsmd "$folder" >"$folder/log" 2>&1 9>&-; then
            tail -n 20 "$folder/log" >&2
            pw_say "no class archives for $java: programs start, only slower"
        fi
    )
}

# A daemon with a directory of its own that a few commands have asked and stored into: $1 is a folder of this run.
pw_make_archive_of_dsmd() {
    local new input pid status=0
    new=$(pw_archive_path dsmd "$java").new
    rm -f "$new"
    mkfifo "$1/input"
    PAGEWIRE_DSMD_OPTS="-XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit=$new" "$root/tools/dsmd" \
        --name archives --socket "$PAGEWIRE_SOCKET" --data "$1/data" --listen 127.0.0.1:0 --directory embedded:0 \
        --exit-with-stdin <"$1/input" >"$1/output" 2>&1 &
    pid=$!
    exec {input}>"$1/input" # the end of this is the end of the daemon
    while ! grep -q '^dsmd ready' "$1/output" && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    "$root/tools/dsmctl" create archives --size 64K --writers any &&
        printf '%s' archives | "$root/tools/dsmctl" put archives &&
        "$root/tools/dsmctl" cat archives >/dev/null &&
        pw_make_archive_of_dsmctl || status=1
    exec {input}>&-
    wait "$pid" || status=1
    cat "$1/output"
    [[ $status == 0 && -s "$new" ]] && mv "$new" "${new%.new}"
}

pw_make_archive_of_dsmctl() {
    local new
    new=$(pw_archive_path dsmctl "$java").new
    rm -f "$new"
    PAGEWIRE_DSMCTL_OPTS="-XX:ArchiveClassesAtExit=$new" "$root/tools/dsmctl" status >/dev/null && mv "$new" "${new%.new}"
}
