#!/usr/bin/env bash
# Networks that see and read: products encoded by both, requests read by one, what does not fit.
. "${BASH_SOURCE%/*}/common.sh"

# ONNX Runtime keeps a few bytes of its own for good.
echo leak:libonnxruntime >suppressions
export LSAN_OPTIONS=suppressions=$work/suppressions:print_suppressions=0

library=()
[ ! -e "$ONNX_LIBRARY" ] || library=(--onnx-library "$ONNX_LIBRARY")
small="--title-dim 32 --rank 8 --look-dim 8 --history 8 --taste-dim 8 --taste-epochs 2 --hidden 8 --epochs 2 --requests 128 --batch 32 --buckets 512"
fast=title-dim=32,rank=8,look-dim=8,history=8,taste-dim=8,taste-epochs=2,hidden=8,epochs=2,requests=128,batch=32,buckets=512

draw_shop() {
    "$WRITE_SHOP" .
    mkdir drawn
    "$WRITE_NETWORK" seer.onnx drawn 60
    "$WRITE_NETWORK" text reader.onnx vocabulary 4
    "$WRITE_NETWORK" text wide.onnx vocabulary 6
    expect 0 import -q -d shop --interactions orders.csv --products products.csv --images drawn
}

read_texts() {
    "$LOOKBOOK" encode -q -d shop --encoder reader.onnx --vocabulary vocabulary "${library[@]}" "$@" \
        >out 2>err
}

wrong_options_are_explained() {
    expect 2 encode -d shop --encoder builtin --vocabulary vocabulary
    says "FILE.onnx"
    expect 2 encode -d shop --encoder words --vocabulary vocabulary
    says "not of the encoder \"words\""
    expect 2 encode -d shop --encoder seer.onnx --size 8 --beside look
    says "vocabulary"
    expect 2 encode -d shop --encoder reader.onnx --vocabulary vocabulary --report x.csv
    says "sees no pictures"
    expect 2 encode -d shop --encoder reader.onnx --vocabulary vocabulary --size 8
    says "takes output alone"
}

products_are_seen_and_read() {
    expect 0 encode -q -d shop --encoder seer.onnx --size 8 "${library[@]}" --name clip
    expect 0 encode -q -d shop --name look
    expect 2 encode -q -d shop --encoder reader.onnx --vocabulary vocabulary "${library[@]}"
    says "text_embeds, last_hidden_state"
    expect 1 encode -q -d shop --encoder reader.onnx --vocabulary vocabulary --output pooled \
        "${library[@]}"
    says "there is no output or inner value \"pooled\""
    expect 1 encode -q -d shop --encoder reader.onnx --vocabulary products.csv --output text_embeds \
        "${library[@]}"
    says "products.csv"
    expect 1 encode -q -d shop --encoder wide.onnx --vocabulary vocabulary --output text_embeds \
        --beside clip "${library[@]}"
    says "gives 6 numbers and that of the feature \"clip\" 4"
    expect 2 encode -q -d shop --encoder reader.onnx --vocabulary vocabulary --beside look \
        --output text_embeds "${library[@]}"
    says "was not made by a network"
    expect 0 encode -q -d shop --encoder reader.onnx --vocabulary vocabulary --beside clip \
        --output text_embeds --name clip-text --json "${library[@]}"
    equal "$(json encoded)" 90
    equal "$(json dim)" 4
    rm reader.onnx vocabulary # the dataset has them
    expect 0 encode -q -d shop --encoder same --name clip-text --json "${library[@]}"
    equal "$(json encoded)" 90
    expect 0 validate -d shop
    prints "clip-text-1 "
}

requests_are_read() {
    expect 0 train -d shop --model whisper $small --level title -o model "${library[@]}"
    expect 0 train -d shop --model whisper $small --words off --feature clip,clip-text -o bare \
        "${library[@]}"
    expect 0 compare -q -d shop --task requests --level title --json "${library[@]}" \
        --models "bm25,whisper:$fast,whisper:$fast,words=off" --min-user 3
    equal "$(json models 1 name)" "whisper:$fast"
    local cold
    cold=$(json models 1 warm tests)
    [ "$cold" -gt 0 ] || fail "nothing was tested"
}

requests_are_answered() {
    expect 0 recommend -m bare -d shop --text "a light dress" -n 3 --json "${library[@]}"
    equal "$(json based_on)" text
    json items 2 id >/dev/null
    expect 1 recommend -m bare --text "a light dress" "${library[@]}"
    says "open the model with its dataset"
    expect 1 recommend -m bare -d shop --text "a light dress" --onnx-library /no/such.so
    says "/no/such.so"
}

what_is_missing_is_named() {
    expect 1 train -q -d shop --model whisper $small -o model --onnx-library /no/such.so
    says "the network that reads requests cannot be used: "
    says "/no/such.so"
    rm shop/encoders/*.bpe
    expect 1 train -q -d shop --model whisper $small -o model "${library[@]}"
    says ".bpe is gone"
    expect 0 train -q -d shop --model whisper $small --feature look -o model # does without
}

draw_shop
wrong_options_are_explained
if ! read_texts --output text_embeds; then
    says "this system has no ONNX Runtime"
    echo "skipped: reading with a network: there is no ONNX Runtime; tools/fetch_onnxruntime fetches it"
    exit 0
fi
products_are_seen_and_read
requests_are_read
requests_are_answered
what_is_missing_is_named
