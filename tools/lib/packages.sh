# shellcheck shell=bash
# Debian packages the build needs. Sourced after common.sh.

# Prints the packages whose command or file is missing, on one line.
pw_missing_packages() {
    local missing=()
    command -v mvn >/dev/null || missing+=(maven)
    pw_have_jdk || missing+=(openjdk-17-jdk-headless)
    command -v cmake >/dev/null || missing+=(cmake)
    command -v make >/dev/null || missing+=(make)
    command -v gcc >/dev/null || missing+=(gcc)
    [[ -e /usr/include/stdio.h ]] || missing+=(libc6-dev)
    printf '%s\n' "${missing[*]}"
}

# Packages that only test-cluster can use: with them it makes hosts of network namespaces, without them of loopback addresses.
pw_install_optional_packages() {
    local missing=()
    command -v ip >/dev/null || missing+=(iproute2)
    command -v nft >/dev/null || missing+=(nftables)
    [[ ${#missing[@]} != 0 && $(id -u) == 0 ]] && command -v apt-get >/dev/null || return 0
    pw_say "installing ${missing[*]}"
    (pw_apt_install "${missing[@]}") >/dev/null 2>&1 || pw_say "could not install ${missing[*]}; test-cluster does without"
}

# A JDK (with a compiler and jni.h), not only a runtime.
pw_have_jdk() {
    local home
    if [[ -n "${JAVA_HOME:-}" ]]; then
        home=$JAVA_HOME
    else
        home=$(command -v javac) || return 1
        home=$(dirname "$(dirname "$(readlink -f "$home")")")
    fi
    [[ -x "$home/bin/javac" && -e "$home/include/jni.h" ]]
}

# The same for tools/model-check, which needs these only.
pw_missing_model_packages() {
    local missing=()
    command -v spin >/dev/null || missing+=(spin)
    command -v gcc >/dev/null || missing+=(gcc)
    [[ -e /usr/include/stdio.h ]] || missing+=(libc6-dev)
    printf '%s\n' "${missing[*]}"
}

# Installs what is missing when root may do so, else says how and ends with 1. $1: the function that prints the packages.
pw_require_packages() {
    local list=${1:-pw_missing_packages} packages
    packages=$("$list")
    [[ -n "$packages" ]] || return 0
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        pw_say "missing: $packages. Install them with:"
        printf 'sudo apt-get install -y --no-install-recommends %s\n' "$packages" >&2
        exit 1
    fi
    pw_say "installing $packages"
    # The list is made of words of ours, so splitting it is meant.
    # shellcheck disable=SC2086
    if ! pw_quietly pw_apt_install $packages; then
        pw_die "could not install $packages; the lines above say why"
    fi
    packages=$("$list")
    [[ -z "$packages" ]] || pw_die "still missing after the installation: $packages"
}

pw_apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q </dev/null && apt-get install -q -y --no-install-recommends "$@" </dev/null
}

# Runs a command with its output kept back, and shows that output only when the command fails.
pw_quietly() {
    local log status=0
    log=$(mktemp "${TMPDIR:-/tmp}/pagewire-log.XXXXXX")
    "$@" >"$log" 2>&1 || status=$?
    if ((status != 0)); then tail -n "${PAGEWIRE_LOG_LINES:-60}" "$log" >&2; fi
    rm -f "$log"
    return "$status"
}
