#!/usr/bin/env bash
# Load, kills, locks and full disks: what was acknowledged is there, and nothing else fails.
. "${BASH_SOURCE%/*}/common.sh"

make_shop . 1
expect 0 encode -q -d shop --encoder words
expect 0 train -q -d shop -o m.safetensors $quick

# Under load, while things are written and the model is reloaded, no request fails and no list holds
# what it should not.
load_is_answered() {
    start_server -d shop -m m.safetensors
    "$LOAD" "$port" --seconds "${LOAD_SECONDS:-4}" --connections 8 --users 40 --reload 2 --write-ms 5 \
        >load.out 2>err || fail "under load: $(cat load.out)"
    stop_server
    if grep -q 'request ' serve.err; then server_fails "it had to say something"; fi
}

# Writers of one product at once: each gets an answer, and the product ends as one of them wrote it.
writers_of_one_product_do_not_mix() {
    start_server -d shop -m m.safetensors
    local i pids=() k
    for i in 1 2 3 4; do
        (for k in $(seq 10); do
            curl -sSf -o /dev/null -X PATCH -H "Origin: $origin" -H 'Content-Type: application/json' \
                --data-binary "{\"title\":\"writer $i\",\"brand\":\"writer $i\"}" "$url/api/products/p5"
        done) &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i" || fail "a write to one product failed"; done
    ask 200 GET /api/products/p5
    equal "$(json title)" "$(json brand)"
    # One of many that add the same product wins.
    pids=()
    for i in 1 2 3 4 5 6; do
        curl -s -o /dev/null -w '%{http_code}\n' -X POST -H "Origin: $origin" \
            -H 'Content-Type: application/json' --data-binary "{\"id\":\"race\",\"title\":\"$i\"}" \
            "$url/api/products" >"race.$i" &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    equal "$(cat race.* | sort | uniq -c | tr -s ' ' | tr '\n' ';')" " 1 201; 5 409;"
    stop_server
}

# Feedback that was acknowledged before a kill is there after it.
kills_lose_nothing() {
    start_server -d shop -m m.safetensors
    : >acknowledged
    (i=0
        while :; do
            i=$((i + 1))
            status=$(curl -s -o /dev/null -w '%{http_code}' -H "Origin: $origin" \
                -H 'Content-Type: application/json' --data-binary \
                "{\"user\":\"killed$i\",\"product\":\"p$((i % 80))\",\"kind\":\"liked\"}" \
                "$url/api/feedback") || break
            [ "$status" = 200 ] || break
            echo "killed$i p$((i % 80))" >>acknowledged
        done) &
    local writer=$!
    while [ "$(wc -l <acknowledged)" -lt 40 ]; do
        kill -0 "$writer" 2>/dev/null || server_fails "feedback is not taken"
        sleep 0.02
    done
    kill_program "$server_pid"
    wait "$writer" || fail "the writer failed"
    start_server -d shop -m m.safetensors
    local user product
    while read -r user product; do
        ask 200 GET "/api/users/$user"
        equal "$(json liked 0 product)" "$product"
    done <acknowledged
    stop_server
    expect 0 validate -d shop
}

# While another program holds the database, questions are answered and changes are told to come back.
locked_databases_are_waited_for() {
    start_server -d shop -m m.safetensors
    exec 4> >(sqlite3 shop/shop.db >/dev/null 2>&1)
    local holder=$!
    echo 'BEGIN EXCLUSIVE; SELECT count(*) FROM users;' >&4
    sleep 0.5
    ask 200 GET '/api/recommend/u1?n=3'
    send 503 POST /api/feedback '{"user":"u1","product":"p1","kind":"liked"}'
    refused busy
    header Retry-After 1
    if grep -qF shop.db out; then fail "a path is told to a client"; fi
    echo 'ROLLBACK;' >&4
    exec 4>&-
    wait "$holder" || fail "sqlite3 failed"
    send 200 POST /api/feedback '{"user":"u1","product":"p1","kind":"liked"}'
    stop_server
}

# A limit on the size of files stands for a full disk.
full_disks_are_told() {
    local i status=
    cp -r shop full
    : >serve.err
    # Enough for the start, which may copy the model.
    local largest
    largest=$(stat -c %s full/shop.db m.safetensors | sort -n | tail -1)
    (ulimit -f "$((largest / 1024 + 200))" &&
        exec "$LOOKBOOK" serve --port 0 -d full -m m.safetensors >serve.out 2>serve.err) &
    server_pid=$!
    until grep -q '^lookbook: serving ' serve.err; do
        kill -0 "$server_pid" 2>/dev/null || server_fails "it ended before it served"
        sleep 0.05
    done
    url=$(sed -n 's/^lookbook: serving \(.*\)\/$/\1/p' serve.err)
    origin=$url
    head -c 60000 /dev/zero | tr '\0' x >long
    for i in $(seq 200); do
        printf '{"id":"full%s","title":"%s"}' "$i" "$(cat long)" >full.json
        status=$(curl -s -o out -D head -w '%{http_code}' -H "Origin: $origin" \
            -H 'Content-Type: application/json' --data-binary @full.json "$url/api/products")
        if [ "$status" != 201 ]; then break; fi
    done
    equal "$status" 507
    refused no_space
    if grep -qF "$PWD" out; then fail "a path is told to a client"; fi
    grep -q 'request ' serve.err || server_fails "the operator is not told"
    ask 200 GET '/api/recommend/u1?n=3'
    ask 404 GET "/api/products/full$i" # what failed is not there
    ask 200 GET "/api/products/full$((i - 1))"
    stop_server
    expect 0 validate -d full
}

# SIGTERM: what has begun is answered, what is open hears of it, and the program ends with 0.
it_drains() {
    start_server -d shop -m m.safetensors --deadline 20
    exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /api/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n' >&6
    local line
    until read -r line <&6 && [ "$line" = $'\r' ]; do :; done
    printf 'POST /api/recommend HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 23\r\nConnection: close\r\n\r\n{"liked":["p1"]' >&5
    sleep 0.3
    kill -TERM "$server_pid"
    sleep 0.3
    printf 'GET /api/health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n' >&6
    timeout 10 cat <&6 >ready
    grep -q '503' ready || fail "it does not say that it drains: $(cat ready)"
    grep -q '"status":"draining"' ready || fail "it does not say that it drains"
    printf ',"n":2 }' >&5
    timeout 10 cat <&5 >out
    exec 5>&- 6>&-
    grep -q '^HTTP/1.1 200 ' out || fail "what had begun was not answered: $(cat out)"
    local code=0
    wait "$server_pid" || code=$?
    server_pid=
    equal "$code" 0
}

load_is_answered
writers_of_one_product_do_not_mix
kills_lose_nothing
locked_databases_are_waited_for
full_disks_are_told
it_drains
