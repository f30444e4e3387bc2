#!/usr/bin/env bash
# Installs, upgrades, removes and purges the package with the real dpkg and adduser
# in a throw-away copy of this machine's system, without systemd running:
#
#   unshare --mount lifecycle.sh OLD.deb NEW.deb
. "$(dirname "$0")/overlay.sh"
cp "$1" "$root/old.deb"
cp "$2" "$root/new.deb"
mount -t proc proc "$root/proc"
# Without this folder the scripts see a machine that systemd does not run.
mount -t tmpfs run "$root/run"

in_root() { LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }
said() { in_root "$@" >"$work/said" 2>&1 || { cat "$work/said"; die "$* ends with $?"; }; }
owned() { # PATH OWNER:GROUP MODE
  local is
  is=$(in_root stat -c '%U:%G %a' "$1") || die "$1 is not there"
  [ "$is" = "$2 $3" ] || die "$1 is $is, and not $2 $3"
}
folders() {
  owned /etc/doisoat root:doisoat 750
  owned /etc/doisoat/secrets root:root 700
  owned /etc/doisoat/doisoat.yaml root:doisoat 640
  owned /var/lib/doisoat doisoat:doisoat 750
}

said dpkg -i /old.deb
grep -q 'not started' "$work/said" || die "the installation does not tell what to do: $(cat "$work/said")"
folders
[ "$(in_root getent passwd doisoat | cut -d: -f6,7)" = /var/lib/doisoat:/usr/sbin/nologin ] || die "the user is $(in_root getent passwd doisoat)"
ok installed

said doisoat version
! in_root setpriv --reuid=doisoat --regid=doisoat --clear-groups ls /etc/doisoat/secrets 2>/dev/null || die "the secrets can be listed by the service's user"
in_root setpriv --reuid=doisoat --regid=doisoat --clear-groups cat /etc/doisoat/doisoat.yaml >/dev/null || die "the configuration cannot be read by the service's user"
! in_root setpriv --reuid=nobody --regid=nogroup --clear-groups cat /etc/doisoat/doisoat.yaml 2>/dev/null || die "the configuration can be read by anybody"
ok rights

printf 'hidden\n' >"$root/etc/doisoat/secrets/platform"
echo '# ours' >>"$root/etc/doisoat/doisoat.yaml"
echo state >"$root/var/lib/doisoat/doisoat.db"
in_root chown doisoat: /var/lib/doisoat/doisoat.db

said dpkg -i /old.deb
folders
ok 'installed twice'

in_root chmod 0600 /etc/doisoat/doisoat.yaml
said dpkg -i --force-confdef --force-confold /new.deb
! grep -q 'not started' "$work/said" || die "an upgrade tells how to begin: $(cat "$work/said")"
tail -n 1 "$root/etc/doisoat/doisoat.yaml" | grep -qx '# ours' || die "the upgrade changed the configuration"
owned /etc/doisoat/doisoat.yaml root:doisoat 600
[ "$(cat "$root/var/lib/doisoat/doisoat.db")" = state ] || die "the upgrade changed the state"
[ "$(in_root dpkg-query -W -f '${Version}' doisoat)" = 1.1.0 ] || die "the new version is not installed"
ok upgraded

said dpkg -i /old.deb
said dpkg -i --force-confdef --force-confold /new.deb
ok 'downgraded and upgraded again'

said dpkg -r doisoat
[ ! -e "$root/usr/bin/doisoat" ] || die "the program is still there"
[ -e "$root/etc/doisoat/doisoat.yaml" ] && [ -e "$root/etc/doisoat/secrets/platform" ] && [ -e "$root/var/lib/doisoat/doisoat.db" ] ||
  die "a removal took what only a purge may take"
ok removed

said dpkg -i --force-confdef --force-confold /new.deb
tail -n 1 "$root/etc/doisoat/doisoat.yaml" | grep -qx '# ours' || die "the configuration did not survive removal and installation"
owned /etc/doisoat/doisoat.yaml root:doisoat 600
owned /etc/doisoat/secrets root:root 700
ok 'installed after a removal'

said dpkg -P doisoat
for path in /etc/doisoat /var/lib/doisoat /usr/share/doc/doisoat /usr/lib/systemd/system/doisoat.service; do
  [ ! -e "$root$path" ] || die "$path is left after a purge: $(find "$root$path")"
done
in_root getent passwd doisoat >/dev/null || die "the user is gone"
ok purged

said dpkg -i /new.deb
folders
ok 'installed after a purge'
