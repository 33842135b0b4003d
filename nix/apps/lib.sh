# shellcheck shell=bash
# What every stage shares, by concern. A stage sources it first, and then defines usage().
#
# Written for the bash 3.2 and the BSD tools that macOS ships, so that a stage runs with or without Nix: no associative
# arrays, no case conversion in expansions, no GNU-only flags, and ${array[@]+"${array[@]}"} where an array may be empty.

# shellcheck source=nix/apps/lib/messages.sh
. "${BASH_SOURCE[0]%/*}/lib/messages.sh"
# shellcheck source=nix/apps/lib/options.sh
. "$here/lib/options.sh"
# shellcheck source=nix/apps/lib/checkout.sh
. "$here/lib/checkout.sh"
# shellcheck source=nix/apps/lib/aws.sh
. "$here/lib/aws.sh"
# shellcheck source=nix/apps/lib/signals.sh
. "$here/lib/signals.sh"
