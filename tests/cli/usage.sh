#!/usr/bin/env bash
# Help, wrong command lines, and results that cannot be written.
. "${BASH_SOURCE%/*}/common.sh"

commands="demo import validate encode compact train recommend similar compare sweep report models version help"

every_command_has_help_and_a_man_page() {
    for command in $commands; do
        expect 0 "$command" --help
        prints "Usage: lookbook $command"
        prints "Exit status:"
        [ ! -s err ] || fail "$command --help writes to standard error"
        cp out first
        expect 0 help "$command"
        cmp -s first out || fail "help $command differs from $command --help"
        expect 0 help --man "$command"
        prints ".SH SYNOPSIS"
    done
    expect 0 --help
    for command in $commands; do prints "  $command"; done
    expect 0 help --man
    prints ".SH COMMANDS"
}

wrong_command_lines_exit_2() {
    expect 2
    says "Usage: lookbook COMMAND"
    expect 2 dance
    says 'there is no command "dance"'
    expect 2 --quiet train
    says "a command comes first"
    expect 2 train -o m
    says "-d DIR (--dataset) is missing"
    expect 2 train -d
    says "-d needs a value"
    expect 2 train -d x -o m --model dancing
    says "there are vasg"
    expect 2 train -d x -o m --dimm 8
    says "unknown option --dimm"
    expect 2 train -d x -o m --seed -1
    says "must be a whole number from 0"
    expect 2 train -d x -o m --threads 0
    says "--threads is \"0\": must be a whole number from 1 to 256"
    expect 2 train -d x -o m --cold warm
    says "must be one of balanced|natural"
    expect 2 train -d x -o m --resume=yes
    says "--resume takes no value"
    expect 2 train -d x -o m --dim
    says "unknown option --dim"
    expect 2 train -d x -o m more
    says 'unexpected argument "more"'
    expect 2 train -d x -o m --isa z80
    says "must be one of auto|scalar"
    expect 2 import -d x
    says "there is nothing to import"
    expect 2 compare -d x --level plot
    says "belong to --task requests"
    expect 2 compare -d x --task requests --models pop,bm26
    says 'there is no model "bm26"'
    expect 2 compare -d x --models bm25
    says 'there is no model "bm25"'
    expect 2 recommend -m m
    says "--user ID, --liked ID,..., --image FILE or --text T is missing"
    expect 2 recommend -m m --image f
    says "--image needs the dataset"
    expect 2 recommend -m m --user u --diversity 1.5
    says '--diversity is "1.5": must be a number from 0 to 1'
    expect 2 recommend -m m -d x --user u --price-min -1
    says '--price-min is "-1": must be a number of at least 0'
    expect 2 similar -m m
    says "either --product ID or --image FILE"
    expect 2 similar -m m --product p --image f
    says "either --product ID or --image FILE"
    expect 2 recommend -m m --liked a,,b
    says "a piece between commas is empty"
    expect 2 recommend -m m --user u -n 0
    says "--number is \"0\""
    expect 2 recommend -m m --user u -n 3 --new 4
    says "more than the 3 products"
    expect 2 compare -d x --models pop,dance
    says 'there is no model "dance"'
    expect 2 compare -d x --task dance
    says "recommend"
    expect 2 compare -d x --models dim=3,vasg
    says "stands before any model"
    expect 2 demo
    says "DIR is missing"
    expect 2 models --threads 2
    says "unknown option --threads"
}

bad_input_exits_1_with_a_reason() {
    expect 1 validate -d nowhere
    says "lookbook: nowhere"
    expect 1 train -d nowhere -o m
    says "nowhere"
    expect 1 compact -d nowhere
    says "no dataset here"
    expect 1 recommend -m m -d nowhere --image nothing.jpg
    says "nothing.jpg"
    expect 1 recommend -m nothing.safetensors --user u
    says "nothing.safetensors"
    printf 'u1,p1\nu2\n' >broken.csv
    expect 1 import -d broken --interactions broken.csv --columns user,item
    says "broken.csv: line 2"
    [ ! -e broken/shop.db ] || expect 0 validate -d broken
    head -c 100 /dev/urandom >noise.safetensors
    expect 1 recommend -m noise.safetensors --user u
    says "noise.safetensors"
}

lost_output_is_a_failure() {
    local code=0
    "$LOOKBOOK" models --json >/dev/full 2>err || code=$?
    equal "$code" 1
    says "standard output could not be written: No space left on device"
    code=0
    "$LOOKBOOK" models >&- 2>err || code=$?
    equal "$code" 1
    says "standard output could not be written"
}

models_are_listed() {
    expect 0 models --json
    [ "$(json models)" -ge 5 ] || fail "fewer than 5 models"
    equal "$(json models 0 name)" vasg
    equal "$(json models 0 options 0 name)" dim
    expect 0 models vasg
    prints "--epochs"
    expect 0 version
    prints "lookbook "
}

every_command_has_help_and_a_man_page
wrong_command_lines_exit_2
bad_input_exits_1_with_a_reason
lost_output_is_a_failure
models_are_listed
