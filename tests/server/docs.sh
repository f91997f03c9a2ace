#!/usr/bin/env bash
# The code blocks of docs/ that are marked "sh serve" run as they stand against a running server, but
# for its port, and none of their requests fails.
. "${BASH_SOURCE%/*}/common.sh"

blocks() { # FILE
    awk '/^```sh serve$/ { on = 1; next } /^```/ { on = 0 } on' "$1"
}

expect 0 demo demo -q --products 80 --shoppers 60 --orders 700 --image-size 48
cp "$(ls demo/files/images/*.jpg | head -1)" photo.jpg
export KEY=0123456789abcdef0123456789abcdef
echo "admin $KEY" >keys
chmod 600 keys
start_server -d demo/shop -m demo/whisper.safetensors --keys keys
cat >run <<'END'
set -euo pipefail
curl() {
    command curl -sSf --max-time 60 "$@"
    echo
}
END
found=0
for file in "$SOURCE"/docs/*.md; do
    blocks "$file" >commands
    [ -s commands ] || continue
    found=$((found + 1))
    (cat run && sed "s/127\.0\.0\.1:8080/127.0.0.1:$port/g" commands) >now
    bash -x now >out 2>err || fail "a request of $file fails"
    grep -q '"based_on":"history"' out || fail "the requests of $file were not answered"
done
equal "$found" 1
stop_server
