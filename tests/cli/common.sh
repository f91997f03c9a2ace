# What the tests of the program share. Sourced by each; needs in the environment:
#   LOOKBOOK    the program            WRITE_SHOP  tests/cli/write_shop
#   JSON_GET    tests/cli/json_get     SOURCE      the source folder
#   WRITE_NETWORK tests/cli/write_network   ONNX_LIBRARY  where tools/fetch_onnxruntime puts it
set -euo pipefail
export LC_ALL=C

work=$(mktemp -d "${TMPDIR:-/tmp}/lookbook-cli-XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "FAILED: $*" >&2
    if [ -f out ]; then sed 's/^/  stdout: /' out | tail -20 >&2; fi
    if [ -f err ]; then sed 's/^/  stderr: /' err | tail -20 >&2; fi
    exit 1
}

# expect STATUS lookbook-arguments...: runs the program; its output goes to the files out and err.
expect() {
    local expected=$1 code=0
    shift
    "$LOOKBOOK" "$@" >out 2>err </dev/null || code=$?
    [ "$code" -eq "$expected" ] || fail "lookbook $*: exit status $code, expected $expected"
}

# says TEXT: the last run said TEXT on standard error.
says() {
    grep -qF -- "$1" err || fail "standard error does not say \"$1\""
}

# prints TEXT: the last run printed TEXT on standard output.
prints() {
    grep -qF -- "$1" out || fail "standard output does not say \"$1\""
}

# json KEY...: a value of the last run's standard output, which must be one JSON document.
json() {
    "$JSON_GET" "$@" <out || fail "no such JSON: $*"
}

# equal A B
equal() {
    [ "$1" = "$2" ] || fail "\"$1\" is not \"$2\""
}

# kill_program PID: ends a program of this shell by SIGKILL; it may have ended by itself, with success.
kill_program() {
    local code=0
    kill -KILL "$1" 2>/dev/null || code=$?
    [ "$code" -le 1 ] || fail "kill: exit status $code" # 1: there is no such process any more
    code=0
    wait "$1" || code=$?
    [ "$code" -eq 137 ] || [ "$code" -eq 0 ] || fail "the killed program: exit status $code"
}

# make_shop FOLDER [SEED]: files in FOLDER, and the dataset FOLDER/shop.
make_shop() {
    mkdir -p "$1"
    "$WRITE_SHOP" "$1" "${2:-1}"
    expect 0 import -q -d "$1/shop" --interactions "$1/orders.csv" --products "$1/products.csv" \
        --features "$1/look.npy" --feature-ids "$1/ids.txt" --feature-name look
}

# Options that make training the tiny shop quick.
quick="--dim 8 --epochs 2 --walks 2 --rank 8 --look-dim 4 --decoder-epochs 0"
