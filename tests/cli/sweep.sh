#!/usr/bin/env bash
# Sweeps: results, a file to go on from, stops and kills.
. "${BASH_SOURCE%/*}/common.sh"

make_shop . 1
grid="--grid dim=4,8 --grid epochs=1,3"
sweep="sweep -d shop $grid --walks 2 --rank 8 --look-dim 4 --decoder-epochs 0"

# lines FILE: how many there are.
lines() {
    wc -l <"$1" | tr -d ' '
}

# metrics: the last run's JSON without what differs from one training to the next.
metrics() {
    sed 's/"train_seconds":{[^}]*}//g' out
}

prints_a_table_and_json() {
    expect 0 $sweep --runs 2
    prints "shop: vasg, 4 combinations, 2 runs, seeds 1 to 2"
    prints "  dim  epochs  own-auc"
    prints "* chosen by own-auc on the validation pairs"
    expect 0 $sweep --json -q --select warm-own-recall
    equal "$(json combinations)" 4
    equal "$(json axes 1)" epochs
    equal "$(json combinations 3 options dim)" 8
    equal "$(json select)" warm-own-recall
    json best >/dev/null
    json combinations 0 test cold 'ndcg@20_all' mean >/dev/null
    expect 0 sweep -d shop --grid dim=4,8,epochs=1,3 --decoder-epochs 0 --json -q # one list will do
    equal "$(json combinations)" 4
}

jobs_do_not_matter() {
    expect 0 $sweep -q --json --jobs 1 --threads 1
    metrics >first
    expect 0 $sweep -q --json --jobs 4 --threads 2
    metrics | cmp - first || fail "more jobs gave other numbers"
}

a_larger_grid_adds_what_is_missing() {
    expect 0 $sweep -o added.jsonl
    equal "$(lines added.jsonl)" 5
    cp added.jsonl before.jsonl
    expect 0 $sweep -o added.jsonl
    says "4 of 4 trainings were done before"
    cmp added.jsonl before.jsonl || fail "a finished sweep changed its file"
    expect 0 sweep -d shop --grid dim=4,8,6 --grid epochs=1,3 --walks 2 --rank 8 --look-dim 4 \
        --decoder-epochs 0 -o added.jsonl
    says "4 of 6 trainings were done before"
    equal "$(lines added.jsonl)" 7
    head -5 added.jsonl | cmp - before.jsonl || fail "finished lines changed"
}

wrong_ones_are_refused_before_training() {
    expect 2 sweep -d shop
    says "--grid OPTION=A,B,.. is missing"
    expect 2 sweep -d shop --grid 4,8
    says "stands before any option"
    expect 2 sweep -d shop --grid dim=4,1 -o wrong.jsonl
    says "must be a whole number from 2 to 1024"
    expect 2 sweep -d shop --grid height=4
    says 'no option "height"'
    expect 2 sweep -d shop --grid dim=4 --height 3
    says "unknown option --height"
    expect 2 sweep -d shop --grid dim=4 --dim 8
    says "in the grid and outside it"
    expect 2 sweep -d shop --grid dim=4 --model dancing
    says "there is no model"
    expect 2 sweep -d shop --grid dim=4 --select luck
    says 'cannot select by "luck"'
    [ ! -e wrong.jsonl ] || fail "a sweep that cannot be made a file"
    cp orders.csv mine.csv
    expect 1 $sweep -o mine.csv
    says "mine.csv: line 1: not the first line of a sweep's file"
    cmp orders.csv mine.csv || fail "a file that is no sweep's was changed"
    expect 1 $sweep -o added.jsonl --split-seed 2
    says "give another file"
    make_shop other 7
    expect 1 sweep -d other/shop $grid -o added.jsonl
    says "another dataset"
}

# Six trainings long enough for the signal to come before the last.
long="sweep -d shop --model vasg-paper --grid dim=4,6,8 --width 8 --encoder-epochs 1"
long="$long --max-batches 0 --epochs 150"

# kill_in_the_middle SIGNAL STATUS JOBS: stops it once a training is done, and goes on.
kill_in_the_middle() {
    local code=0
    rm -f cut.jsonl
    env --default-signal=INT "$LOOKBOOK" $long -o cut.jsonl --jobs "$3" --runs 2 >out 2>err \
        </dev/null &
    pid=$!
    while [ ! -e cut.jsonl ] || [ "$(lines cut.jsonl)" -lt 2 ]; do
        kill -0 "$pid" 2>/dev/null || fail "the sweep ended before it could be stopped"
        sleep 0.02
    done
    kill "-$1" "$pid"
    wait "$pid" || code=$?
    [ "$code" -eq "$2" ] || fail "exit status $code, expected $2"
    cp cut.jsonl stopped.jsonl
    done_before=$(grep -c '"run"' stopped.jsonl)
    expect 0 $long -o cut.jsonl --runs 2 --json
    equal "$(lines cut.jsonl)" 7
    says "of 6 trainings were done before"
    metrics | cmp - whole || fail "going on gave other numbers"
    head -c "$(head -n "$done_before" stopped.jsonl | wc -c)" cut.jsonl |
        cmp - <(head -n "$done_before" stopped.jsonl) || fail "finished lines changed"
}

stops_and_kills_leave_a_file_to_go_on_from() {
    expect 0 $long --runs 2 --json -q
    metrics >whole
    kill_in_the_middle INT 130 1
    kill_in_the_middle KILL 137 2
    kill_in_the_middle TERM 143 2
}

prints_a_table_and_json
jobs_do_not_matter
a_larger_grid_adds_what_is_missing
wrong_ones_are_refused_before_training
stops_and_kills_leave_a_file_to_go_on_from
