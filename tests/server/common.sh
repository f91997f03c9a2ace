# What the tests of `lookbook serve` share, beside what the program's other tests do. Sourced by each.
. "${BASH_SOURCE%/*}/../cli/common.sh"

trap '' PIPE # a server that closes a connection is no reason for a test to die
server_pid=
trap 'if [ -n "$server_pid" ] && kill -0 "$server_pid" 2>/dev/null; then kill -KILL "$server_pid"; fi
      chmod -R u+w "$work"; rm -rf "$work"' EXIT

# start_server ARGUMENTS...: `lookbook serve` on a free port; sets server_pid, url and origin.
start_server() {
    : >serve.err
    "$LOOKBOOK" serve --port 0 "$@" >serve.out 2>serve.err </dev/null &
    server_pid=$!
    local i
    for i in $(seq 600); do
        if grep -q '^lookbook: serving ' serve.err; then break; fi
        kill -0 "$server_pid" 2>/dev/null || server_fails "it ended before it served"
        sleep 0.05
    done
    url=$(sed -n 's/^lookbook: serving \(.*\)\/$/\1/p' serve.err)
    [ -n "$url" ] || server_fails "it does not say where it serves"
    origin=$url
    port=${url##*:}
}

server_fails() {
    sed 's/^/  server: /' serve.err >&2
    fail "$*"
}

# stop_server [STATUS]: ends it with SIGTERM, and checks how it ended.
stop_server() {
    local code=0
    kill -TERM "$server_pid"
    wait "$server_pid" || code=$?
    server_pid=
    [ "$code" -eq "${1:-0}" ] || server_fails "exit status $code, expected ${1:-0}"
}

# ask STATUS METHOD PATH curl-arguments...: a request as the server's own page sends it. The reply's
# body goes to the file out, its headers to the file head.
ask() {
    local expected=$1 method=$2 path=$3 status
    shift 3
    status=$(curl -sS --max-time 60 -o out -D head -w '%{http_code}' -X "$method" \
        -H "Origin: $origin" "$@" "$url$path" 2>err) || fail "$method $path: curl failed"
    [ "$status" = "$expected" ] || fail "$method $path: status $status, expected $expected"
}

# send STATUS METHOD PATH JSON curl-arguments...
send() {
    local expected=$1 method=$2 path=$3 body=$4
    shift 4
    ask "$expected" "$method" "$path" -H 'Content-Type: application/json' --data-binary "$body" "$@"
}

# refused CODE: the last reply is an error of this code, with a sentence, and the request's id.
refused() {
    equal "$(json error code)" "$1"
    [ -n "$(json error message)" ] || fail "an error without a sentence"
    grep -qi "^x-request-id: $(json request_id)" head || fail "the ids of reply and header differ"
}

# header NAME VALUE: the last reply had it.
header() {
    grep -qiF -- "$1: $2" head || fail "no header \"$1: $2\": $(cat head)"
}

# Whether the ids of the last list hold this one.
lists() {
    grep -qF "\"id\":\"$1\"" out
}

# read_rest SECONDS: prints what comes on descriptor 3 until the server ends the connection, or cuts it
# (then cat fails with 1).
read_rest() {
    local code=0
    timeout "$1" cat <&3 2>/dev/null || code=$?
    [ "$code" -le 1 ] || fail "the connection is open after $1 seconds"
}

# raw TEXT: sends bytes as they are (printf's escapes), and prints what comes until the end. The server
# may have refused them before the last is sent.
raw() {
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    if ! printf "$1" >&3 2>/dev/null; then echo "not all was sent" >&2; fi
    read_rest 30
    exec 3>&-
}

# not_served STATUS ARGUMENTS...: the program ends by itself, without serving.
not_served() {
    local expected=$1 code=0
    shift
    timeout -s KILL 120 "$LOOKBOOK" serve --port 0 "$@" >out 2>err </dev/null || code=$?
    [ "$code" -eq "$expected" ] || fail "lookbook serve $*: exit status $code, expected $expected"
}
