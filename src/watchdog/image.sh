#!/usr/bin/env bash
# Makes the watchdog's image: a folder that holds all it needs, without a JDK or a JRE, to be copied into the container of
# a function. ./caravan watchdog calls this after the build.
#
#   src/watchdog/image.sh JAR FOLDER
#
# JAR is target/caravan-watchdog.jar, FOLDER is made anew. JAVA_HOME is a JDK from 17 on, of the system the container
# will run. FOLDER/bin/caravan-watchdog starts it, and so does FOLDER/bin/java -m
# dev.caravan.watchdog/dev.caravan.watchdog.Main where there is no shell.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jar=$1
folder=$2
jdk=${JAVA_HOME:?is to be a JDK}
name=dev.caravan.watchdog
main=$name/$name.Main

work=$(mktemp -d)
server=
cleanup() {
  if [ -n "$server" ]; then
    kill -9 "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

mkdir "$work/classes"
jar=$(cd "$(dirname "$jar")" && pwd)/$(basename "$jar")
(cd "$work/classes" && "$jdk/bin/jar" --extract --file "$jar")
version=$(sed -n 's/^Implementation-Version: *\([^[:space:]]*\).*/\1/p' "$work/classes/META-INF/MANIFEST.MF")
rm -rf "$work/classes/META-INF"
"$jdk/bin/javac" --release 17 --module-version "${version:-0}" -d "$work/classes" "$here/module-info.java"

release=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$jdk/release")
compress=zip-6
flags="-XX:+UseSerialGC -Xmx64m -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError"
if [ "$release" -lt 21 ]; then
  compress=2
fi
if [ "$release" -ge 22 ]; then
  flags="$flags --enable-native-access=$name"
fi
rm -rf "$folder"
"$jdk/bin/jlink" --module-path "$work/classes" --add-modules "$name" --output "$folder" \
  --add-options="$flags" \
  --compress="$compress" --strip-java-debug-attributes --no-header-files --no-man-pages
rm -f "$folder/bin/keytool"
# jlink's own would stay between us and the signals of the container.
cat >"$folder/bin/caravan-watchdog" <<LAUNCHER
#!/bin/sh
exec "\${0%/*}/java" -m $main "\$@"
LAUNCHER
chmod 755 "$folder/bin/caravan-watchdog"

# A classes' archive of what a start and a first call load halves both. So each way to answer is tried once.
port_of() { # of what the log says: $1 is "Listening" or "Metrics listening"
  sed -n "s/.* $1 on port: \([0-9]*\)$/\1/p" "$work/log"
}
ask() {
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi' "$2" >&3
  cat <&3 >/dev/null
  exec 3>&-
}
try() { # mode, command, variables
  local mode=$1 command=$2
  shift 2
  rm -rf "$work/tmp"
  mkdir "$work/tmp"
  env TMPDIR="$work/tmp" mode="$mode" fprocess="$command" port=0 metrics_port=0 "$@" \
    "$folder/bin/java" -Xshare:off -XX:DumpLoadedClassList="$work/list-$mode" -m "$main" 2>"$work/log" &
  server=$!
  local i
  for i in $(seq 300); do
    if [ -e "$work/tmp/.lock" ]; then
      break
    fi
    if [ "$i" = 300 ] || ! kill -0 "$server" 2>/dev/null; then
      echo "image.sh: the watchdog did not start:" >&2
      cat "$work/log" >&2
      exit 1
    fi
    sleep 0.1
  done
  ask "$(port_of 'Metrics listening')" /metrics
  ask "$(port_of Listening)" /
  ask "$(port_of Listening)" /_/health
  kill -9 "$server"
  wait "$server" 2>/dev/null || true
  server=
}
try classic cat
try streaming cat
# Nothing listens there: what is loaded up to the failure is most of it.
try http "sleep 60" upstream_url=http://127.0.0.1:1 exec_timeout=1s
# Without the numbers that the lists give to classes, each by itself, and without last lines, which may be cut off.
for list in "$work"/list-*; do
  sed -e '$d' -e 's/ id: [0-9]*$//' "$list"
done | awk '!seen[$0]++' >"$work/list"
"$folder/bin/java" -Xshare:dump -XX:SharedClassListFile="$work/list" -m "$main" >"$work/log" 2>&1 ||
  echo "image.sh: no archive of classes, the start takes longer: $(tail -n 1 "$work/log")" >&2
