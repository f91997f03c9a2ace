#!/usr/bin/env bash
# A generated dataset in Yelp's layout, from its files to requests on the levels that it allows.
. "${BASH_SOURCE%/*}/common.sh"

"$SHAPE" files --layout yelp --scale 0.004 >shape
read -r users products ratings < <(sed -E 's/^[^:]*: ([0-9]+) users, ([0-9]+) products, ([0-9]+) .*/\1 \2 \3/' shape)
reviews=files/yelp_academic_dataset_review.json
businesses=files/yelp_academic_dataset_business.json

import_reads_businesses_and_reviews() {
    expect 0 import -d shop --interactions "$reviews" --products "$businesses" --reviews "$reviews" --json -q
    equal "$(json users)" "$users"
    equal "$(json products)" "$products"
    equal "$(json interactions)" "$ratings"
    equal "$(json reviews)" "$ratings"
    expect 0 validate -d shop
}

every_level_has_requests() {
    local level
    for level in category title other-review own-review; do
        expect 0 compare -d shop --task requests --level "$level" --models bm25,text --json -q
        [ "$(json requests test)" -gt 20 ] || fail "$level: few requests"
        [ "$(json models 0 warm tests)" -gt 10 ] || fail "$level: few warm tests"
    done
    expect 1 compare -d shop --task requests --level plot --models bm25
    says "no test pair has a request of level plot"
}

# A name finds its business; what others wrote finds businesses of its kind and style.
texts_say_something() {
    expect 0 compare -d shop --task requests --level title --models bm25 --json -q
    equal "$(json models 0 warm recall@1_own mean)" 1
    expect 0 compare -d shop --task requests --level other-review --json -q \
        --models "rand,whisper:requests=1024" --control shuffled-users
    awk "BEGIN { exit !($(json models 1 cold mrr_own mean) > 2 * $(json models 0 cold mrr_own mean)) }" ||
        fail "reviews tell nothing"
}

import_reads_businesses_and_reviews
every_level_has_requests
texts_say_something
