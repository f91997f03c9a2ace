#!/usr/bin/env bash
# The code blocks of README.md and docs/ that are marked "sh test" run as they stand.
. "${BASH_SOURCE%/*}/common.sh"

PATH="$(dirname "$LOOKBOOK"):$PATH"

# blocks FILE: the commands of its marked blocks, in order.
blocks() {
    awk '/^```sh test$/ { on = 1; next } /^```/ { on = 0 } on' "$1"
}

# The files that the texts speak of, and a demo shop of a smaller size than theirs.
"$WRITE_SHOP" .
mkdir build
expect 0 demo build/demo -q --products 80 --shoppers 60 --orders 700 --image-size 48
prints "Go on with:"
prints "Recommended to SHOPPER000001"

found=0
for file in "$SOURCE"/README.md "$SOURCE"/docs/*.md; do
    blocks "$file" >commands
    [ -s commands ] || continue
    found=$((found + 1))
    mkdir "run-$found"
    cp -r orders.csv products.csv look.npy ids.txt build "run-$found"
    (cd "run-$found" && bash -euo pipefail -x ../commands) >out 2>err ||
        fail "a command of $file fails"
done
[ "$found" -ge 3 ] || fail "only $found texts have commands to run"

# The demo may be run again in its folder, and leaves a shop that it did not draw alone.
expect 0 demo build/demo -q --products 80 --shoppers 60 --orders 700 --image-size 48 --json
json models >/dev/null
mkdir -p mine/shop
expect 1 demo mine
says "mine/shop is there already"
