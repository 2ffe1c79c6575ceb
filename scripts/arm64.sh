#!/usr/bin/env bash
# Builds heed for arm64 with Debian's cross compiler and runs the tests under emulation: NEON kernels, OpenBLAS's kernels for
# ARM, unsigned char. Takes some ten minutes on two cores.
#   scripts/arm64.sh [FILTER]    FILTER: a test's name or [tags]; default: all but those that start programs
#                              and those that look at the process's memory, where the emulator's own shows
# Needs root on an x86-64 Debian; what it downloads and builds stands in build/arm64, and the system gets only the compiler,
# the emulator and the list of arm64 packages.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
filter=${1:-"~[programs]~[translate]~[resident]"}
[ "$(id -u)" = 0 ] || { echo "arm64.sh: needs root" >&2; exit 2; }

build=$PWD/build/arm64
root=$build/root  # arm64 libraries, unpacked and not installed
lib=$root/usr/lib/aarch64-linux-gnu
libraries=(libopenblas-pthread-dev libtbb-dev libhwy-dev libfmt-dev libutf8proc-dev zlib1g-dev libsentencepiece-dev libstdc++6 libc6)
headers=(nlohmann CLI catch2)  # the same on every processor

if [ ! -e "$build/unpacked" ]; then
  scripts/packages.sh
  mkdir -p "$build/debs" "$root"
  dpkg --add-architecture arm64
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends g++-aarch64-linux-gnu qemu-user-static >/dev/null
  mapfile -t packages < <(apt-get install --simulate --no-install-recommends "${libraries[@]/%/:arm64}" |
    sed -n "s/^Inst \([^ ]*:arm64\) .*/\1/p" | sort -u)
  (cd "$build/debs" && apt-get download -qq "${packages[@]}")
  for package in "$build"/debs/*.deb; do dpkg-deb --extract "$package" "$root"; done
  touch "$build/unpacked"
fi
mkdir -p "$build/include"
for folder in "${headers[@]}"; do
  [ ! -e "/usr/include/$folder" ] || ln -sfn "/usr/include/$folder" "$build/include/$folder"
done

cat >"$build/toolchain.cmake" <<CMAKE
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH $root)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(CMAKE_CXX_FLAGS_INIT "-isystem $build/include -isystem $root/usr/include -isystem $lib/../../include/aarch64-linux-gnu/openblas-pthread")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,$lib:$lib/openblas-pthread:$root/lib/aarch64-linux-gnu")
CMAKE
export PKG_CONFIG_LIBDIR=$lib/pkgconfig:$lib/openblas-pthread/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
cmake -S . -B "$build/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEED_INSTALL=OFF \
  -DCMAKE_TOOLCHAIN_FILE="$build/toolchain.cmake" >"$build/configure.log" || { tail -n 20 "$build/configure.log" >&2; exit 2; }
cmake --build "$build/build" --parallel "$(nproc)" --target heed_tests -- --quiet
cd "$build/build/tests"
exec qemu-aarch64-static -L "$root" -E "LD_LIBRARY_PATH=$lib:$lib/openblas-pthread:$root/lib/aarch64-linux-gnu" \
  ./heed_tests "$filter"
