# shellcheck shell=bash
# A plan of a root: what it is made from, what it changes, and whether all of that still holds. Sourced after lib/terraform.sh and
# lib/record.sh.

# The record's place comes from its plan: it is what a plan depends on besides the state, which Terraform watches itself.
conditions() {
  jq -n --arg environment "$env" --arg root "$root" --arg account "$account" --arg region "$region" \
    --arg commit "$(revision)" --arg tree "$(if is_clean; then echo clean; else echo changed; fi)" \
    --arg lock "$(sha256_or_none "$lock_file")" --arg tfvars "$(sha256 "$tfvars")" \
    --arg image_tag "${image_tag:-}" --arg image_digest "${image_digest:-}" '$ARGS.named'
}

recorded() { jq -r ".$1" "$record"; }

# refuse_loss CHANGES - what holds data, or what nobody can make again as it was, goes only when it is named.
refuse_loss() {
  local lost
  lost=$(jq -r --arg named "${allow_destroy:-${ALLOW_DESTROY:-}}" \
    '($named | split("[, ]+"; null)) as $named | [.[] | select(.protected) | .address] - $named | join(" ")' "$1")
  [ -z "$lost" ] || die "this plan destroys $lost; nothing was kept. If that is meant, plan again with --allow-destroy '$lost'"
}

# Says one line for each condition of the plan that no longer holds.
check_plan() {
  local holds=true name again
  again="run $(root_stage plan) again"
  conditions >"$scratch/now"
  if [ "$(plan_digest "$saved" "$record")" != "$(recorded sha256)" ]; then
    holds=
    say "$saved or its record is not what was planned: $again"
  fi
  for name in $(jq -r --slurpfile planned "$record" 'del(.tree) | to_entries[] | select(.value != $planned[0][.key]) | .key' "$scratch/now"); do
    holds=
    say "$(label "$name") was '$(recorded "$name")' when this was planned and is '$(jq -r ".$name" "$scratch/now")' now: $again"
  done
  if [ "$(recorded tree)" != clean ]; then
    holds=
    say "the plan was made from uncommitted changes: commit them and $again"
  elif ! is_clean; then
    holds=
    say "the tree has uncommitted changes since the plan: undo them, or commit and $again"
  fi
  [ -n "$holds" ]
}

label() {
  case $1 in
    lock) echo "$lock_file" ;;
    tfvars) echo "$tfvars" ;;
    image_*) echo "the image's ${1#image_}" ;;
    *) echo "the $1" ;;
  esac
}
