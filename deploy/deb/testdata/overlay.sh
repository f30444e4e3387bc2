# Sourced by the other scripts, within a mount namespace of its own: lays a throw-away
# copy of this machine's system over memory, in $root. Nothing written there lasts.
set -euo pipefail
work=$(mktemp -d)
trap 'umount --lazy --recursive "$work"; rmdir "$work"' EXIT
mount -t tmpfs -o mode=755 doisoat-test "$work"
root=$work/root
mkdir "$root" "$work/upper" "$work/work"
mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" doisoat-test "$root"

# ok TEXT, after a check that set -e would have ended at. Nothing else is printed to
# the standard output: the test counts these lines.
ok() { echo "ok: $*"; }
die() { echo "not ok: $*"; exit 1; }
