#!/usr/bin/env bash
# A tiny shop from its files to recommendations.
. "${BASH_SOURCE%/*}/common.sh"

import_makes_and_extends() {
    "$WRITE_SHOP" .
    expect 0 import -d shop --interactions orders.csv --json -q
    equal "$(json users)" 60
    [ ! -s err ] || fail "--quiet is not quiet"
    expect 0 import -d shop --products products.csv --features=look.npy --feature-ids ids.txt \
        --feature-name look --json
    equal "$(json products)" 90
    equal "$(json features)" 90
    expect 0 import -d shop --interactions orders.csv --json
    equal "$(json interactions_added)" 0
    expect 0 import -d shop --interactions orders.csv
    prints "interactions that were there already"
}

validate_counts() {
    expect 0 validate -d shop
    prints "PASS          60  users"
    expect 0 validate -d shop --json
    equal "$(json passed)" true
}

encode_reads_words() {
    cp -r shop worded
    expect 0 encode -d worded --encoder words --json
    equal "$(json feature)" text
    equal "$(json encoded)" 90
    equal "$(json wordless)" 0
    equal "$(json dim)" 1024
    expect 0 encode -d worded --encoder words --fields title,brand --name titles
    prints 'feature "titles": 90 products, 1024 numbers each'
    expect 1 encode -d worded --encoder words --fields brand
    says "--products"
    expect 2 encode -d worded --encoder words --fields colour
    says '"colour" is no field'
    expect 2 encode -d worded --encoder words --images .
    says "reads no pictures"
    expect 2 encode -d worded --encoder ears
    says "builtin, words"
    expect 0 train -d worded -o text.safetensors --feature text $quick -q
}

train_writes_the_same_bytes() {
    expect 0 train -d shop -o one.safetensors $quick --json
    equal "$(json model)" one.safetensors
    [ -s err ] || fail "no progress on standard error"
    expect 0 train -d shop -o two.safetensors $quick --threads 1 -q
    cmp one.safetensors two.safetensors || fail "another number of threads, other bytes"
    expect 0 train -d shop -o three.safetensors $quick --isa scalar -q
    prints "wrote three.safetensors"
    expect 2 train -d shop -o one.safetensors --dim 100000
    says "dim"
    expect 1 train -d shop -o one.safetensors --feature other
    says "other"
    cmp one.safetensors two.safetensors || fail "a refused training changed the model"
}

progress_is_a_bar_on_a_terminal_only() {
    expect 0 train -d shop -o bar.safetensors $quick --epochs 40
    if grep -q $'\x1b' err; then fail "terminal codes in a file"; fi
    if ! script -qec true /dev/null >out 2>&1 </dev/null; then
        echo "skipped: this system gives no terminal to draw a bar on"
        return
    fi
    script -qec "'$LOOKBOOK' train -d shop -o bar.safetensors $quick --epochs 40" /dev/null \
        >out 2>&1 </dev/null || fail "training on a terminal fails"
    prints $'\x1b[K'
    prints "#."
    prints "wrote bar.safetensors"
}

recommend_gives_reasons() {
    expect 0 recommend -m one.safetensors -d shop --user u1 --exclude-seen -n 5 --new 1
    prints "A "
    equal "$(wc -l <out)" 6
    expect 0 recommend -m one.safetensors -d shop --user u1 -n 5 --json
    equal "$(json items)" 5
    json items 0 id >/dev/null
    json items 0 reason >/dev/null
    expect 0 recommend -m one.safetensors --liked p1,p5 --exclude p9 -n 60 --json
    if grep -q '"p9"' out; then
        grep -q '"id":"p9"' out && fail "an excluded product is recommended"
    fi
    expect 0 recommend -m one.safetensors -d shop --user u1 --category Shoes -n 100 --json
    equal "$(json items)" 30
    expect 0 recommend -m one.safetensors -d shop --user u1 --price-min 12 --price-max 19.5 -n 100 --json
    equal "$(json items)" 8 # 12.50 to 19.50
    expect 0 similar -m one.safetensors -d shop --product p1 --price-max 19.5 -n 100 --json
    equal "$(json items)" 9 # 10.50 to 19.50, but for the product itself
    expect 2 recommend -m one.safetensors -d shop --user u1 --price-min 5 --price-max 4
    says "prices from 5 to 4"
    expect 0 recommend -m three.safetensors -d shop --user u1 --isa scalar
    expect 1 recommend -m one.safetensors -d shop --user nobody
    says "nobody"
    expect 1 recommend -m one.safetensors --liked p1,unknown
    says "unknown"
    expect 2 recommend -m one.safetensors --user u1 --category Shoes
    says "--category needs the dataset"
    expect 2 similar -m one.safetensors --product p1 --price-max 20
    says "--price-max needs the dataset"
}

another_program_ranks_with_the_model() {
    if ! command -v python3 >/dev/null; then
        echo "skipped: there is no python3 to read the model with"
        return
    fi
    expect 0 recommend -m one.safetensors -d shop --user u1 -n 20 --json
    python3 "$SOURCE/tests/cli/rank_model.py" one.safetensors u1 <out || fail "scores differ"
}

lists_have_pages_and_variety() {
    local whole
    expect 0 recommend -m one.safetensors -d shop --user u1 -n 6 --json
    whole=$(grep -o '"id":"[^"]*"' out | sed -n 4,6p)
    expect 0 recommend -m one.safetensors -d shop --user u1 -n 3 --offset 3 --json
    equal "$(grep -o '"id":"[^"]*"' out)" "$whole"
    grep -q '"based_on":"history"' out || fail "nothing says what the list is based on"
    expect 0 recommend -m one.safetensors -d shop --user u1 -n 3 --diversity 0.5 --json
}

photos_need_a_feature_of_photos() {
    printf 'no photo' >photo.jpg
    expect 1 recommend -m one.safetensors -d shop --image photo.jpg
    says "no picture can be compared"
    expect 1 similar -m one.safetensors -d shop --image photo.jpg
    says "no picture can be compared"
}

requests_are_answered() {
    expect 1 recommend -m one.safetensors -d shop --text "something warm"
    says "--model whisper"
    printf '{"user":"u1","product":"p1","text":"Something warm"}\n{"user":"u2","product":"p2","text":"a cold one"}\n' \
        >requests.jsonl
    expect 0 import -d shop --requests requests.jsonl --json
    equal "$(json requests)" 2
    expect 0 train -q -d shop --model whisper --level request -o whisper.safetensors --epochs 1 \
        --taste-dim 8 --taste-epochs 1 --rank 8
    expect 0 recommend -m whisper.safetensors -d shop --text "something warm" --user u3 -n 3 --json
    equal "$(json items)" 3
    expect 0 recommend -m whisper.safetensors --text "something warm"
    printf '{"product":"p1","text":"no user"}\n' >plots.jsonl
    expect 1 import -d shop --requests plots.jsonl
    says "names no user"
}

compact_leaves_the_dataset() {
    expect 0 compact -d shop --json
    equal "$(json merged)" 0
    expect 0 recommend -m one.safetensors -d shop --user u1
    expect 0 validate -d shop
}

similar_finds_the_style() {
    expect 0 similar -m one.safetensors -d shop --product p0 --by look -n 3 --json
    equal "$(json items)" 3
    for i in 0 1 2; do
        local id
        id=$(json items "$i" id)
        equal "$((${id#p} % 4))" 0
    done
    expect 0 similar -m one.safetensors -d shop --product p0 --by both
    prints "looks like"
    expect 1 similar -m one.safetensors --product p999
    says "p999"
}

compare_measures() {
    expect 0 compare -d shop --models "rand,pop,wboi,vasg:dim=8,epochs=2,rank=8" --min-user 3 \
        --runs 2 --json
    equal "$(json models)" 4
    equal "$(json runs)" 2
    json models 3 warm auc_own mean >/dev/null
    expect 0 compare -d shop --models rand,pop --cold natural --runs 1 --keep kept
    prints "pop"
    [ -n "$(ls kept)" ] || fail "--keep kept nothing"
    [ -s kept/compare.json ] || fail "--keep kept no result"
    expect 0 compare -d shop --task relations --min-user 3 --keep kept --json \
        --models "inn,ibr:rank=4,epochs=3,vasg:dim=8,epochs=2,rank=8"
    equal "$(json task)" relations
    equal "$(json models)" 3
    for metric in accuracy auc threshold; do json models 1 "$metric" mean >/dev/null; done
    [ -s kept/relations.json ] || fail "--keep kept no relations"
    expect 2 compare -d shop --models vasg:dance=3
    says "dance"
}

another_dataset_is_refused() {
    make_shop other 2
    expect 1 recommend -m one.safetensors -d other/shop --user u1
    says "one.safetensors"
}

import_makes_and_extends
validate_counts
encode_reads_words
train_writes_the_same_bytes
progress_is_a_bar_on_a_terminal_only
recommend_gives_reasons
another_program_ranks_with_the_model
lists_have_pages_and_variety
photos_need_a_feature_of_photos
requests_are_answered
compact_leaves_the_dataset
similar_finds_the_style
compare_measures
another_dataset_is_refused
