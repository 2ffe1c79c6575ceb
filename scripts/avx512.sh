#!/usr/bin/env bash
# Runs the tests on a processor with AVX-512 where this machine has none: Bochs emulates a whole Skylake-X, which starts
# Debian's kernel and the tests. A hundred times slower than the real one; [bits], the default, takes some ten minutes.
#   scripts/avx512.sh [FILTER]    FILTER: a test's name or [tags], without blanks
# Needs root on an x86-64 Debian, and some packages, which it installs; what it builds stands in build/avx512.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
filter=${1:-"[bits]"}
[ "$(id -u)" = 0 ] || { echo "avx512.sh: needs root" >&2; exit 2; }
case $filter in *[[:space:]]*) echo "avx512.sh: a blank in the filter '$filter'" >&2; exit 2 ;; esac

source=$PWD build=$PWD/build/avx512
root=$build/root  # the file system of the emulated machine
mkdir -p "$build"

if [ ! -e "$build/kernel/boot" ]; then
  scripts/packages.sh
  apt-get install -y -qq --no-install-recommends bochs bochsbios vgabios busybox-static cpio xorriso mtools grub-pc-bin \
    grub-common >/dev/null
  kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
  (cd "$build" && apt-get download -qq "$kernel" && dpkg-deb --extract "$kernel"_*.deb kernel)
fi

cmake -S . -B "$build/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEED_INSTALL=OFF >"$build/configure.log" ||
  { tail -n 20 "$build/configure.log" >&2; exit 2; }
cmake --build "$build/build" --parallel "$(nproc)" --target heed_tests -- --quiet
tests=$build/build/tests/heed_tests

# The tests, what they are linked with, and the files that they read at the place where they look for them.
rm -rf "$root"
mkdir -p "$root"/{bin,proc,sys,dev,tmp} "$root$source/tests"
install -m 755 "$(command -v busybox)" "$root/bin/busybox"
install -m 755 -s "$tests" "$root/bin/heed_tests"
mapfile -t libraries < <(ldd "$tests" | grep -o '/[^ ]*')
for library in "${libraries[@]}"; do install -D -m 755 "$library" "$root$library"; done
cp -r tests/bits tests/parity "$root$source/tests"
folders=$(printf '%s\n' "${libraries[@]%/*}" | sort -u | paste -sd :)
# Bochs tells a wrong size of the registers that XSAVEC stores, so neither kernel nor loader may use that instruction.
cat >"$root/init" <<INIT
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
grep -q avx512f /proc/cpuinfo || echo "avx512.sh: no AVX-512 in the emulated processor"
export LD_LIBRARY_PATH=$folders LD_BIND_NOW=1 GLIBC_TUNABLES=glibc.cpu.hwcaps=-XSAVEC_Usable,-XSAVEC
cd /tmp
echo "avx512.sh: begin"
heed_tests "$filter" --use-colour no --durations yes
echo "avx512.sh: exit code \$?"
poweroff -f
INIT
chmod +x "$root/init"

mkdir -p "$build/disc/boot/grub"
cp "$build"/kernel/boot/vmlinuz-* "$build/disc/boot/vmlinuz"
(cd "$root" && find . | cpio --create --format=newc --quiet) >"$build/disc/boot/initrd"
cat >"$build/disc/boot/grub/grub.cfg" <<GRUB
set timeout=0
menuentry heed {
  linux /boot/vmlinuz console=ttyS0 quiet mitigations=off clearcpuid=xsaves,xsavec tsc=unstable lpj=1000000
  initrd /boot/initrd
}
GRUB
grub-mkrescue --output="$build/disc.iso" "$build/disc" >"$build/disc.log" 2>&1 || { cat "$build/disc.log" >&2; exit 2; }

cat >"$build/bochsrc" <<BOCHS
megs: 2048
cpu: model=corei7_skylake_x, count=1, ips=50000000
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=$build/disc.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$build/serial.log
log: $build/bochs.log
panic: action=report
error: action=ignore
info: action=ignore
clock: sync=none
display_library: rfb, options="timeout=0"
BOCHS
rm -f "$build/serial.log" "$build/input"
echo c >"$build/commands"  # Debian's Bochs has a debugger, which waits for this: continue
mkfifo "$build/input"
exec 3<>"$build/input"  # and ends where its input does
bochs-bin -q -f "$build/bochsrc" -rc "$build/commands" <&3 >"$build/screen.log" 2>&1 || true
tr -d '\r' <"$build/serial.log" | sed -n '/^avx512.sh: /,/^avx512.sh: exit code/p'
code=$(tr -d '\r' <"$build/serial.log" | sed -n 's/^avx512.sh: exit code \([0-9]*\).*/\1/p')
exit "${code:-2}"
