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

# Prints the options with which `java` uses the archive of the program $1, whose jar is that of the module $2, if it is newer. What the JVM
# says of an archive that does not fit (jars copied elsewhere, a heap of another kind) is of no use to anybody.
pw_archive_flags() {
    local archive
    archive=$(pw_archive_path "$1" "$java")
    [[ "$archive" -nt "$root/java/pagewire-$2/target/pagewire-$2.jar" ]] || return 0
    printf '%s\n' "-XX:SharedArchiveFile=$archive" -Xlog:cds=off -Xlog:cds+dynamic=off
}

# Makes the archives for the java that launchers take, by running each program once on its own; what cannot be made is told and done
# without.
pw_make_archives() {
    local folder status=0
    pw_choose_java
    [[ $(pw_java_build "$java") != unknown ]] || return 0
    mkdir -p "$root/target/archives"
    folder=$(mktemp -d "${TMPDIR:-/tmp}/pagewire-archives.XXXXXX")
    (
        # What the user has set for programs that go on for days is not for these.
        unset PAGEWIRE_DSMD_OPTS PAGEWIRE_DSMCTL_OPTS
        export PAGEWIRE_NO_BUILD=1 PAGEWIRE_SOCKET=$folder/dsmd.sock
        pw_make_archive_of_dsmd "$folder"
    ) >"$folder/log" 2>&1 9>&- || status=$?
    if ((status != 0)); then
        tail -n 20 "$folder/log" >&2
        pw_say "no class archives for $java: programs start, only slower"
    fi
    rm -rf "$folder"
}

# A daemon with a directory of its own that a few commands have asked and stored into: $1 is a folder of this run.
pw_make_archive_of_dsmd() {
    local line='' status=0 new
    new=$(pw_archive_path dsmd "$java").new
    rm -f "$new"
    coproc DAEMON {
        PAGEWIRE_DSMD_OPTS="-XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit=$new" \
            exec "$root/tools/dsmd" --name archives --socket "$PAGEWIRE_SOCKET" --data "$1/data" \
            --listen 127.0.0.1:0 --directory embedded:0 --exit-with-stdin
    }
    local pid=$DAEMON_PID input=${DAEMON[1]} output=${DAEMON[0]}
    while [[ "$line" != "dsmd ready"* ]] && IFS= read -r line <&"$output"; do printf '%s\n' "$line"; done
    "$root/tools/dsmctl" create archives --size 64K --writers any &&
        printf '%s' archives | "$root/tools/dsmctl" put archives &&
        "$root/tools/dsmctl" cat archives >/dev/null || status=1
    pw_make_archive_of_dsmctl || status=1
    exec {input}>&-
    cat <&"$output"
    wait "$pid" || status=1
    [[ $status == 0 && -s "$new" ]] && mv "$new" "${new%.new}"
}

pw_make_archive_of_dsmctl() {
    local new
    new=$(pw_archive_path dsmctl "$java").new
    rm -f "$new"
    PAGEWIRE_DSMCTL_OPTS="-XX:ArchiveClassesAtExit=$new" "$root/tools/dsmctl" status >/dev/null && mv "$new" "${new%.new}"
}
