#!/usr/bin/env bash
# Trainings that are stopped, killed, or run out of room.
. "${BASH_SOURCE%/*}/common.sh"

# The paper's model with so many batches that it is still at work when the signal comes.
long="--model vasg-paper --dim 8 --checkpoint-batches 5"

# Starts the program in the background; SIGINT is what it is in a terminal.
start() {
    env --default-signal=INT "$LOOKBOOK" "$@" >out 2>err </dev/null &
    pid=$!
}

# wait_for FILE: until it is there; fails if the program ends before.
wait_for() {
    while [ ! -e "$1" ]; do
        kill -0 "$pid" 2>/dev/null || fail "the program ended before $1 was there"
        sleep 0.02
    done
}

# ends_with STATUS
ends_with() {
    local code=0
    wait "$pid" || code=$?
    [ "$code" -eq "$1" ] || fail "exit status $code, expected $1"
}

make_shop . 1
expect 0 train -q -d shop -o old.safetensors $quick
cp old.safetensors kept.safetensors

sigint_keeps_a_checkpoint_and_resume_goes_on() {
    expect 0 train -q -d shop -o whole.safetensors $long
    start train -d shop -o cut.safetensors $long
    wait_for cut.safetensors.checkpoint
    kill -INT "$pid"
    ends_with 130
    says "stopped by SIGINT (Ctrl-C)"
    says "--resume goes on from it"
    [ ! -e cut.safetensors ] || fail "a model that was not finished is there"
    expect 0 train -d shop -o cut.safetensors $long --resume
    cmp whole.safetensors cut.safetensors || fail "the resumed training gave another model"
    [ ! -e cut.safetensors.checkpoint ] || fail "the checkpoint is left behind"
}

sigterm_ends_with_143() {
    start train -d shop -o cut.safetensors $long
    wait_for cut.safetensors.checkpoint
    kill -TERM "$pid"
    ends_with 143
    says "stopped by SIGTERM"
}

kill_leaves_dataset_and_old_model() {
    rm -f old.safetensors.checkpoint
    start train -d shop -o old.safetensors $long
    wait_for old.safetensors.checkpoint
    kill -KILL "$pid"
    ends_with 137
    cmp old.safetensors kept.safetensors || fail "the old model changed"
    expect 0 validate -d shop
    expect 0 recommend -q -m old.safetensors -d shop --user u1
}

no_room_leaves_the_old_model() {
    local code=0
    # 64 KiB are enough for SQLite's own files and too little for 150 vectors of 256 numbers.
    (ulimit -f 64; exec "$LOOKBOOK" train -q -d shop -o old.safetensors $quick --dim 256 \
        >/dev/null 2>err) || code=$?
    equal "$code" 1
    says "lookbook: "
    says "File too large"
    cmp old.safetensors kept.safetensors || fail "the old model changed"
}

# A superuser may write anywhere, unless that capability is given up.
without_superpowers() {
    if [ "$(id -u)" -ne 0 ]; then "$@"; else
        setpriv --bounding-set=-dac_override,-dac_read_search,-fowner "$@"
    fi
}

a_read_only_folder_is_reported() {
    mkdir sealed
    chmod 555 sealed
    if without_superpowers touch sealed/x 2>/dev/null; then
        echo "skipped: this user may write anywhere"
        return
    fi
    local code=0
    without_superpowers "$LOOKBOOK" train -q -d shop -o sealed/m.safetensors $quick \
        >out 2>err || code=$?
    equal "$code" 1
    says "sealed/m.safetensors"
    says "ermission denied"
    code=0
    without_superpowers "$LOOKBOOK" import -q -d sealed/shop --interactions orders.csv \
        >out 2>err || code=$?
    equal "$code" 1
    says "sealed/shop"
}

sigint_keeps_a_checkpoint_and_resume_goes_on
sigterm_ends_with_143
kill_leaves_dataset_and_old_model
no_room_leaves_the_old_model
a_read_only_folder_is_reported
