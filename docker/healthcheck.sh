#!/usr/bin/env bash
# Whether Caravan is ready, by its management port. Of bash alone: the image has no other client.
set -euo pipefail
exec 3<>"/dev/tcp/127.0.0.1/${CARAVAN_MANAGEMENT_PORT:-8082}"
printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
