# shellcheck shell=bash
# Installs what a CI step needs, pinned, under target/ci: sourced by .ci/run and by the test scripts under tests/.
# Every function does nothing when what it installs is already there, so a second run is quick and needs no network.

ci_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ci_tools=$ci_root/target/ci
mkdir -p "$ci_tools/bin"
export PATH="$ci_tools/bin:$PATH"

# apt_install PACKAGE... - Debian packages. Without apt-get (another system, or Nix), the caller's PATH must have the tools.
apt_install() {
  local package missing=() root=()
  # GitHub's runners are not root, but may be.
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  command -v apt-get >/dev/null || return 0
  for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "ci: apt-get install ${missing[*]}"
  {
    ${root[@]+"${root[@]}"} apt-get update &&
      ${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
  } >"$ci_tools/apt.log" 2>&1 || {
    cat "$ci_tools/apt.log" >&2
    return 1
  }
}

# version LINTER - of the table.
version() { sed -n "s/^$1 = \"\(.*\)\"/\1/p" "$ci_root/.ci/versions.toml"; }

# go_install NAME PACKAGE@VERSION - one Go program, built from its module, as target/ci/bin/NAME.
go_install() {
  local name=$1 package=$2 built="$ci_tools/go/${2//\//_}"
  if ! [ -x "$built/$name" ]; then
    echo "ci: go install $package"
    mkdir -p "$built"
    GOBIN=$built go install -trimpath -ldflags '-s -w' "$package"
    [ -x "$built/$name" ] || mv "$built"/* "$built/$name"
  fi
  ln -sfn "$built/$name" "$ci_tools/bin/$name"
}

# go_build NAME FOLDER PACKAGE [FLAG...] - one Go program, by a go.mod of ours, as target/ci/bin/NAME. Go sees what has changed.
go_build() { (cd "$2" && go build -trimpath -ldflags '-s -w' -o "$ci_tools/bin/$1" "${@:4}" "$3"); }

# cargo_install CRATE@VERSION - one program of Rust, as target/ci/bin/CRATE.
cargo_install() {
  local crate=$1 built="$ci_tools/cargo/$1"
  if ! [ -e "$built/bin" ]; then
    echo "ci: cargo install $crate"
    cargo install --quiet --locked --debug --root "$built" "$crate"
  fi
  ln -sfn "$built/bin/${crate%@*}" "$ci_tools/bin/${crate%@*}"
}

# pip_install NAME==VERSION[,EXTRA==VERSION...] PROGRAM... - Python programs in an environment of their own.
pip_install() {
  local requirements=$1 environment="$ci_tools/python/${1//[,=]/_}" program
  shift
  if ! [ -e "$environment/installed" ]; then
    echo "ci: pip install ${requirements//,/ }"
    rm -rf "$environment"
    python3 -m venv "$environment"
    # shellcheck disable=SC2086 # one word for each requirement
    "$environment/bin/pip" install --quiet --disable-pip-version-check ${requirements//,/ }
    touch "$environment/installed"
  fi
  for program in "$@"; do
    ln -sfn "$environment/bin/$program" "$ci_tools/bin/$program"
  done
}

# npm_install NAME PACKAGE@VERSION... - packages of Node.js, under target/ci/npm/NAME.
npm_install() {
  local directory=$ci_tools/npm/$1
  shift
  [ -e "$directory/installed" ] && return 0
  echo "ci: npm install $*"
  rm -rf "$directory"
  mkdir -p "$directory"
  npm install --prefix "$directory" --no-save --no-audit --no-fund --silent "$@"
  touch "$directory/installed"
}
