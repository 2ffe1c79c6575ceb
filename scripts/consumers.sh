#!/usr/bin/env bash
# Builds and runs programs against heed in every way that users may take it: installed (find_package, pkg-config, a moved
# prefix with a blank in it, a plug-in), as a sub-directory of a hostile project, by FetchContent as shared libraries.
#   scripts/consumers.sh [--installed] [BUILD]
# BUILD: a folder where heed is built as static libraries; without it one is made. --installed: leaves out what compiles heed
# again, and takes a dozen seconds. Exit status: 0 all went well, else 1. With ccache later calls take a fraction of the first.
set -uo pipefail
installed_only=
[ "${1:-}" != --installed ] || { installed_only=1 && shift; }
heed=$(dirname "$(dirname "$(readlink -f "$0")")")
here=$heed/scripts/consumers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export CMAKE_GENERATOR=Ninja CCACHE_BASEDIR=/ CCACHE_NOHASHDIR=1
! command -v ccache >/dev/null || export CMAKE_CXX_COMPILER_LAUNCHER=ccache
quick=(-DCMAKE_BUILD_TYPE=Quick -DCMAKE_CXX_FLAGS_QUICK=-O1)
failed=0

# check NAME COMMAND...: says how the command went, and what it wrote when it failed.
check() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$work/log" 2>&1; then
    echo "ok      $name ($((SECONDS - start)) s)"
  else
    echo "FAILED  $name"
    tail -n 25 "$work/log" | sed 's/^/        /'
    failed=1
  fi
}

build() {  # build FOLDER [cmake flags]: a project of consumers/, in a folder of that name
  local folder=$1
  shift
  cmake -S "$here/$folder" -B "$work/$folder" "${quick[@]}" "$@" && cmake --build "$work/$folder"
}

install() {  # into one folder, which then moves
  [ -n "$built" ] || {
    built=$work/heed
    cmake -S "$heed" -B "$built" "${quick[@]}" -DHEED_TESTS=OFF -DHEED_EXAMPLES=OFF && cmake --build "$built"
  } && cmake --install "$built" --prefix "$work/first" && mv "$work/first" "$prefix"
}
built=${1:-}
prefix="$work/moved prefix"

no_absolute_paths() { ! grep -rIF -e "$work" -e "$heed" "$prefix"; }

optional() {  # optional NAME FOUND REASON [cmake flags]
  rm -rf "$work/optional"
  cmake -S "$here/optional" -B "$work/optional" "-Dheed_ROOT=$prefix" "-DEXPECTED=$1" "-DREASON=$2" "${@:3}"
}

by_pkg_config() {
  local flags  # the blank in the prefix is written "\ ": eval reads it
  flags=$(PKG_CONFIG_PATH=$(echo "$prefix"/lib*/pkgconfig) pkg-config --cflags --libs 'heed >= 0.1') &&
    eval "${CXX:-c++} -std=c++20 '$here/program.cpp' -o '$work/by_pkg_config' $flags" && "$work/by_pkg_config"
}

check "install, and move to a prefix with a blank" install
check "no installed file names a folder of the build" no_absolute_paths
check "find_package: a project with headers of the same names builds" build installed "-Dheed_ROOT=$prefix"
check "find_package: a program learns" "$work/installed/program"
check "find_package: NaN and exceptions" "$work/installed/tensor"
check "a plug-in is linked" cmake --build "$work/installed" --target plugin host
check "a plug-in learns" "$work/installed/host" "$work/installed/libplugin.so"
check "pkg-config: a program learns" by_pkg_config
check "optional find_package: found, and no variable changed" optional 1 ""
check "optional find_package: fmt is missing" optional 0 fmt -DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON
check "optional find_package: BLAS and Highway are missing" \
  env PKG_CONFIG_LIBDIR=/none bash -c "$(declare -f optional); $(declare -p here work prefix); optional 0 'libhwy.*openblas'"
[ -z "$installed_only" ] || exit $failed

check "hostile project: builds" build parent "-DHEED=$heed"
check "hostile project: a program learns" "$work/parent/programs/program"
check "hostile project: NaN and exceptions" "$work/parent/programs/tensor"
check "FetchContent: builds shared libraries" build fetched "-DHEED=$heed"
check "FetchContent: NaN and exceptions" "$work/fetched/tensor"
check "a shared library's name has the minor version" \
  bash -c "objdump -p '$work/fetched/tensor' | grep 'NEEDED *libheed_tensor.so.0.1$'"
exit $failed
