#!/usr/bin/env bash
# Boots a throw-away copy of this machine's system under the real systemd, without
# network, and lets booted.sh try the package there:
#
#   unshare --mount boot.sh OLD.deb NEW.deb
. "$(dirname "$0")/overlay.sh"
mkdir "$root/doisoat-test"
cp "$1" "$root/doisoat-test/old.deb"
cp "$2" "$root/doisoat-test/new.deb"
cp "$(dirname "$0")/booted.sh" "$root/doisoat-test/"
# Not this machine's own target: its databases and mail servers have no part in it.
cat >"$root/etc/systemd/system/doisoat-test.target" <<'UNIT'
[Unit]
Requires=basic.target doisoat-test.service
After=basic.target
AllowIsolate=yes
UNIT
cat >"$root/etc/systemd/system/doisoat-test.service" <<'UNIT'
[Unit]
After=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/bin/bash /doisoat-test/booted.sh
StandardOutput=file:/doisoat-test/out
StandardError=file:/doisoat-test/err
ExecStopPost=/bin/systemctl --no-block poweroff
TimeoutStartSec=300
UNIT
rm -f "$root/usr/sbin/policy-rc.d" # some images forbid packages to start services
# There is no network to wait for.
for wait in systemd-networkd-wait-online NetworkManager-wait-online ifupdown-wait-online; do
  ln -sf /dev/null "$root/etc/systemd/system/$wait.service"
done
rm -f "$root/etc/machine-id" # its journal must not be the machine's
timeout --kill-after=10 360 systemd-nspawn --quiet --directory="$root" --boot --register=no --keep-unit --private-network \
  --console=pipe systemd.unit=doisoat-test.target systemd.show_status=no </dev/null >"$work/console" 2>&1 || {
  cat "$work/console" >&2
}
cat "$root/doisoat-test/err" >&2 || { cat "$work/console" >&2; die "it did not boot"; }
cat "$root/doisoat-test/out"
