#!/usr/bin/env bash
# Boot the real unit under systemd in a container, with the sandbox, credentials and a real IMAP
# server on loopback: start, status, reload, rejected configuration, watchdog, clean stop.
# Needs root, systemd-container, Dovecot, and /usr/bin/python3 of the same version as .venv; where
# that is not to be had, it says so and ends with 77.
set -euo pipefail
cd "$(dirname "$0")/.."
refuse() { echo "boot.sh: not here: $1" >&2; exit 77; }
[ "$(id -u)" = 0 ] || refuse "it needs root"
command -v systemd-nspawn >/dev/null || refuse "no systemd-nspawn (apt-get install systemd-container)"
command -v dovecot >/dev/null || refuse "no Dovecot (apt-get install dovecot-imapd)"
minor() { "$1" -c 'import sys; print(sys.version_info[:2])'; }
[ "$(minor /usr/bin/python3)" = "$(minor .venv/bin/python)" ] ||
    refuse "/usr/bin/python3 is another version than .venv, and the sandbox hides all others"
unshare -m true 2>/dev/null || refuse "this kernel or container allows no mounts of our own"
export ROOT=$PWD
exec unshare -m bash -euc '
mount --make-rprivate /
refuse() { echo "boot.sh: not here: $1" >&2; exit 77; }
T=$(mktemp -d); trap "umount -l \"$T\" 2>/dev/null; rmdir \"$T\"" EXIT
mount -t tmpfs tmpfs "$T" || refuse "no tmpfs"; mkdir -p "$T"/{u,w,root,wheel}
mount -t overlay overlay -o "lowerdir=/,upperdir=$T/u,workdir=$T/w" "$T/root" || refuse "no overlay over /"
R=$T/root
rm -f "$R/etc/machine-id"; : > "$R/etc/machine-id"

# The program, away from any home: the sandbox hides those.
(cd "$ROOT" && .venv/bin/python -m hatchling build -t wheel -d "$T/wheel" >/dev/null)
rm -rf "$R/opt/mailhours"
/usr/bin/python3 -m venv --without-pip "$R/opt/mailhours"
site=$(echo "$R"/opt/mailhours/lib/python3*/site-packages)
cp -r "$ROOT"/.venv/lib/python3*/site-packages/. "$site/"
rm -f "$site"/*mailhours*.pth "$site"/__editable__*
/usr/bin/python3 -m zipfile -e "$T"/wheel/mailhours-*.whl "$site"
printf "#!/opt/mailhours/bin/python3\nfrom mailhours.cli import main\nmain()\n" > "$R/opt/mailhours/bin/mailhours"
chmod 755 "$R/opt/mailhours/bin/mailhours"
ln -sf /usr/bin/python3 "$R/opt/mailhours/bin/python3"

mkdir -p "$R"/etc/mailhours/{clients,credentials} "$R"/probe/mail
cat > "$R/etc/mailhours/mailhours.toml" <<TOML
schema = 1
[owner]
name = "Dana Berg"
address = "dana@studio.example"
timezone = "Europe/Oslo"
[hours]
week = { mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"], thu = ["09:00-17:00"], fri = ["09:00-17:00"] }
check_ins = ["10:00", "15:00"]
[mailbox.main]
host = "127.0.0.1"
port = 10143
security = "none"
password = "credential:imap-password"
[replies]
authentication = "absent"
TOML
printf "schema = 1\nname = \"Fjord\"\naddresses = [\"kari@fjord.example\"]\n" > "$R/etc/mailhours/clients/fjord.toml"
printf "pass\n" > "$R/etc/mailhours/credentials/imap-password"
chmod 700 "$R/etc/mailhours/credentials"; chmod 600 "$R/etc/mailhours/credentials/imap-password"

cat > "$R/probe/dovecot.conf" <<CONF
base_dir = /run/probe-dovecot
log_path = /probe/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 0
mail_location = maildir:/probe/mail/%u
passdb {
  driver = static
  args = password=pass
}
userdb {
  driver = static
  args = uid=mail gid=mail home=/probe/mail/%u
}
namespace inbox {
  inbox = yes
  mailbox Sent {
    special_use = \\Sent
    auto = subscribe
  }
}
service imap-login {
  inet_listener imap {
    port = 10143
  }
}
CONF
cat > "$R/probe/run.sh" <<"PROBE"
#!/usr/bin/env bash
# Runs inside the booted container; every line that begins with FAIL fails the test.
say() { if "$@" >/dev/null 2>&1; then echo "ok   $what"; else echo "FAIL $what"; fi; }
show() { systemctl show mailhours -p "$1" --value; }
as_owner() { runuser -u mailhours -- "$@"; }
until_true() { for _ in $(seq "$1"); do "${@:2}" >/dev/null 2>&1 && return 0; sleep 1; done; return 1; }
said() { show StatusText | grep -q "$1"; }
restarted() { [ "$(show NRestarts)" -ge 1 ] && said "next check-in"; }
chown -R mail:mail /probe/mail
dovecot -c /probe/dovecot.conf
systemd-sysusers
# As docs/installing.md says.
ln -s /opt/mailhours/bin/mailhours /usr/local/bin/mailhours
mailhours install-service --config /etc/mailhours
systemd-sysusers
chgrp -R mailhours /etc/mailhours; chmod -R g+rX /etc/mailhours
chmod 700 /etc/mailhours/credentials
mkdir -p /etc/systemd/system/mailhours.service.d
printf "[Service]\nWatchdogSec=30\nRestartSec=1\n" > /etc/systemd/system/mailhours.service.d/probe.conf
systemctl daemon-reload
what="the unit starts: it says READY itself"; say systemctl start mailhours
what="a real poll through the sandbox, with the credential"; say until_true 60 said "last poll [A-Z]"
echo "     $(show StatusText)"
what="the ledger is its own, for nobody else"
say test "$(stat -c %U:%a /var/lib/mailhours/ledger.db)" = mailhours:600
what="reload"; say systemctl reload mailhours
sleep 3
what="it still works after a reload"; say systemctl is-active mailhours
sed -i "s/10:00/25:00/" /etc/mailhours/mailhours.toml
what="a broken file is told, and the old one goes on"; say until_true 40 said "configuration rejected"
echo "     $(show StatusText)"
sed -i "s/25:00/10:00/" /etc/mailhours/mailhours.toml
systemctl reload mailhours
what="the owner reads the status"; say until_true 40 as_owner mailhours status
kill -STOP "$(show MainPID)"
what="a hang is seen by the watchdog, and the service comes back"; say until_true 110 restarted
what="it stops in good order"; say systemctl stop mailhours
# As docs/recovery.md says.
cd /var/lib/mailhours
mkdir damaged && mv ledger.db* damaged/ && cp -p backups/ledger-*.db ledger.db
systemctl start mailhours
what="it goes on with a backup"; say until_true 60 said "last poll [A-Z]"
what="the backup is whole"; say as_owner mailhours verify
systemctl stop mailhours
what="it ended with 0"; say test "$(show Result)/$(show ExecMainStatus)" = success/0
journalctl -u mailhours --no-pager -o cat | tail -20
PROBE
chmod 755 "$R/probe/run.sh"
cat > "$R/etc/systemd/system/probe.service" <<UNIT
[Unit]
After=basic.target
[Service]
Type=oneshot
ExecStart=/probe/run.sh
StandardOutput=file:/probe/log
StandardError=file:/probe/log
TimeoutStartSec=400
ExecStopPost=/bin/systemctl --force poweroff
UNIT
printf "[Unit]\nRequires=basic.target probe.service\nAfter=basic.target\nAllowIsolate=yes\n" > "$R/etc/systemd/system/probe.target"
timeout 500 systemd-nspawn -D "$R" --machine=mailhours-probe --register=no --keep-unit --private-network \
    --quiet --boot --console=pipe -- systemd.unit=probe.target </dev/null >"$T/console" 2>&1 || true
[ -e "$R/probe/log" ] || { tail -20 "$T/console"; refuse "systemd-nspawn boots nothing"; }
cat "$R/probe/log"
! grep -q "^FAIL" "$R/probe/log" && grep -q "^ok   it ended with 0" "$R/probe/log"
'
