#!/usr/bin/env bash
# report: of a model, of results, of a whole experiment; what it holds, and what it refuses.
. "${BASH_SOURCE%/*}/common.sh"

# well_formed FILE: every element of the page ends where it should.
well_formed() {
    if ! command -v python3 >/dev/null; then
        echo "skipped: there is no python3 to read the page with"
        return
    fi
    python3 - "$1" <<'CODE' || fail "$1 is not well-formed"
import sys
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if tag == "script" or any(name.startswith("on") for name in names):
            sys.exit("a script: " + tag)
        for name, value in attributes:
            if name in ("src", "href", "xlink:href") and not value.startswith(("data:", "#")):
                sys.exit("a reference to elsewhere: " + value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            sys.exit("</%s> at line %d ends nothing" % (tag, self.getpos()[0]))


page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
if page.open:
    sys.exit("not ended: " + " ".join(page.open))
CODE
}

# holds FILE TEXT
holds() {
    grep -qF -- "$2" "$1" || fail "$1 does not hold \"$2\""
}

make_data() {
    make_shop .
    sed -i 's|^\(p[0-9]*\),[^,]*|\1,"<script>alert(1)</script>""\&"|' products.csv
    expect 0 import -q -d shop --products products.csv
    expect 0 train -q -d shop -o model.safetensors --split leave-one-out --min-user 3 $quick
}

a_model_becomes_a_page() {
    expect 0 report -q -d shop -m model.safetensors --samples 300 -o one.html --json
    equal "$(json dataset)" shop
    equal "$(json spaces 0 name)" vasg
    equal "$(json spaces 0 analogies samples)" 300
    json spaces 0 analogies sum train_precision@5 >/dev/null
    json spaces 0 analogies random held_out_hit_rate@5 >/dev/null
    json spaces 0 similarity excess_kurtosis >/dev/null
    json feature similarity density 79 >/dev/null
    well_formed one.html
    for text in "Table 1." "Figure 1." "t-SNE" "Linear relationships" "effective rank" \
        "lookbook train -d shop" "lookbook report -d shop -m model.safetensors"; do
        holds one.html "$text"
    done
    holds one.html "&lt;script&gt;"
    if grep -qF "<script" one.html; then fail "a title is not escaped"; fi
    cp one.html first.html
    expect 0 report -q -d shop -m model.safetensors --samples 300 -o one.html --threads 1
    prints "wrote one.html"
    cmp one.html first.html || fail "the same model and seed, other bytes"
    expect 0 report -q -d shop -m model.safetensors --samples 300 --seed 2 -o one.html
    if cmp -s one.html first.html; then fail "the seed has no effect"; fi
}

# With everything that section 5 needs but held-out products.
a_model_of_all_interactions() {
    expect 0 train -q -d shop -o all.safetensors $quick
    expect 0 report -q -d shop -m all.safetensors --samples 50 -o all.html
    holds all.html "the model was trained on all interactions"
}

results_become_a_page() {
    expect 0 compare -q -d shop --models "rand,pop,vasg:dim=8,epochs=2,rank=8,decoder-epochs=0" \
        --min-user 3 --runs 2 --keep results --report compare.html
    well_formed compare.html
    holds compare.html "Recommending products"
    expect 0 compare -q -d shop --task relations --models inn --min-user 3 --keep results
    expect 0 compare -q -d shop --task requests --level title --models "pop,bm25" --min-user 3 \
        --keep results --report asked.html
    well_formed asked.html
    holds asked.html "Requests in words"
    expect 0 sweep -q -d shop --model vasg --grid dim=4,8 --epochs 1 --rank 8 --decoder-epochs 0 \
        --min-user 3 --output results/sweep-dim.jsonl
    expect 0 report -q -d shop --from results --samples 50 -o results.html --json
    equal "$(json compare runs)" 2
    json relations models 0 auc mean >/dev/null
    equal "$(json requests level)" title
    equal "$(json spaces 0 name)" vasg
    equal "$(json sweeps 0 model)" vasg
    well_formed results.html
    for text in "Recommending products" "Relations between products" "Sensitivity" \
        "Requests in words" "--task requests --level title" \
        "lookbook compare -d shop --models" "lookbook sweep -d shop" "--task relations"; do
        holds results.html "$text"
    done
}

# The paper's experiments in small; a second run finds all of them there.
a_whole_experiment() {
    expect 0 report -q -d shop --from paper --run --quick --min-user 3 --samples 50 -o paper.html
    well_formed paper.html
    for text in "Relations between products" "own, no decoder" "max-batches=200"; do
        holds paper.html "$text"
    done
    # Both sweeps pass the same point once, and it was trained once: the same line, its time too.
    cd paper
    same=$(comm -12 <(sort sweep-vasg-paper-window.jsonl) <(sort sweep-vasg-paper-noise.jsonl) |
        grep -c '"options"') || fail "two sweeps trained the same"
    equal "$same" 1
    cd ..
    cp paper.html first.html
    rm paper/sweep-vasg-dim.jsonl
    cp paper/compare.json before.json
    expect 0 report -q -d shop --from paper --run --quick --min-user 3 --samples 50 -o paper.html
    cmp paper/compare.json before.json || fail "a whole comparison is run again"
    cmp paper.html first.html || fail "taken up again, another report"
}

wrong_things_are_refused() {
    expect 2 report -d shop -o x.html
    says "-m MODEL or --from FOLDER is missing"
    expect 2 report -d shop -m model.safetensors --from results -o x.html
    says "exclude each other"
    expect 2 report -d shop -m model.safetensors --run -o x.html
    says "--run needs --from"
    expect 1 report -d shop -m nothing.safetensors -o x.html
    says "nothing.safetensors"
    expect 1 report -d shop --from nowhere -o x.html
    says "nowhere"
    mkdir empty
    expect 1 report -d shop --from empty -o x.html
    says "empty holds no results"
    expect 1 report -d shop -m model.safetensors -o nowhere/x.html
    says "there is no directory nowhere"
    expect 2 report -d shop -m model.safetensors -o empty
    says "empty is a directory"
    expect 0 train -q -d shop --model pop -o pop.safetensors
    expect 1 report -d shop -m pop.safetensors -o x.html
    says "no space that users and products share"
    echo '{"models":' >empty/compare.json
    expect 1 report -d shop --from empty -o x.html
    says "not a JSON object"
    mkdir other
    "$WRITE_SHOP" other 2
    expect 0 import -q -d other/shop --interactions other/orders.csv
    expect 1 report -d other/shop -m model.safetensors -o x.html
    says "another dataset"
    expect 1 compare -d shop --models pop --report nowhere/x.html
    says "cannot write nowhere/x.html"
    [ ! -e x.html ] || fail "a refused report left a file"
}

make_data
a_model_becomes_a_page
a_model_of_all_interactions
results_become_a_page
a_whole_experiment
wrong_things_are_refused
