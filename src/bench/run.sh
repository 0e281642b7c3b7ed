#!/usr/bin/env bash
# The benchmarks: Caravan against baselines that are measured in the same run, in turns. ./caravan bench calls this
# after the build.
#
#   ./caravan bench                 everything
#   ./caravan bench sync accept     only these: sync, accept, finish, pickup, start, rate, restart, letters, fork,
#                                   image, resque, docker (needs root and docker.io)
#   BENCH_SECONDS=10                length of one measurement
#   BENCH_ROUNDS=3                  how often each is repeated; medians are reported
#   BENCH_WARMUP=40                 seconds of load that do not count, before what is measured
#   BENCH_BASELINES_ONLY=true       measures this machine without Caravan
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# nginx stands in sbin, which is not on everyone's PATH.
export PATH=$PATH:/usr/sbin:/sbin
for tool in nginx wrk; do
  command -v "$tool" >/dev/null || {
    echo "bench: $tool is needed and is not on the PATH" >&2
    exit 1
  }
done

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
class_path=target/caravan.jar:target/lib/*
if [ ! -d target/lib ]; then
  echo "bench: target/lib is missing; start with ./caravan bench, which builds it" >&2
  exit 1
fi
mkdir -p target/bench/classes
"${java}c" --release 17 -nowarn -proc:none -d target/bench/classes -cp "$class_path" src/bench/java/dev/caravan/*/*.java
exec "$java" -cp "target/bench/classes:$class_path" dev.caravan.bench.Bench "$@"
