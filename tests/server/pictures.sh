#!/usr/bin/env bash
# Pictures of one pixel and of 20,000 pixels a side: an answer each, bounded memory, and the server
# goes on.
. "${BASH_SOURCE%/*}/common.sh"

mkdir drawn photos
"$WRITE_SHOP" .
"$WRITE_NETWORK" net.onnx photos 60
expect 0 import -q -d shop --interactions orders.csv --products products.csv --images photos
expect 0 encode -q -d shop
expect 0 train -q -d shop -o m.safetensors $quick
"$WRITE_PICTURES" drawn

# peak_memory: the most that the server has held, in kB.
peak_memory() {
    awk '/^VmHWM:/ { print $2 }' "/proc/$server_pid/status"
}

# by_picture STATUS FILE: asks with it as a form and in base64; both say the same, but for the ids.
by_picture() {
    ask "$1" POST /api/recommend -F "image=@drawn/$2" -F 'request={"n":3}'
    json "${3:-items}" >first
    (printf '{"n":3,"image":"'; base64 -w0 "drawn/$2"; printf '"}') >ask.json
    send "$1" POST /api/recommend @ask.json
    json "${3:-items}" | cmp - first || fail "$2: base64 and form differ"
}

# with_photo STATUS ID FILE: a product with it, as a form, and changed with it in base64.
with_photo() {
    ask "$1" POST /api/products -F "photo=@drawn/$3" -F "product={\"id\":\"$2\",\"title\":\"$3\"}"
    (printf '{"photo":"'; base64 -w0 "drawn/$3"; printf '"}') >change.json
    if [ "$1" = 201 ]; then
        send 200 PATCH "/api/products/$2" @change.json
        ask 200 GET "/api/products/$2/photo?side=64"
        header Content-Type image/jpeg
    else
        refused "$4"
        send "$1" PATCH /api/products/p1 @change.json
        refused "$4"
        ask 404 GET "/api/products/$2"
    fi
}

start_server -d shop -m m.safetensors
before=$(peak_memory)

# One pixel shows nothing that anything could be like, and is a photo all the same.
for file in one.jpg one.png one.webp; do
    by_picture 400 "$file" error
    refused bad_request
    grep -qF 'one colour all over' out || fail "$file: $(cat out)"
    with_photo 201 "of-$file" "$file"
done
for file in long.jpg line.jpg line.png; do
    by_picture 200 "$file"
    equal "$(json items)" 3
    with_photo 201 "of-$file" "$file"
done
for file in huge.png huge.jpg; do
    by_picture 415 "$file" error
    refused unsupported_media
    grep -qF 'pixels' out || fail "$file: $(cat out)"
    with_photo 415 "of-$file" "$file" unsupported_media
done

# Many of them at once take turns.
addresses=()
for i in $(seq 8); do addresses+=(-o /dev/null "$url/api/recommend"); done
(printf '{"n":3,"image":"'; base64 -w0 drawn/long.jpg; printf '"}') >ask.json
curl -s --no-progress-meter -Z --parallel-max 8 --max-time 60 -w '%{http_code}\n' \
    -H 'Content-Type: application/json' --data-binary @ask.json "${addresses[@]}" >statuses 2>err || fail "curl: $(cat err)"
equal "$(sort -u statuses)" 200
grown=$(($(peak_memory) - before))
[ "$grown" -lt 1000000 ] || fail "the server's memory grew by $grown kB"
ask 200 GET '/api/recommend/u1?n=3'
if grep -q 'request ' serve.err; then server_fails "it had to say something"; fi
stop_server
