#!/usr/bin/env bash
# Puts a root file system together of busybox, programs of this machine and the libraries that they need: no image can be
# pulled in tests.
#
#   host-root.sh FOLDER PROGRAM-OR-FOLDER|libs-of:PROGRAM-OR-FOLDER...
set -euo pipefail

root=$1
shift
mkdir -p "$root"/{bin,etc,home,tmp,usr/bin}
chmod 1777 "$root/tmp"
printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
cp /bin/busybox "$root/bin/busybox"
for applet in $(/bin/busybox --list | grep -vx busybox); do
  ln -sf busybox "$root/bin/$applet"
done
for each in "$@"; do
  content=${each#libs-of:}
  if [ "$content" = "$each" ]; then
    rm -f "$root$each" # busybox may have one of that name
    tar -C / -c "${each#/}" | tar -C "$root" -x
    # What a link leads to elsewhere on the machine, as certificates, is put in its place.
    find "$content" -type l | while IFS= read -r link; do
      case $(readlink -f "$link") in
        "$content"/*) ;;
        *) rm -rf "${root:?}$link" && tar -C / -ch "${link#/}" | tar -C "$root" -x ;;
      esac
    done
  fi
  find -H "$content" -type f \( -name '*.so' -o -perm -u+x \) -print0 |
    xargs -0 ldd 2>/dev/null |
    sed -n -e 's/.*=> \(\/[^ ]*\) .*/\1/p' -e 's/^[[:space:]]*\(\/[^ ]*\) (0x.*/\1/p' |
    grep -v "^$content/" || true
done | sort -u | while IFS= read -r library; do
  cp -L --parents "$(realpath -s "$library")" "$root"
done
