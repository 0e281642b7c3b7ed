#!/bin/sh
# Does what the official image's entry point does, as far as docker/ leans on it: folders made its own when it begins as
# root, and root left behind; a database made in an empty volume, by a server that only the socket reaches.
set -eu

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres {} +
  exec /usr/bin/setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  [ -z "${POSTGRES_PASSWORD_FILE:-}" ] || POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password
  initdb --no-locale --encoding=UTF8 --username="$POSTGRES_USER" --pwfile=/tmp/password
  rm /tmp/password
  echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl start --wait --options="-c listen_addresses=''"
  if [ "$POSTGRES_DB" != postgres ]; then
    psql --username="$POSTGRES_USER" --dbname=postgres --command="CREATE DATABASE \"$POSTGRES_DB\""
  fi
  pg_ctl stop --wait --mode=fast
fi
exec "$@"
