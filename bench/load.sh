#!/usr/bin/env bash
# The load of a service, as a table: bench/load.sh [FOLDER] [--scale X] [--seconds N] ...
#
# Makes a dataset of the paper's shape "women" times X (117,000 products at 1) in FOLDER, if it is not
# there yet, with words as features; trains a model of 100 numbers on it; serves it and runs bench/load
# on 16 connections, while things are written and the model is reloaded twice. Further options go to
# bench/load. Exit status 1 if a request failed or an answer was wrong.
#
# LOOKBOOK, SHAPE and LOAD name the programs; else they are those of build/release. TRAIN are further
# options of the training.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
: "${LOOKBOOK:=$here/build/release/lookbook}" "${SHAPE:=$here/build/release/bench/shape}"
: "${LOAD:=$here/build/release/bench/load}" "${TRAIN:=}"

folder=build/load scale=1 options=()
if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then
    folder=$1
    shift
fi
while [ $# -gt 1 ]; do
    if [ "$1" = --scale ]; then scale=$2; else options+=("$1" "$2"); fi
    shift 2
done

if [ ! -s "$folder/model.safetensors" ]; then
    mkdir -p "$folder"
    "$SHAPE" "$folder/files" --scale "$scale"
    files=$folder/files
    name=Clothing_Shoes_and_Jewelry
    "$LOOKBOOK" import -q -d "$folder/shop" --interactions "$files/reviews_$name.json.gz" \
        --products "$files/meta_$name.json.gz"
    "$LOOKBOOK" encode -q -d "$folder/shop" --encoder words
    "$LOOKBOOK" train -q -d "$folder/shop" -o "$folder/model.safetensors" --dim 100 $TRAIN
    rm -r "$files"
fi

"$LOOKBOOK" serve -d "$folder/shop" -m "$folder/model.safetensors" --port 0 2>"$folder/serve.err" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" || true' EXIT
until grep -q '^lookbook: serving ' "$folder/serve.err"; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/serve.err" >&2; exit 1; }
    sleep 0.1
done
port=$(sed -n 's/^lookbook: serving .*:\([0-9]*\)\/$/\1/p' "$folder/serve.err")
code=0
"$LOAD" "$port" "${options[@]}" || code=$?
kill -TERM "$server"
wait "$server" || code=$?
trap - EXIT
if grep -q 'request ' "$folder/serve.err"; then
    cat "$folder/serve.err" >&2
    code=1
fi
exit "$code"
