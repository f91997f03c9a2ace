#!/usr/bin/env bash
# What the server refuses: bad input, people without a key, other sites, slow and large requests.
. "${BASH_SOURCE%/*}/common.sh"

make_shop . 1
expect 0 train -q -d shop -o m.safetensors $quick
json_type='Content-Type: application/json'

it_starts_with_reasons_or_not_at_all() {
    not_served 1 -d shop -m nothing.safetensors
    says "nothing.safetensors"
    not_served 1 -d nowhere -m m.safetensors
    says "nowhere"
    not_served 1 -d shop -m m.safetensors --listen 0.0.0.0
    says "needs keys: give --keys FILE"
    not_served 1 -d shop -m m.safetensors --listen shop.example
    says "an IPv4 or IPv6 address is wanted"
    echo 'read 0123456789abcdef' >open.keys
    chmod 644 open.keys
    not_served 1 -d shop -m m.safetensors --keys open.keys
    says "others can read it"
    not_served 1 -d shop -m m.safetensors --keys nothing.keys
    says "nothing.keys: No such file"
    not_served 1 -d shop -m m.safetensors --access-log nowhere/log
    says "nowhere/log"
    not_served 2 -d shop -m m.safetensors --port 70000
    says "must be a whole number from 0 to 65535"
    not_served 2 -d shop
    says "-m MODEL (--model) is missing"
    start_server -d shop -m m.safetensors
    make_shop other 7
    expect 0 train -q -d other/shop -o other.safetensors $quick
    not_served 1 -d other/shop -m other.safetensors --port "$port"
    says "another program listens there"
    not_served 1 -d shop -m other.safetensors
    stop_server
}

bad_fields_are_named() {
    local body
    for n in 0 1000000000 1001 -1 1.5 ten ''; do
        ask 400 GET "/api/recommend/u1?n=$n"
        refused bad_field
        grep -qF '\"n\" must be a whole number from 1 to 1000' out || fail "n=$n: $(cat out)"
    done
    ask 400 GET '/api/recommend/u1?number=1'
    refused bad_field
    grep -qF 'there is no field \"number\"' out || fail "$(cat out)"
    ask 400 GET '/api/recommend/u1?n=1&n=2'
    refused bad_field
    ask 400 GET '/api/similar/p1?by=smell'
    refused bad_field
    ask 400 GET '/api/recommend/u1?diversity=2'
    refused bad_field
    ask 400 GET '/api/recommend/u1?offset=9999&n=10'
    refused bad_request
    for body in '{"liked":["p1"],"n":0}' '{"liked":["p1"],"n":1e9}' '{"liked":["p1"],"n":"1"}' \
        '{"liked":"p1"}' '{"liked":["p1"],"colour":"red"}' '{"liked":["p1"],"liked":["p2"]}' '[]' \
        '{"liked":["p1"],"image":"not base64"}' '{"user":""}'; do
        send 400 POST /api/recommend "$body"
        refused bad_field
    done
    send 400 POST '/api/recommend?n=3' '{"liked":["p1"]}'
    refused bad_field
    send 200 POST /api/recommend '{}' # nothing is known, which is no error
    equal "$(json based_on)" popular
}

bad_json_is_told_from_good() {
    local body
    for body in '' '{' '{"liked":[}' '{"liked":["p1"]} x' 'null x' '{"a":01}' "{'a':1}" \
        '{"user":"a\u0000b"}' $'{"user":"\xff"}' $'{"user":"a\nb"}' \
        '[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]'; do
        send 400 POST /api/recommend "$body"
        refused bad_json
    done
    head -c 100000 /dev/zero | tr '\0' '[' >deep
    send 400 POST /api/recommend @deep
    refused bad_json
    (printf '{"liked":[0'; head -c 200000 /dev/zero | sed 's/\x00/,0/g'; printf ']}') >many
    send 413 POST /api/recommend @many
    refused too_many_items
}

unknown_things_are_not_found() {
    ask 404 GET /api/similar/nothing
    refused not_found
    ask 404 GET /api/products/nothing
    refused not_found
    send 404 POST /api/recommend '{"liked":["nothing"]}'
    refused not_found
    ask 200 GET /api/recommend/nobody # gets what is popular
    send 200 POST /api/recommend '{}' # and so does somebody who says nothing
    equal "$(json based_on)" popular
}

other_types_and_methods_are_refused() {
    ask 415 POST /api/recommend -H 'Content-Type: text/plain' --data '{"liked":["p1"]}'
    refused unsupported_media
    ask 415 POST /api/feedback --data 'user=u1'
    refused unsupported_media
    ask 400 POST /api/recommend -H 'Content-Type: multipart/form-data' --data x
    refused bad_request
    ask 400 POST /api/recommend -F 'picture=@m.safetensors'
    refused bad_field
    ask 405 PUT /api/products/p1
    refused method_not_allowed
    header Allow "GET, HEAD, PATCH, DELETE"
    ask 405 OPTIONS /api/feedback -H 'Access-Control-Request-Method: POST'
    header Allow "POST"
    if grep -qi access-control head; then fail "the server speaks of CORS"; fi
    ask 400 GET /api/products/p1 --data x
    refused bad_request
}

# No path leads to a file, however it is written.
paths_do_not_reach_files() {
    local path
    for path in /app/../../shop.db /app/%2e%2e%2fshop.db /app/..%2f..%2f..%2fetc%2fpasswd \
        /../../etc/passwd //etc/passwd /app/ /app /app//main.js /API/state /api/state/ \
        /api/products/p1/photo/ /shop.db /%2e/ /api/bulk/../state; do
        ask 404 GET "$path" --path-as-is
        refused not_found
    done
    for path in /api/products/%00 /api/products/p1%00.jpg '/app/%zz' /api/products/%ff \
        '/api/products/a%0d%0ab'; do
        ask 400 GET "$path" --path-as-is
        refused bad_request
    done
    for path in ..%2f..%2fetc%2fpasswd %2fetc%2fpasswd "x'%20OR%20'1'='1" \
        '%3Cscript%3Ealert(1)%3C/script%3E'; do
        case $path in
        */*) ask 404 GET "/api/products/$path" --path-as-is ;;
        *)
            ask 404 GET "/api/products/$path" --path-as-is
            ask 404 GET "/api/products/$path/photo" --path-as-is
            ask 200 GET "/api/recommend/$path" --path-as-is
            ;;
        esac
    done
}

other_names_and_sites_are_refused() {
    local host site
    for host in evil.example "127.0.0.1.evil.example:$port" '' '[::1' 10.1.2.3; do
        ask 403 GET /api/health/live -H "Host: $host"
    done
    refused forbidden
    ask 200 GET /api/health/live -H "Host: localhost:$port"
    ask 200 GET /api/health/live -H 'Host: shop.example'
    raw "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n" >out
    grep -q "^HTTP/1.1 40[03]" out || fail "two hosts were taken"
    origin=http://evil.example
    ask 403 GET /api/state
    refused forbidden
    origin=null
    ask 403 POST /api/recommend -H "$json_type" --data '{"liked":["p1"]}'
    origin=$url
    for site in cross-site same-site; do
        ask 403 GET /api/products -H "Sec-Fetch-Site: $site"
    done
    ask 200 GET / -H 'Sec-Fetch-Site: cross-site' # a link to the page
    # A write wants the server's own Origin, where there are no keys.
    local status
    status=$(curl -s -o out -D head -w '%{http_code}' -X DELETE "$url/api/users/u1")
    equal "$status" 403
    refused forbidden
    ask 200 GET "/api/users?n=1"
}

replies_carry_their_headers() {
    ask 200 GET /
    header Content-Security-Policy "default-src 'none'; script-src 'self'"
    header X-Content-Type-Options nosniff
    header Cache-Control no-cache
    local etag
    etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' head)
    ask 304 GET / -H "If-None-Match: $etag"
    ask 200 GET / -H 'Accept-Encoding: gzip'
    header Content-Encoding gzip
    gzip -dc out | grep -qi '<!doctype html>' || fail "the packed page is not the page"
    ask 200 GET /api/state -H 'X-Request-Id: mine-1'
    header X-Request-Id mine-1
    header Cache-Control no-store
    ask 200 GET /api/state -H 'X-Request-Id: <b>'
    if grep -q '<b>' head; then fail "any request id is taken"; fi
    ask 200 GET /api/openapi.json
    json paths /api/feedback post >/dev/null
    ask 200 HEAD /api/state --head
}

keys_give_rights() {
    printf 'read readreadreadread\nwrite writewritewritewr\nadmin adminadminadminad\n' >keys
    chmod 600 keys
    start_server -d shop -m m.safetensors --keys keys --listen 0.0.0.0
    url=http://127.0.0.1:$port
    origin=$url
    local read='Authorization: Bearer readreadreadread'
    local write='Authorization: Bearer writewritewritewr'
    ask 401 GET /api/state
    refused unauthorised
    header WWW-Authenticate Bearer
    ask 401 GET /metrics
    ask 401 GET /api/state -H 'Authorization: Bearer readreadreadreaD'
    ask 401 GET /api/state -H 'Authorization: Basic cmVhZDpyZWFk'
    ask 200 GET /api/state -H "$read"
    ask 200 GET /metrics -H "$read"
    send 403 POST /api/feedback '{"user":"u1","product":"p1","kind":"liked"}' -H "$read"
    refused forbidden
    ask 403 POST /api/admin/reload -H "$write"
    ask 403 GET /api/bulk/products -H "$write"
    ask 200 GET /api/bulk/products -H 'Authorization: Bearer adminadminadminad'
    # With a key a write needs no Origin, but one of another site is refused.
    origin=http://evil.example
    ask 403 GET /api/state -H "$read"
    origin=$url
    ask 200 GET /api/health/live
    ask 200 GET /
    stop_server
}

# A request has --deadline seconds to arrive, in whatever drops it comes.
slow_requests_are_ended() {
    start_server -d shop -m m.safetensors --deadline 1
    drip() { # FIRST PIECE
        exec 3<>"/dev/tcp/127.0.0.1/$port"
        printf "$1" >&3
        local i
        for i in $(seq 30); do
            sleep 0.2
            printf "$2" >&3 2>/dev/null || break
        done 2>/dev/null
        read_rest 10
        exec 3>&-
    }
    drip "POST /api/recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n" '[' >out
    grep -q '^HTTP/1.1 408 ' out || fail "a slow body: $(cat out)"
    grep -q '"code":"timeout"' out || fail "a slow body has no reason"
    drip "GET /api/state HTTP/1.1\r\nHost: localhost\r\n" 'X-A: b\r\n' >out
    grep -q '^HTTP/1.1 408 ' out || fail "slow headers: $(cat out)"
    drip "GE" "T" >out
    if grep -q '^HTTP/1.1 2' out; then fail "a slow line was answered"; fi
    ask 200 GET /metrics
    grep -q '^lookbook_requests_late_total [123]$' out || fail "the late ones are not counted"
    # A connection of many requests may live longer than one of them.
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    for i in 1 2 3 4; do
        printf 'GET /api/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n' >&3
        sleep 0.5
    done
    printf 'GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
    timeout 10 cat <&3 >out
    exec 3>&-
    equal "$(grep -c '"status":"ok"' out)" 5
    stop_server
}

large_requests_are_refused() {
    start_server -d shop -m m.safetensors --max-body 100000
    head -c 3000000 /dev/zero >big
    send 413 POST /api/recommend @big
    refused too_large
    send 413 POST /api/recommend @big -H 'Expect:'
    refused too_large
    head -c 150000 /dev/zero >over
    send 413 POST /api/recommend @over -H 'Transfer-Encoding: chunked' -H 'Expect:'
    refused too_large
    local long
    long=$(head -c 10000 /dev/zero | tr '\0' a)
    ask 414 GET "/api/recommend/$long"
    refused long_address
    ask 414 GET "/api/products?search=$long"
    refused long_address
    ask 431 GET /api/state -H "X-A: $long" -H "X-B: $long" -H "X-C: $long" -H "X-D: $long"
    refused large_header
    ask 200 GET /api/state -H "X-A: $long" -H "X-B: $long" -H "X-C: $long"
    # What does not fit into the HTTP library's memory, and what is no HTTP, it refuses itself.
    raw "GET /api/state HTTP/1.1\r\nHost: localhost\r\nX-A: $(head -c 100000 /dev/zero | tr '\0' a)\r\n\r\n" >out
    grep -q '^HTTP/1.1 4[0-9][0-9] ' out || fail "a header of 100,000 bytes: $(head -c 300 out)"
    raw 'no HTTP\r\n\r\n' >out
    if grep -q '^HTTP/1.[01] [235]' out; then fail "what is no HTTP: $(head -c 300 out)"; fi
    ask 200 GET /api/health/live
    stop_server
}

it_starts_with_reasons_or_not_at_all
start_server -d shop -m m.safetensors --host shop.example
bad_fields_are_named
bad_json_is_told_from_good
unknown_things_are_not_found
other_types_and_methods_are_refused
paths_do_not_reach_files
other_names_and_sites_are_refused
replies_carry_their_headers
stop_server
keys_give_rights
slow_requests_are_ended
large_requests_are_refused
