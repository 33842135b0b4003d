# shellcheck shell=bash
# A kept plan: its two files under .plans, their digest, and what its record says for people.

plan_files() {
  saved=.plans/$env/$root.tfplan
  record=.plans/$env/$root.json
}

# plan_digest PLAN RECORD - the digest that an approval is of. It binds the plan and all that its record says, so that neither
# can be exchanged on its way through the bucket.
plan_digest() { { sha256 "$1" && jq -cS 'del(.sha256)' "$2"; } | sha256 /dev/stdin; }

# counts RECORD - a plan's change set in one line, for people.
counts() {
  jq -r '(.change_set | group_by(.action) | map("\(length) to \(.[0].action)") | join(", ")) as $counted
    | if $counted != "" then $counted elif .changes then "outputs only" else "no changes" end' "$1"
}

# change_table RECORD - the same, an address a line, in Markdown.
change_table() {
  jq -r 'if .change_set == [] then empty else
    "| action | address | attributes |", "|---|---|---|",
    (.change_set[] | "| \(if .protected then "**\(.action), and what it holds is lost**" else .action end) | `\(.address)` | \(.attributes | join(", ")) |")
    end' "$1"
}

# change_digest RECORD - of what a plan changes, without what it was made from: two plans with the same one change the same.
change_digest() { jq -cS .change_set "$1" | sha256 /dev/stdin; }
