#!/bin/sh
# Sleeps for the whole seconds the query asks for (seconds=5, at most 300), then says so.
seconds=1
case "&${Http_Query:-}" in
*"&seconds="*)
  seconds=${Http_Query##*seconds=}
  seconds=${seconds%%&*}
  ;;
esac
case "$seconds" in
'' | *[!0-9]* | ????*)
  echo "seconds must be a number from 0 to 300"
  exit 2
  ;;
esac
[ "$seconds" -le 300 ] || seconds=300
sleep "$seconds"
echo "slept for $seconds s"
