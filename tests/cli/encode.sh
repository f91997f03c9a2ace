#!/usr/bin/env bash
# Pictures become features: again, after a kill, with a report, and by a network.
. "${BASH_SOURCE%/*}/common.sh"

# ONNX Runtime keeps a few bytes of its own for good.
echo leak:libonnxruntime >suppressions
export LSAN_OPTIONS=suppressions=$work/suppressions:print_suppressions=0

draw_shop() {
    "$WRITE_SHOP" .
    mkdir drawn
    "$WRITE_NETWORK" net.onnx drawn 60
    expect 0 import -q -d shop --interactions orders.csv --images drawn
}

only_new_pictures_are_encoded() {
    expect 0 encode -q -d shop --name again --json
    equal "$(json recalled)" 0
    local n
    n=$(json encoded)
    expect 0 encode -q -d shop --name again --json
    equal "$(json recalled)" "$n"
    expect 0 encode -d shop --name again --encoder same
    prints "pictures that were encoded before"
    expect 0 encode -q -d shop --name again --anew --json
    equal "$(json recalled)" 0
    expect 0 encode -q -d shop --name again --float16 --json
    equal "$(json recalled)" "$n"
    head -c 128 shop/features/again*.npy | grep -q "'<f2'" || fail "not stored in 16 bits"
}

a_killed_encoding_goes_on() {
    mkdir many
    local i
    for i in $(seq 400); do # each with a content of its own
        cp drawn/p1.jpg "many/P$i.jpg"
        printf '%s' "$i" >>"many/P$i.jpg"
    done
    expect 0 import -q -d killed --interactions orders.csv
    "$LOOKBOOK" encode -q -d killed --images many --threads 1 >out 2>err </dev/null &
    local run=$!
    for i in $(seq 500); do
        [ "$(stat -c %s killed/cache/look.encoding 2>/dev/null || echo 0)" -lt 40000 ] || break
        sleep 0.02
    done
    kill_program "$run"
    expect 0 encode -d killed --json
    equal "$(json encoded)" 400
    [ "$(json recalled)" -ge 16 ] || fail "nothing was gone on from"
    says "going on"
}

what_fails_is_listed() {
    mkdir photos
    printf 'GIF89a' >photos/p1.png
    expect 1 encode -q -d killed --images photos --name bad --report missing/report.csv
    says "missing"
    expect 0 encode -q -d killed --images photos --name bad --report report.csv --json
    equal "$(json broken)" 1
    grep -q '^p1,.*,broken,.*this is GIF' report.csv || fail "the report does not name it"
}

wrong_options_are_explained() {
    expect 2 encode -d shop --encoder ears
    says "FILE.onnx"
    expect 2 encode -d shop --preset resnet
    says "networks"
    expect 2 encode -d shop --preset vgg
    says "caffenet-fc7|resnet|mobilenet|clip"
    expect 2 encode -d shop --encoder words --report x.csv
    says "reads no pictures"
    expect 2 encode -d shop --encoder net.onnx
    says "preset"
    expect 2 encode -d shop --encoder net.onnx --size 8 --tiles 5
    says "tiles is \"5\": must be a level of 0 to 4"
    expect 1 encode -d shop --encoder net.onnx --size 8 --onnx-library /no/such.so
    says "/no/such.so: there is no such file"
    expect 1 encode -d shop --encoder none.onnx --size 8
    says "none.onnx"
}

a_network_makes_a_feature() {
    local library=()
    [ ! -e "$ONNX_LIBRARY" ] || library=(--onnx-library "$ONNX_LIBRARY")
    printf '{"size": 8, "range": 255, "tiles": 2}' >net.json
    if ! "$LOOKBOOK" encode -q -d shop --encoder net.onnx "${library[@]}" --name net >out 2>err; then
        says "this system has no ONNX Runtime"
        echo "skipped: encoding with a network: there is no ONNX Runtime; tools/fetch_onnxruntime fetches it"
        return
    fi
    prints "4 numbers each"
    rm net.onnx net.json
    expect 0 encode -q -d shop --encoder same "${library[@]}" --name net --anew --json
    equal "$(json recalled)" 0
    expect 0 validate -d shop
    prints "made by the encoder onnx-1 "
    prints " tiles=2 "
    expect 0 train -q -d shop --feature net $quick -o model
    expect 0 recommend -m model -d shop --user u0
    expect 0 recommend -m model -d shop --image drawn/p3.jpg -n 3 "${library[@]}" --json
    equal "$(json items 0 id)" p3
    expect 0 similar -m model -d shop --image drawn/p4.jpg -n 3 "${library[@]}" --json
    equal "$(json items 0 id)" p4
    expect 1 similar -m model -d shop --image drawn/p4.jpg --onnx-library /no/such.so
    says "/no/such.so: there is no such file"
    expect 1 recommend -m model -d shop --image drawn/p4.jpg --onnx-library /no/such.so
    says "/no/such.so: there is no such file"
}

draw_shop
only_new_pictures_are_encoded
a_killed_encoding_goes_on
wrong_options_are_explained
what_fails_is_listed
a_network_makes_a_feature
