#!/usr/bin/env bash
# The commands of docs/reproduce.md, from import to report, on files of the same names and layout
# that a generator writes. Only the number of runs is less.
. "${BASH_SOURCE%/*}/common.sh"

PATH="$(dirname "$LOOKBOOK"):$PATH"

"$SHAPE" . --scale 0.002 --around 0.5 --limit 11 >shape
awk '/^```sh reproduce$/ { on = 1; next } /^```/ { on = 0 } on' "$SOURCE/docs/reproduce.md" |
    sed 's/--runs 5/--runs 1/' >commands
[ -s commands ] || fail "docs/reproduce.md has no commands"
bash -euo pipefail -x commands >out 2>err || fail "a command of docs/reproduce.md fails"

# The dataset is what the generator planted in the middle of other products and small users.
read -r users products ratings < <(sed -E 's/^[^:]*: ([0-9]+) users, ([0-9]+) products, ([0-9]+) .*/\1 \2 \3/' shape)
expect 0 compare -d women --models pop --runs 1 --min-user 11 --json
equal "$(json statistics all users)" "$users"
equal "$(json statistics all products)" "$products"
equal "$(json statistics all interactions)" "$ratings"
equal "$(json statistics kept interactions)" "$ratings"

[ -s women.html ] || fail "there is no report"
for model in vasg vasg-paper; do
    [ -s "results/$model-r0.safetensors" ] || fail "no model $model was kept"
done
