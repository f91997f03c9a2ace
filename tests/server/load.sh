#!/usr/bin/env bash
# Half a minute under load on a shop of some 20,000 products: not one failed request, not one wrong
# answer. Times are printed, and not judged.
. "${BASH_SOURCE%/*}/common.sh"

export TRAIN="$quick --dim 100"
"$SOURCE/bench/load.sh" load --scale 0.17 --seconds "${LOAD_SECONDS:-30}" || fail "under load"
