#!/bin/sh
# Fails for the first calls with the same X-Call-Id, as many as the query says (times=2, at most 99), then succeeds.
# Retries keep the call id, so the third attempt of a call with times=2 is the first to succeed.
times=1
case "&${Http_Query:-}" in
*"&times="*)
  times=${Http_Query##*times=}
  times=${times%%&*}
  ;;
esac
case "$times" in
'' | *[!0-9]* | ???*)
  echo "times must be a number from 0 to 99"
  exit 2
  ;;
esac

# The id comes from outside: only what is harmless in a file's name is kept of it.
id=$(printf %s "${Http_X_Call_Id:-}" | tr -cd 'A-Za-z0-9-' | cut -c 1-64)
if [ -z "$id" ]; then
  echo "set X-Call-Id, by which attempts are counted"
  exit 2
fi

umask 077
folder=${TMPDIR:-/tmp}/caravan-flaky
mkdir -p "$folder" || exit 1
state=$folder/$id.count
failed=0
if [ -f "$state" ]; then
  read -r failed <"$state"
fi
if [ "$failed" -lt "$times" ]; then
  failed=$((failed + 1))
  echo "$failed" >"$state"
  echo "failure $failed of $times"
  exit 1
fi
rm -f "$state"
echo "succeeded after $failed failures"
