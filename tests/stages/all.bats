#!/usr/bin/env bats
# What holds for every stage.

load helper

@test "every stage explains itself on stdout and does nothing else" {
  for script in "$repository"/nix/apps/*.sh; do
    name=$(basename "$script" .sh)
    case $name in
      lib) continue ;;
      init | plan | apply | destroy) arguments=(aws) ;;
      deploy | destroy-all) arguments=(dev) ;;
      sign) arguments=(image) ;;
      *) arguments=() ;;
    esac
    output=$("$script" ${arguments[@]+"${arguments[@]}"} --help 2>"$BATS_TEST_TMPDIR/errors" </dev/null) || explain "$name --help fails"
    says 'usage: '
    says '--dry-run'
    [ ! -s "$BATS_TEST_TMPDIR/errors" ]
  done
  [ ! -s "$CALLS" ]
}

@test "a script that serves several stages says so when it is called as none" {
  for script in init plan apply destroy deploy destroy-all sign; do
    output=$("$repository/nix/apps/$script.sh" --help 2>&1) || explain "$script --help fails"
    says "usage: $script.sh "
    stage "$script"
    ends_with 64
    says "$script.sh: called without "
    [ "${#lines[@]}" -eq 1 ]
  done
}

@test "every stage refuses an option that it does not know, on one line" {
  for script in "$repository"/nix/apps/*.sh; do
    name=$(basename "$script" .sh)
    case $name in
      lib) continue ;;
      init | plan | apply | destroy) arguments=(aws) ;;
      deploy | destroy-all) arguments=(dev) ;;
      sign) arguments=(image) ;;
      *) arguments=() ;;
    esac
    stage "$name" ${arguments[@]+"${arguments[@]}"} --bogus
    ends_with 64
    says "unknown option '--bogus': see "
    [ "${#lines[@]}" -eq 1 ]
  done
}

@test "the stages keep to the bash and the tools of macOS" {
  run grep -nE 'declare -A|local -A|mapfile|readarray|\$\{[a-z_]+(,,|\^\^)|wait -n|&>>|\|&|coproc|readlink -f|sed -i|date -d|grep -P|\bstat -c|xargs -r|mktemp --' \
    "$repository"/nix/apps/*.sh "$repository"/nix/apps/lib/*.sh
  [ "$status" -eq 1 ] || explain "found"
}
