# What must hold on a machine that systemd runs. boot.sh starts it, as root.
set -uo pipefail
cd /doisoat-test
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
config=/etc/doisoat/doisoat.yaml

ok() { echo "ok: $*"; }
die() {
  echo "not ok: $*"
  journalctl --no-pager -n 60 -u 'doisoat*' >&2
  exit 1
}
is() { # UNIT PROPERTY VALUE
  local value
  value=$(systemctl show --value -p "$2" "$1")
  [ "$value" = "$3" ] || die "$2 of $1 is $value, and not $3"
}
# http METHOD PATH prints the status, and nothing where nobody answers.
http() {
  exec 3<>/dev/tcp/127.0.0.1/8080 || return 0
  printf '%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n' "$1" "$2" >&3
  head -n 1 <&3 | cut -d ' ' -f 2
  exec 3>&-
} 2>/dev/null
ready() {
  local tries=150
  until [ "$(http GET /-/ready)" = 200 ]; do
    [ $((tries -= 1)) -gt 0 ] || die "not ready after 30 s; the last answer was $(http GET /-/ready)"
    sleep 0.2
  done
}

dpkg -i old.deb >installed 2>&1 || die "dpkg: $(cat installed)"
is doisoat.service ActiveState inactive
is doisoat.service UnitFileState disabled
is doisoat-reconcile.timer ActiveState inactive
ok 'installed, and nothing started'

# A platform that cannot be reached, whose token is a secret; an office with a book.
mkdir -p /srv/books
printf 'Mã hồ sơ\tNhận hồ sơ\tHẹn trả kết quả\tNgày nhận kết quả\tTình trạng\n' >/srv/books/tp.tsv
cat >$config <<'YAML'
store: sqlite:/var/lib/doisoat/doisoat.db
departments: [{code: TP, name: Phòng Tư pháp}]
platform:
  name: dvc
  mapping: preset:dvcqg
  http:
    url: http://127.0.0.1:9
    auth: {bearer_file: secrets/bearer}
    list: {path: /, items: "", paging: none}
    limits: {retries: 0}
offices:
  - {name: justice, departments: [TP], mapping: preset:tracking-book, workbook: {path: /srv/books/tp.tsv, settle: 0s}}
YAML
( umask 077; echo hidden >/etc/doisoat/secrets/bearer )
for unit in doisoat doisoat-reconcile; do
  mkdir -p /etc/systemd/system/$unit.service.d
  printf '[Service]\nLoadCredential=bearer:/etc/doisoat/secrets/bearer\n' >/etc/systemd/system/$unit.service.d/site.conf
done
printf '[Service]\nRestartSec=1s\n' >/etc/systemd/system/doisoat.service.d/quick.conf
systemctl daemon-reload

doisoat-as-service check --config $config >checked 2>&1 || die "check by hand: $(cat checked)"
doisoat-as-service check --config /nowhere.yaml >checked 2>&1
[ $? = 2 ] || die "the exit status of a command by hand is lost: $(cat checked)"
rm /etc/systemd/system/doisoat.service.d/site.conf && systemctl daemon-reload
! doisoat-as-service check --config $config >checked 2>&1 || die "a secret that was not handed over can be read"
cp /etc/systemd/system/doisoat-reconcile.service.d/site.conf /etc/systemd/system/doisoat.service.d/ && systemctl daemon-reload
ok 'by hand with the secrets of the service, and only those'

systemctl start doisoat-reconcile.timer || die "the timer failed"
case $(systemctl show --value -p NextElapseUSecRealtime doisoat-reconcile.timer) in
*18:00:00\ UTC | *01:00:00\ +07 | *01:00:00\ ICT) ;;
*) [ "$(date -u -d "$(systemctl show --value -p NextElapseUSecRealtime doisoat-reconcile.timer)" +%H:%M)" = 18:00 ] || die "the timer's next is $(systemctl show --value -p NextElapseUSecRealtime doisoat-reconcile.timer)" ;;
esac
ok 'the timer waits for one o'\''clock in Vietnam'

# The timer keeps what systemd knows of the service; without it that is forgotten at its end.
systemctl start doisoat-reconcile.service || die "the one-shot failed"
is doisoat-reconcile.service Result success
is doisoat-reconcile.service ExecMainStatus 3
[ "$(stat -c '%U %a' /var/lib/doisoat/doisoat.db)" = 'doisoat 600' ] || die "the store is $(stat -c '%U %a' /var/lib/doisoat/doisoat.db)"
[ -s /var/lib/doisoat/discrepancies.xlsx ] || die "no list was written"
ok 'one run, with a source that failed, is a success'

systemctl stop doisoat-reconcile.timer

systemctl enable --now doisoat >enabled 2>&1 || die "the daemon did not start: $(cat enabled)"
ready
[ "$(http GET /-/healthy)" = 200 ] || die "not healthy"
[ "$(http GET /metrics)" = 200 ] || die "no metrics"
ok 'the daemon is ready'

systemctl start doisoat-reconcile.service
is doisoat-reconcile.service ConditionResult no
ok 'no second run beside the daemon'

pid=$(systemctl show --value -p MainPID doisoat)
systemctl reload doisoat || die "a good configuration was not reloaded"
sed -i.good 's/^departments:/departements:/' $config
! systemctl reload doisoat 2>/dev/null || die "a bad configuration was reloaded"
is doisoat.service ActiveState active
is doisoat.service MainPID "$pid"
ready
mv $config.good $config
chgrp doisoat $config && chmod 0640 $config
systemctl reload doisoat || die "the mended configuration was not reloaded"
ok 'reload'

dpkg -i --force-confdef --force-confold new.deb >installed 2>&1 || die "dpkg: $(cat installed)"
ready
[ "$(systemctl show --value -p MainPID doisoat)" != "$pid" ] || die "an upgrade left the old program running"
is doisoat.service UnitFileState enabled
ok 'an upgrade restarts it'

kill -9 "$(systemctl show --value -p MainPID doisoat)"
sleep 1.5
ready
is doisoat.service NRestarts 1
ok 'killed, it comes back'

began=$SECONDS
systemctl stop doisoat || die "it did not stop"
[ $((SECONDS - began)) -le 30 ] || die "it took $((SECONDS - began)) s to stop"
is doisoat.service Result success
[ ! -e /run/doisoat ] || die "/run/doisoat is left"
ok 'stopped in time'

sed -i.good 's/^departments:/departements:/' $config
systemctl start doisoat 2>/dev/null
sleep 2.5
is doisoat.service ActiveState failed
is doisoat.service ExecMainStatus 2
is doisoat.service NRestarts 0
mv $config.good $config
systemctl reset-failed doisoat
ok 'a wrong configuration is not tried again and again'

systemctl start doisoat && ready
dpkg -r doisoat >removed 2>&1 || die "dpkg: $(cat removed)"
is doisoat.service ActiveState inactive
[ "$(http GET /-/healthy)" = '' ] || die "it still answers after its removal"
[ -s /var/lib/doisoat/doisoat.db ] || die "a removal took the state"
dpkg -P doisoat >removed 2>&1 || die "dpkg: $(cat removed)"
[ ! -e /var/lib/doisoat ] && [ ! -L /etc/systemd/system/multi-user.target.wants/doisoat.service ] || die "something is left after a purge"
ok 'removed and purged'
