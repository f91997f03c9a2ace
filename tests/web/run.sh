#!/usr/bin/env bash
# The tests of the page: a small shop, served by the program, in a real browser without a window.
# Needs in the environment LOOKBOOK, DRAW_SHOP, SOURCE (the source folder) and MODULES (the folder
# where `./bootstrap.sh browser` has put the packages of tests/web/package.json).
set -euo pipefail
export LC_ALL=C

# Whoever has not installed a browser can do without; where everything is checked, nobody can.
absent() {
    echo "skipped: $1; ./bootstrap.sh browser installs it"
    if [ -n "${CI-}" ]; then exit 1; fi
    exit 77
}
command -v node >/dev/null || absent "no Node.js"
CHROMIUM=$(command -v chromium || command -v google-chrome) || absent "no Chromium"
export CHROMIUM
if [ ! -d "$MODULES/node_modules/playwright-core" ]; then absent "no playwright-core in $MODULES"; fi

work=$(mktemp -d "${TMPDIR:-/tmp}/lookbook-web-XXXXXX")
trap 'rm -rf "$work"' EXIT
export WORK=$work
mkdir "$work/files"

"$DRAW_SHOP" "$work/files"
"$LOOKBOOK" import -q -d "$work/shop" --interactions "$work/files/reviews_Demo.json.gz" \
    --products "$work/files/meta_Demo.json.gz" --requests "$work/files/requests_Demo.json.gz" --images "$work/files/images"
"$LOOKBOOK" encode -q -d "$work/shop"
"$LOOKBOOK" encode -q -d "$work/shop" --encoder words
"$LOOKBOOK" train -q -d "$work/shop" -o "$work/model.safetensors" --model whisper --level request --epochs 2 \
    --gain-epochs 2 --batch 128 --taste-dim 32 --taste-epochs 4 --rank 16
"$LOOKBOOK" train -q -d "$work/shop" -o "$work/other.safetensors" --dim 32 --epochs 4 --rank 16 \
    --decoder-epochs 0 --seed 2

for script in "$SOURCE"/web/app/*.js; do node --check --input-type=module <"$script"; done
cd "$SOURCE/tests/web"
node --test --test-reporter=spec all.test.mjs
