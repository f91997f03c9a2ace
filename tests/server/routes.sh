#!/usr/bin/env bash
# What each route answers, on a drawn shop with photos.
. "${BASH_SOURCE%/*}/common.sh"

expect 0 demo demo -q --products 80 --shoppers 60 --orders 700 --image-size 48
photo=$(ls demo/files/images/*.jpg | head -1)
other_photo=$(ls demo/files/images/*.jpg | sed -n 7p)
lines='Content-Type: application/x-ndjson'

lists_come_with_reasons() {
    ask 200 GET '/api/recommend/SHOPPER000001?n=5&exclude_seen=1'
    equal "$(json items)" 5
    equal "$(json based_on)" history
    json request_id >/dev/null
    json took_ms >/dev/null
    json items 0 reason because_title >/dev/null
    local first
    first=$(json items 3 id)
    ask 200 GET '/api/recommend/SHOPPER000001?n=2&offset=3&exclude_seen=1&explain=0'
    equal "$(json items 0 id)" "$first"
    equal "$(json items 0 reason)" null
    send 200 POST /api/recommend '{"liked":["DEMO000001","DEMO000002"],"disliked":["DEMO000003"],
        "exclude":["DEMO000004"],"n":40,"diversity":0.3,"new":2,"available":false}'
    equal "$(json based_on)" liked
    if lists DEMO000003 || lists DEMO000004; then fail "what was not wanted is in the list"; fi
    ask 200 GET '/api/similar/DEMO000001?by=look&n=3'
    equal "$(json items)" 3
    ask 200 GET /api/categories
    [ "$(json categories)" -gt 3 ] || fail "few categories"
    local category
    category=$(json categories 0 name)
    ask 200 GET /api/products -G --data-urlencode "category=$category" --data 'n=3'
    equal "$(json products 0 category)" "$category"
    # Limits of the price hold in every list, and lists say what they are about.
    ask 200 GET '/api/recommend/SHOPPER000001?n=80&price_min=20&price_max=40.5'
    [ "$(json items)" -gt 3 ] || fail "few products of that price"
    for i in $(seq 0 $(($(json items) - 1))); do
        json items "$i" price
    done | awk '$1 < 20 || $1 > 40.5 { exit 1 }' || fail "a price is outside the limits: $(cat out)"
    json items 0 brand >/dev/null
    json items 0 category >/dev/null
    local n
    n=$(json items)
    ask 200 GET '/api/products?n=1&price_min=20&price_max=40.5'
    [ "$(json total)" -ge "$n" ] || fail "the catalogue has fewer of that price than the list"
    ask 200 GET '/api/similar/DEMO000001?n=80&price_min=1000'
    equal "$(json items)" 0
    send 200 POST /api/recommend '{"liked":["DEMO000001"],"price_max":0}'
    equal "$(json items)" 0
    ask 400 GET '/api/recommend/SHOPPER000001?price_min=-1'
    refused bad_field
    ask 400 GET '/api/products?price_min=2&price_max=1'
    refused bad_request
}

photos_are_understood() {
    ask 200 POST /api/recommend -F "image=@$photo" -F 'request={"n":3}'
    equal "$(json based_on)" image
    equal "$(json items)" 3
    printf '{"user":"SHOPPER000001","n":3,"image":"%s"}' "$(base64 -w0 "$photo")" >ask.json
    send 200 POST /api/recommend @ask.json
    equal "$(json items)" 3
    ask 400 POST /api/recommend -F "image=@ask.json"
    ask 400 POST /api/recommend -F "image="
    refused bad_image
    head -c 300 "$photo" >cut.jpg
    ask 400 POST /api/recommend -F "image=@cut.jpg"
    refused bad_image
}

products_come_and_go() {
    echo '{"id":"fresh/1","title":"<b>Fresh</b> '"'"'); DROP TABLE products;--","price":9.5}' >product
    ask 201 POST /api/products -F "photo=@$photo" -F 'product=<product'
    equal "$(json title)" "<b>Fresh</b> '); DROP TABLE products;--"
    equal "$(json photo)" true
    equal "$(json new)" true
    if grep -q '<b>' out; then fail "text is not escaped"; fi
    ask 409 POST /api/products -F 'product={"id":"fresh/1"}'
    refused exists
    # It can be recommended from now on, and only while it is available.
    ask 200 POST /api/recommend -F "image=@$photo" -F 'request={"n":5}'
    lists fresh/1 || fail "a new product is not recommended: $(cat out)"
    send 200 PATCH /api/products/fresh%2F1 '{"available":false,"title":"Out of stock","brand":""}'
    equal "$(json available)" false
    equal "$(json brand)" null
    ask 200 POST /api/recommend -F "image=@$photo" -F 'request={"n":5}'
    if lists fresh/1; then fail "a product that is not available is recommended"; fi
    ask 200 PATCH /api/products/fresh%2F1 -F "photo=@$other_photo"
    ask 200 GET '/api/products/fresh%2F1/photo?side=64'
    header Content-Type image/jpeg
    header Cache-Control 'private, max-age=3600'
    ask 304 GET '/api/products/fresh%2F1/photo?side=64' \
        -H "If-None-Match: $(sed -n 's/^ETag: \(.*\)\r$/\1/p' head)"
    ask 400 GET '/api/products/fresh%2F1/photo?side=65'
    ask 200 GET '/api/products?search=out+of&new=1'
    equal "$(json total)" 1
    ask 200 DELETE /api/products/fresh%2F1
    equal "$(json deleted)" fresh/1
    ask 404 DELETE /api/products/fresh%2F1
    refused not_found
    ask 404 GET /api/products/fresh%2F1/photo
    send 404 PATCH /api/products/fresh%2F1 '{"title":"x"}'
    send 400 POST /api/products '{"title":"no id"}'
    refused bad_field
    send 400 POST /api/products '{"id":"x","price":-1}'
    refused bad_field
    send 400 POST /api/products '{"id":"a\u0007b"}'
    refused bad_request
}

feedback_is_known_at_once() {
    ask 200 GET '/api/recommend/somebody?n=3'
    equal "$(json based_on)" popular
    send 200 POST /api/feedback '{"user":"somebody","product":"DEMO000001","kind":"liked"}'
    equal "$(json stored)" 1
    ask 200 GET '/api/recommend/somebody?n=80'
    equal "$(json based_on)" feedback
    send 200 POST /api/feedback '{"feedback":[
        {"user":"somebody","product":"DEMO000005","kind":"disliked"},
        {"user":"somebody","product":"DEMO000006","kind":"bought","time":1700000000}]}' \
        -H 'Idempotency-Key: order-1'
    equal "$(json stored)" 2
    ask 200 GET '/api/recommend/somebody?n=80&exclude_seen=1'
    if lists DEMO000005 || lists DEMO000006; then fail "feedback is not known"; fi
    send 409 POST /api/feedback '{"user":"somebody","product":"DEMO000001","kind":"liked"}' \
        -H 'Idempotency-Key: order-1'
    refused mismatch
    send 200 POST /api/feedback '{"feedback":[
        {"user":"somebody","product":"DEMO000005","kind":"disliked"},
        {"user":"somebody","product":"DEMO000006","kind":"bought","time":1700000000}]}' \
        -H 'Idempotency-Key: order-1'
    equal "$(json repeated)" true
    send 404 POST /api/feedback '{"feedback":[{"user":"somebody","product":"DEMO000007","kind":"liked"},
        {"user":"somebody","product":"nothing","kind":"liked"}]}'
    refused not_found
    send 400 POST /api/feedback '{"user":"somebody","product":"DEMO000001","kind":"seen"}'
    send 400 POST /api/feedback '{"feedback":[]}'
    ask 200 GET /api/users/somebody
    equal "$(json history 0 product)" DEMO000006
    equal "$(json history 0 time)" 1700000000
    equal "$(json liked)" 1 # and nothing of the batch that was refused
    equal "$(json disliked 0 product)" DEMO000005
    ask 200 GET '/api/users?search=some'
    equal "$(json total)" 1
}

users_are_erased() {
    ask 200 DELETE /api/users/somebody
    ask 404 GET /api/users/somebody
    refused not_found
    ask 404 DELETE /api/users/somebody
    ask 200 GET '/api/recommend/somebody?n=3'
    equal "$(json based_on)" popular
    ask 200 GET /api/bulk/feedback
    if grep -q somebody out; then fail "an erased user is in the dump"; fi
}

bulk_goes_out_and_in() {
    ask 200 GET /api/bulk/products
    header Content-Type application/x-ndjson
    equal "$(wc -l <out)" 80
    cp out products.ndjson
    ask 200 POST /api/bulk/products -H "$lines" --data-binary @products.ndjson
    equal "$(json stored)" 80
    ask 200 GET /api/bulk/products
    cmp out products.ndjson || fail "what went out and in again is not the same"
    # With photos it is all that another shop needs.
    ask 200 GET '/api/bulk/products?photos=1'
    cp out whole.ndjson
    equal "$(grep -c '"photo":"' whole.ndjson)" 80
    grep "\"id\":\"$(basename "$photo" .jpg)\"" whole.ndjson | "$JSON_GET" photo | base64 -d | cmp - "$photo" || fail "another photo came"
    ask 200 GET /api/bulk/feedback
    [ "$(wc -l <out)" -gt 500 ] || fail "few lines of feedback"
    # Bad lines are named, the others stay.
    local i
    for i in $(seq 1200); do
        case $i in
        7) echo '{"user":"bulk","product":"nothing","kind":"liked"}' ;;
        8) echo '{"user":"bulk","product":"DEMO000001"' ;;
        900) echo '{"user":"bulk","product":"DEMO000001","kind":"seen"}' ;;
        *) echo '{"user":"bulk'"$i"'","product":"DEMO000001","kind":"liked"}' ;;
        esac
    done >feedback.ndjson
    ask 200 POST /api/bulk/feedback -H "$lines" --data-binary @feedback.ndjson
    equal "$(json lines)" 1200
    equal "$(json stored)" 1197
    equal "$(json errors)" 3
    grep -qF '{"line":7,"code":"not_found"' out || fail "line 7 is not named: $(cat out)"
    grep -qF '{"line":8,"code":"bad_json"' out || fail "line 8 is not named"
    grep -qF '{"line":900,"code":"bad_field"' out || fail "line 900 is not named"
    ask 200 GET '/api/users?search=bulk&n=1'
    equal "$(json total)" 1197
}

operation_is_told() {
    ask 200 GET /api/health/live
    equal "$(json status)" ok
    ask 200 GET /api/health/ready
    ask 200 GET '/api/map?n=50&user=SHOPPER000001'
    equal "$(json products)" 50
    json user x >/dev/null
    ask 200 GET /api/state
    equal "$(json dataset products)" 80
    equal "$(json requests errors)" 0
    json requests p99_ms >/dev/null
    ask 200 GET /metrics
    grep -qF 'lookbook_requests_total{method="POST",route="/api/feedback",status="200"} 3' out ||
        fail "requests are not counted: $(grep feedback out)"
    grep -q '^lookbook_products 80$' out || fail "products are not counted"
    grep -q '^lookbook_request_seconds_bucket{le="+Inf"} [1-9]' out || fail "no histogram"
    ask 200 POST /api/admin/backup
    local name
    name=$(json backup)
    [ -s "demo/shop/backups/$name/shop.db" ] || fail "there is no backup"
    expect 0 validate -d "demo/shop/backups/$name"
    ask 404 POST /api/admin/rollback
    cp demo/vasg.safetensors first.safetensors
    expect 0 train -q -d demo/shop -o demo/vasg.safetensors --seed 2 $quick
    ask 200 POST /api/admin/reload
    equal "$(json model previous)" true
    ask 200 POST /api/admin/rollback
    cmp demo/vasg.safetensors first.safetensors || fail "the model is not the one before"
    head -c 1000 first.safetensors >demo/vasg.safetensors
    ask 409 POST /api/admin/reload
    refused mismatch
    ask 200 GET '/api/recommend/SHOPPER000001?n=3' # goes on with the one it has
    kill -HUP "$server_pid"
    until grep -q 'the model stays as it was' serve.err; do sleep 0.05; done
    cp first.safetensors demo/vasg.safetensors
    kill -HUP "$server_pid"
    until grep -q 'the model was taken in anew' serve.err; do sleep 0.05; done
    ask 200 GET /metrics
    grep -q '^lookbook_reloads_total 2$' out || fail "reloads are not counted"
    grep -q '^lookbook_reload_failures_total 2$' out || fail "failed reloads are not counted"
}

start_server -d demo/shop -m demo/vasg.safetensors --access-log access.log
lists_come_with_reasons
photos_are_understood
products_come_and_go
feedback_is_known_at_once
users_are_erased
bulk_goes_out_and_in
operation_is_told
stop_server
grep -q '"method":"POST","target":"/api/feedback","status":200' access.log || fail "no access log"
while read -r line; do echo "$line" | "$JSON_GET" status >/dev/null; done < <(head -20 access.log)

# Photos that come faster than they can be looked at are told to come back; other questions go on.
photos_wait_in_a_short_queue() {
    start_server -d demo/shop -m demo/vasg.safetensors --image-queue 1 --threads 1
    local i addresses=()
    for i in $(seq 100); do addresses+=(-o /dev/null "$url/api/recommend"); done
    curl -s --no-progress-meter -Z --parallel-max 24 --max-time 60 -w '%{http_code}\n' \
        -H 'Content-Type: application/json' --data-binary @ask.json "${addresses[@]}" \
        >statuses 2>err &
    local crowd=$!
    ask 200 GET '/api/recommend/SHOPPER000001?n=3'
    wait "$crowd" || fail "curl: $(cat err)"
    equal "$(grep -cE '^(200|503)$' statuses)" 100
    grep -q '^200$' statuses || fail "no photo was looked at"
    grep -q '^503$' statuses || fail "no photo was refused"
    stop_server
}

photos_wait_in_a_short_queue

requests_are_answered() {
    start_server -d demo/shop -m demo/whisper.safetensors --study
    ask 200 GET /api/recommend -G --data-urlencode 'text=a light dress' --data n=3
    equal "$(json based_on)" text
    equal "$(json items)" 3
    json items 0 reason words >/dev/null
    send 200 POST /api/recommend '{"user":"SHOPPER000001","text":"dress \u05e9\u05de\u05dc\u05d4 \ud83d\udc57","n":3}'
    equal "$(json based_on)" history
    send 200 POST /api/recommend '{"text":" \n ","n":3}'
    equal "$(json based_on)" popular
    printf '{"text":"%s"}' "$(head -c 1000000 /dev/zero | tr '\0' x)" >long.json
    send 400 POST /api/recommend @long.json
    refused bad_field
    ask 200 GET '/api/requests?n=4'
    equal "$(json takes_text)" true
    equal "$(json requests)" 4
    ask 200 GET /api/study
    equal "$(json left)" "$(json right)"
    send 200 POST /api/study "{\"pair\":\"$(json pair)\",\"vote\":\"same\"}"
    ask 200 GET /api/study/results
    equal "$(json same)" 1
    send 404 POST /api/study '{"pair":"0123456789abcdef","vote":"left"}'
    send 400 POST /api/study '{"pair":"0123456789abcdef","vote":"up"}'
    stop_server
}

requests_are_answered
start_server -d demo/shop -m demo/vasg.safetensors --no-page
ask 404 GET /
ask 200 GET /api/health/live
ask 400 GET '/api/recommend?text=dress'
refused bad_request
ask 400 POST /api/recommend -F "image=@$photo" -F 'request={"text":"dress"}'
refused bad_request
json error message | grep -q "takes no request in words" || fail "the text is not what is refused"
ask 404 GET /api/study
stop_server
