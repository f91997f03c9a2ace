#!/usr/bin/env bash
# From a bare Debian (12, 13) or Ubuntu (22.04, 24.04) to a working program.
#
#   ./bootstrap.sh deps [PACKAGE...]   install the packages that are missing (and those named);
#                                      asks for root, through sudo, only if there is something to do
#   ./bootstrap.sh demo                deps, build, and the demo shop in build/demo
#   ./bootstrap.sh browser             what the tests of the page need: Chromium, Node.js, and two
#                                      packages of npm in build/browser
#   ./bootstrap.sh test                deps, browser, build, and all tests; the last line counts them
set -euo pipefail
cd "$(dirname "$0")"

# One need a line. Any of the alternatives will do; the first one is installed if there is none.
needs='
gcc
libc6-dev
cmake
ninja-build
pkg-config|pkgconf
libdnnl-dev
libcjson-dev
libsqlite3-dev
libjpeg-dev|libjpeg62-turbo-dev|libjpeg-turbo8-dev
libpng-dev
libwebp-dev
zlib1g-dev
libcairo2-dev
libmicrohttpd-dev
libcmocka-dev
'
# Worth having, done without where the distribution has it not: ISA-L unpacks gzip faster than zlib.
wishes='libisal-dev'

installed() { # PACKAGE
    [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" = "install ok installed" ]
}

any_installed() { # "PACKAGE|PACKAGE"
    local package
    for package in ${1//|/ }; do
        if installed "$package"; then return 0; fi
    done
    return 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        echo "This needs root: sudo $*"
        sudo "$@"
    else
        echo "bootstrap.sh: this needs root, and there is no sudo; as root, run:" >&2
        echo "  apt-get update && apt-get install ${missing[*]}" >&2
        return 1
    fi
}

deps() { # PACKAGE...
    if ! command -v dpkg-query >/dev/null; then
        echo "bootstrap.sh: no dpkg here; README.md lists the libraries to install by hand" >&2
        return 1
    fi
    local missing=() need
    for need in $needs "$@"; do
        if ! any_installed "$need"; then missing+=("${need%%|*}"); fi
    done
    local wish wanted=()
    for wish in $wishes; do
        if ! installed "$wish"; then wanted+=("$wish"); fi
    done
    # A wish alone is no reason to ask for root.
    if [ ${#missing[@]} -eq 0 ]; then
        if [ ${#wanted[@]} -gt 0 ]; then echo "not installed, and not needed: ${wanted[*]}"; fi
        return 0
    fi
    echo "missing: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q || return
    for wish in "${wanted[@]}"; do
        if apt-cache show "$wish" >/dev/null 2>&1; then missing+=("$wish"); fi
    done
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        "${missing[@]}"
}

# The packages stand in tests/web/package-lock.json; none of them runs anything when it is installed.
# Ubuntu has no Chromium as a package: there, the tests of the page skip unless there is one already.
browser() {
    local wanted=() folder=build/browser
    if ! command -v node >/dev/null; then wanted+=(nodejs); fi
    if ! command -v npm >/dev/null; then wanted+=(npm); fi
    if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
        if grep -qs '^ID=debian' /etc/os-release; then
            wanted+=(chromium)
        else
            echo "no package of Chromium here: the tests of the page will skip"
        fi
    fi
    deps "${wanted[@]}" || return
    if cmp -s tests/web/package-lock.json "$folder/package-lock.json" && [ -d "$folder/node_modules" ]; then
        return 0
    fi
    rm -rf "$folder"
    mkdir -p "$folder" || return
    cp tests/web/package.json tests/web/.npmrc "$folder" || return
    (cd "$folder" && cp ../../tests/web/package-lock.json . && npm ci --ignore-scripts) || {
        rm -f "$folder/package-lock.json"
        return 1
    }
}

build() {
    cmake --preset release && cmake --build --preset release
}

# What runs networks, for the tests that encode with one.
onnx_runtime() {
    if ldconfig -p 2>/dev/null | grep -q 'libonnxruntime\.so'; then return 0; fi
    tools/fetch_onnxruntime || echo "tests that encode with a network skip"
}

run_tests() {
    local code=0
    if ! (deps curl sqlite3 && browser && build); then
        echo "bootstrap.sh: the build failed" >&2
        echo "0 passed, 1 failed"
        return 1
    fi
    onnx_runtime
    ctest --test-dir build/release --output-on-failure --test-output-size-passed 1000000 -j 2 \
        --output-junit "$PWD/build/release/tests.xml" </dev/null || code=$?
    tools/count_tests build/release/tests.xml
    return "$code"
}

case "${1-}" in
deps)
    shift
    deps "$@"
    ;;
demo)
    deps
    build
    build/release/lookbook demo build/demo
    ;;
browser) browser ;;
test) run_tests ;;
*)
    sed -n 's/^#   //p' "$0" >&2
    exit 2
    ;;
esac
