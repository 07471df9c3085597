#!/usr/bin/env bash
# Copies a program and the shared libraries it needs into a folder that can be the root of an image.
# Usage: scripts/collect-image.sh PROGRAM FOLDER
set -euo pipefail

if [ "$#" -ne 2 ] || [ ! -x "$1" ]; then
  echo "Usage: scripts/collect-image.sh PROGRAM FOLDER" >&2
  exit 2
fi
program=$1
root=$2

mkdir -p "$root/tmp" "$root/etc/ssl/certs"
install -m 0755 -s "$program" "$root/component-injector"
ln -sf component-injector "$root/injector"
# The dynamic loader and every library, at the paths that the loader looks at.
ldd "$program" | grep -oE '/[^ ]+' | sort -u | while read -r library; do
  install -D -m 0755 "$(readlink -f "$library")" "$root$library"
done
# Certificates of public authorities, for API servers that use one.
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  install -m 0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
printf 'nonroot:x:65532:65532::/:/none\n' >"$root/etc/passwd"
printf 'nonroot:x:65532:\n' >"$root/etc/group"
chmod 1777 "$root/tmp"
du -sh "$root"
