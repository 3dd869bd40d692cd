# A throw-away PostgreSQL cluster for as long as somebody holds our standard input.
#
#     sh cluster.sh BINDIR
#
# Answers one line to being started (its directory) and to each command on standard input ("ok" or "failed"):
#
#     start PORT    listens on 127.0.0.1:PORT, ready for connections
#     stop          crashes the server (immediate shutdown); the data stay
#
# At the end of standard input, however it comes, the server is stopped and everything is removed.
set -eu
bin=$1
cd /
umask 077
dir=$(mktemp -d "${TMPDIR:-/tmp}/dorf-postgres-XXXXXX")
stop() { "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop; }
trap 'stop >/dev/null 2>&1 || :; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE

"$bin/initdb" -D "$dir/data" -A trust -U postgres --no-sync -E UTF8 --locale=C.UTF-8 >/dev/null
# synchronous_commit stays on: it costs nothing without fsync, and without it "stop" would lose the last commits.
cat >>"$dir/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
log_checkpoints = off
SETTINGS
echo 'CREATE ROLE dorf LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE' |
    "$bin/postgres" --single -D "$dir/data" postgres >/dev/null
echo "$dir"

while read -r command port; do
    case $command in
    start) "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -o "-p $port" -w -t 60 start ;;
    stop) stop ;;
    esac >/dev/null 2>>"$dir/log" && echo ok || echo failed
done
