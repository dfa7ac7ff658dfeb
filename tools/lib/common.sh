# shellcheck shell=bash
# What every launcher needs: where the checkout is, which java to take, how to speak to the user.
# Sourced, never run; the caller has set `root` to the top of the checkout.

pw_say() { printf 'pagewire: %s\n' "$*" >&2; }

pw_die() {
    pw_say "$*"
    exit 1
}

# Prints the java to run: that of JAVA_HOME, else the one on PATH. Empty when there is none.
pw_find_java() {
    if [[ -n "${JAVA_HOME:-}" ]]; then
        [[ -x "$JAVA_HOME/bin/java" ]] || pw_die "JAVA_HOME is $JAVA_HOME, but $JAVA_HOME/bin/java does not exist"
        printf '%s\n' "$JAVA_HOME/bin/java"
    else
        command -v java || true
    fi
}

# Prints the feature version (17, 25, ...) of the java in $1. A JDK says it in its release file, which saves starting a JVM.
pw_java_version() {
    local home version=''
    home=$(dirname "$(dirname "$(readlink -f "$1")")")
    if [[ -r "$home/release" ]]; then
        version=$(sed -n 's/^JAVA_VERSION="\([^"]*\)".*/\1/p' "$home/release")
    fi
    if [[ -z "$version" ]]; then
        version=$("$1" -version 2>&1 | sed -n '1s/.*"\([^"]*\)".*/\1/p')
    fi
    version=${version#1.}
    printf '%s\n' "${version%%[!0-9]*}"
}

# Whether options from outside, those of the JVM's own variables or those in $2, match the pattern $1. A JVM does not start with two
# collectors, nor with a heap that begins larger than it may become.
pw_has_option() { [[ " ${JAVA_TOOL_OPTIONS:-} ${JDK_JAVA_OPTIONS:-} ${_JAVA_OPTIONS:-} ${2:-} " =~ $1 ]]; }

# Prints the options for a heap that begins with $1, unless the user has said how large it is; $2: options of this launcher's own.
pw_heap_from() { pw_has_option ' -(Xm[sx]|XX:(Initial|Max)(Heap|RAM))' "${2:-}" || printf '%s\n' "-Xms$1"; }

# Sets the array `java_flags` to what the java of version $1 needs to load native code without a warning; $2: options of this
# launcher's own.
pw_java_flags() {
    java_flags=(-XX:-UsePerfData -Xshare:auto -Dfile.encoding=UTF-8)
    if ! pw_has_option ' -XX:\+Use[A-Za-z0-9]+GC ' "${2:-}"; then java_flags+=(-XX:+UseSerialGC); fi
    if (($1 >= 22)); then java_flags+=(--enable-native-access=ALL-UNNAMED); fi
    if (($1 >= 23)); then java_flags+=(--sun-misc-unsafe-memory-access=allow); fi
}

# In a locale without UTF-8 (C, or one that is not installed) a JVM can neither name nor print what is not ASCII; names of files and
# regions are UTF-8. Any other locale stays as the user has set it.
pw_choose_locale() {
    case $(locale charmap 2>/dev/null || true) in
        '' | ANSI_X3.4-* | *ASCII*) export LC_ALL=C.UTF-8 ;;
    esac
}

# Sets `java` and `java_flags`, or ends with one line that says what is missing; $1: options of this launcher's own.
pw_choose_java() {
    local version
    pw_choose_locale
    java=$(pw_find_java)
    [[ -n "$java" ]] || pw_die "no java found: install openjdk-17-jdk-headless or set JAVA_HOME"
    version=$(pw_java_version "$java")
    [[ -n "$version" ]] && ((version >= 17)) || pw_die "$java is Java ${version:-unknown}; Pagewire needs 17 or later"
    pw_java_flags "$version" "${1:-}"
}
