#!/usr/bin/env bash
# Copies a program and the shared libraries it needs into a folder that can be the root of an image,
# with what scanners and licenses ask of it: which packages the libraries are of, and their terms.
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
mapfile -t libraries < <(ldd "$program" | grep -oE '/[^ ]+' | sort -u)
for library in "${libraries[@]}"; do
  install -D -m 0755 "$(readlink -f "$library")" "$root$library"
done
# Certificates of public authorities, for API servers that use one.
packages=()
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  install -m 0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  packages+=(ca-certificates)
fi

# Prints the Debian package that a library is of; its database has files by either path of /usr.
package_of() {
  local file
  file=$(readlink -f "$1")
  # One of the two is not found, which is no fault.
  { dpkg-query -S "$file" "${file#/usr}" 2>/dev/null || true; } | sed -n '1s/:.*//p'
}

# One file for each package where scanners look for them in images without a package manager.
if command -v dpkg-query >/dev/null; then
  mkdir -p "$root/var/lib/dpkg/status.d"
  for library in "${libraries[@]}"; do packages+=("$(package_of "$library")"); done
  mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
  for package in "${packages[@]}"; do
    if [ -z "$package" ]; then continue; fi
    dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
    terms=/usr/share/doc/$package/copyright
    if [ -f "$terms" ]; then install -D -m 0644 "$terms" "$root$terms"; fi
  done
fi

printf 'nonroot:x:65532:65532::/:/none\n' >"$root/etc/passwd"
printf 'nonroot:x:65532:\n' >"$root/etc/group"
chmod 1777 "$root/tmp"
du -sh "$root"
