#!/bin/sh
# Does what the official image's entry point does: its folder made its own when it begins as root, and root left behind;
# files that nobody else can read.
set -eu

if [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis {} +
  exec /usr/bin/setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
fi
umask 0077
# Its build takes clients from elsewhere without a password; that of Debian has to be told.
if [ "$1" = redis-server ]; then
  set -- "$@" --protected-mode no
fi
exec "$@"
