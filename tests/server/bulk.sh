#!/usr/bin/env bash
# What goes out in bulk is all there is, and makes the same products in another shop.
. "${BASH_SOURCE%/*}/common.sh"

lines='Content-Type: application/x-ndjson'
mkdir photos
"$WRITE_SHOP" .
"$WRITE_NETWORK" net.onnx photos 60
expect 0 import -q -d shop --interactions orders.csv --products products.csv --images photos
expect 0 encode -q -d shop
expect 0 train -q -d shop -o m.safetensors $quick
printf 'user,item\nsomebody,other1\nsomebody,other2\n' >few.csv
expect 0 import -q -d empty --interactions few.csv
expect 0 train -q -d empty --model pop -o empty.safetensors

# post KIND FILE N: all of the file's lines are stored.
post() {
    ask 200 POST "/api/bulk/$1" -H "$lines" --data-binary "@$2"
    equal "$(json stored)" "$3"
    equal "$(json failed)" 0
}

# More of each kind than fits into what GET /api/users/{id} tells.
all_feedback_goes_out() {
    local i
    for i in $(seq 2500); do
        echo "{\"id\":\"many$i\",\"available\":true}" >&3
        echo "{\"user\":\"collector\",\"product\":\"many$i\",\"kind\":\"liked\",\"time\":$((1700000000 + i))}" >&4
    done 3>many.ndjson 4>likes.ndjson
    post products many.ndjson 2500
    post feedback likes.ndjson 2500
    ask 200 GET /api/users/collector
    equal "$(json liked)" 1000
    ask 200 GET /api/state
    local bought
    bought=$(json dataset interactions)
    ask 200 GET /api/bulk/feedback
    cp out feedback.ndjson
    sort likes.ndjson >expected
    grep '"collector"' feedback.ndjson | sort | cmp - expected || fail "not all feedback goes out"
    equal "$(grep -c '"bought"' feedback.ndjson)" "$bought"
    equal "$(sort feedback.ndjson | uniq -d | wc -l)" 0
}

products_make_another_shop() {
    ask 200 GET /api/state
    local n
    n=$(json dataset products)
    ask 200 GET /api/bulk/products
    if grep -q '"photo"' out; then fail "photos go out unasked"; fi
    ask 200 GET '/api/bulk/products?photos=1'
    sort out >products.ndjson
    equal "$(wc -l <products.ndjson)" "$n"
    equal "$(grep -c '"photo":"' products.ndjson)" 60
    grep '"id":"p7"' products.ndjson | "$JSON_GET" photo | base64 -d | cmp - photos/p7.jpg ||
        fail "another photo came"
    ask 400 GET '/api/bulk/feedback?photos=1'
    refused bad_field
    stop_server
    start_server -d empty -m empty.safetensors
    post products products.ndjson "$n"
    ask 200 GET '/api/bulk/products?photos=1'
    grep -v '"id":"other' out | sort | cmp - products.ndjson || fail "the products are not the same"
    ask 200 GET '/api/products/p7/photo?side=64'
    post feedback feedback.ndjson "$(wc -l <feedback.ndjson)"
    stop_server
    expect 0 validate -d empty
}

start_server -d shop -m m.safetensors
all_feedback_goes_out
products_make_another_shop
