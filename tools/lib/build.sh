# shellcheck shell=bash
# Builds what the launchers run, only when something has changed. Sourced after common.sh and packages.sh.

# shellcheck source=tools/lib/archive.sh
source "$root/tools/lib/archive.sh"

pw_stamp=$root/target/build.stamp
pw_native=$root/build/native

# True when a source is newer than the last complete build. Directories count as well, so a removed file is noticed.
pw_outdated() {
    local newer needed
    [[ -e "$pw_stamp" ]] || return 0
    for needed in "$root"/java/pagewire-{daemon,cli}/target/lib; do
        [[ -e "$needed" ]] || return 0
    done
    newer=$(find "$root/pom.xml" "$root/native" "$root/tools/lib/build.sh" \
        "$root"/CMakeLists.txt "$root"/java/*/pom.xml "$root"/java/*/src/main -newer "$pw_stamp" -print -quit 2>/dev/null || true)
    [[ -n "$newer" ]]
}

# Builds when needed. Two launchers started together do not build together: the second waits, then finds all done.
# PAGEWIRE_NO_BUILD=1 is for programs that a build itself runs.
pw_build() {
    [[ -z "${PAGEWIRE_NO_BUILD:-}" ]] || return 0
    pw_outdated || return 0
    pw_require_packages
    mkdir -p "$root/target"
    (
        flock -n 9 || { pw_say "waiting for another build to end"; flock 9; }
        if pw_outdated; then
            # The time of the stamp is that of the build's start: what is edited meanwhile is built the next time.
            touch "$pw_stamp.started"
            pw_say "building (the first time takes a minute or two)"
            pw_build_native
            pw_build_java
            mv "$pw_stamp.started" "$pw_stamp"
            pw_say "- class archives, for programs that start quickly"
            pw_make_archives
        fi
    ) 9>"$root/target/build.lock" || exit 1
}

pw_build_native() {
    pw_say "- the C library"
    pw_quietly cmake -S "$root" -B "$pw_native" -DCMAKE_BUILD_TYPE=Release 9>&- &&
        pw_quietly cmake --build "$pw_native" --parallel "$(nproc)" 9>&- ||
        pw_die "the C library could not be built; the lines above say why"
}

pw_build_java() {
    pw_say "- the Java modules"
    pw_maven package -Dmaven.test.skip=true -pl java/pagewire-daemon,java/pagewire-cli -am 9>&- ||
        pw_die "the Java modules could not be built; the lines above say why"
}

# Compiles the simulator, the relay and the chaos driver when needed; sets `testkit_classes` to their class path.
pw_build_testkit() {
    local classes=$root/java/pagewire-testkit/target/classes stamp=$root/target/testkit.stamp
    testkit_classes=$classes:$root/java/pagewire-core/target/classes:$root/java/pagewire-wire/target/classes
    if [[ ! -e "$classes/io/pagewire/testkit/Simulate.class" || ! -e "$stamp" ||
        -n $(find "$root"/java/pagewire-{core,wire,testkit}/src/main -newer "$stamp" -print -quit) ]]; then
        [[ -z "${PAGEWIRE_NO_BUILD:-}" || ! -e "$classes" ]] || return 0
        pw_require_packages
        mkdir -p "$root/target"
        touch "$stamp.started"
        pw_maven compile -pl java/pagewire-testkit -am || pw_die "the test kit could not be built; the lines above say why"
        mv "$stamp.started" "$stamp"
    fi
}

# Runs Maven without the network when the local repository has all it needs, else with it.
pw_maven() {
    local log status=0
    log=$(mktemp "${TMPDIR:-/tmp}/pagewire-mvn.XXXXXX")
    mvn -q -B -o -f "$root/pom.xml" "$@" >"$log" 2>&1 </dev/null || status=$?
    if ((status != 0)) && grep -qE 'in offline mode|has not been downloaded|Could not resolve|could not be resolved' "$log"; then
        pw_say "- fetching Java dependencies"
        status=0
        mvn -q -B -f "$root/pom.xml" "$@" >"$log" 2>&1 </dev/null || status=$?
    fi
    if ((status != 0)); then tail -n "${PAGEWIRE_LOG_LINES:-60}" "$log" >&2; fi
    rm -f "$log"
    return "$status"
}
