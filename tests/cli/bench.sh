#!/usr/bin/env bash
# `lookbook bench` on tiny datasets: every stage is there, and its numbers are numbers.
. "${BASH_SOURCE%/*}/common.sh"

export TMPDIR=$work/temporary
mkdir "$TMPDIR"
tiny="--scale 0.004 --dim 8 --decoder-epochs 1 --prior-components 8"

# stage NAME KEY: a value of that row of the last run's JSON.
stage() {
    local i=0 name
    while name=$("$JSON_GET" stages "$i" name <out 2>/dev/null); do
        if [ "$name" = "$1" ]; then
            json stages "$i" "$2"
            return
        fi
        i=$((i + 1))
    done
    fail "there is no stage \"$1\""
}

# positive VALUE: a finite number above zero.
positive() {
    [[ $1 =~ ^[0-9.]+(e[-+]?[0-9]+)?$ ]] && awk "BEGIN { exit !($1 > 0) }" ||
        fail "\"$1\" is no number above zero"
}

every_stage_is_measured() {
    expect 0 bench $tiny --json -q
    for name in "import of texts" "import of features" "read features" "walks, alone" \
        skip-gram decoder encoder evaluate index search "search, one by one"; do
        positive "$(stage "$name" seconds)"
        positive "$(stage "$name" rate)"
        positive "$(stage "$name" own_bytes)"
    done
    for name in "read features" skip-gram decoder encoder evaluate; do
        positive "$(stage "$name" share)"
    done
    equal "$(stage skip-gram unit)" pairs
    equal "$(stage skip-gram phase)" training
    positive "$(json machine f32_flops)"
    positive "$(json machine read_bytes_per_s)"
    positive "$(json training_seconds)"
    positive "$(json auc warm_own)"
    equal "$(json users)" 56
    [ -z "$(ls -A "$TMPDIR")" ] || fail "the temporary folder was not removed"
}

the_table_has_the_same_and_a_folder_stays() {
    expect 0 bench --scale 0.004 --shape shoes --threads 1 --model vasg-paper --max-batches 2 \
        --encoder-epochs 1 --width 16 \
        --keep kept
    prints "shoes, times 0.004: 88 users, 285 products"
    prints "skip-gram"
    prints "AUC of held-out purchases"
    [ -s kept/model.safetensors ] && [ -d kept/shop ] || fail "nothing was kept"
    expect 0 validate -d kept/shop
    expect 1 bench $tiny --keep kept
    says "kept/shop is there already"
}

features_can_be_stored_in_16_bits() {
    expect 0 bench $tiny --decoder-epochs 0 --float16 --keep half
    prints ", features in 16 bits"
    equal "$(head -c 128 half/shop/features/image.npy | grep -ac "<f2")" 1
}

wrong_ones_are_refused() {
    expect 2 bench --scale no
    says "must be a number from 0.001 to 100"
    expect 2 bench --shape dancing
    says "must be one of women|men|shoes|jewelry"
    expect 2 bench $tiny --height 3
    says "unknown option --height"
    expect 1 bench $tiny --keep no/such/folder
    [ -z "$(ls -A "$TMPDIR")" ] || fail "a run that failed left something"
}

every_stage_is_measured
features_can_be_stored_in_16_bits
the_table_has_the_same_and_a_folder_stays
wrong_ones_are_refused
