#!/bin/sh
# The function that is benchmarked, and the upstream of the baseline: an nginx on $PORT that answers a small constant.
# BENCH_FOLDER takes its configuration and its pid, so that the benchmark can end it whatever happens; BENCH_ARRIVALS, when
# it is set, is the file that takes the time of each call.
set -eu

PATH=$PATH:/usr/sbin:/sbin
config=$BENCH_FOLDER/nginx-$PORT.conf
cat >"$config" <<NGINX
worker_processes 1;
daemon off;
pid $BENCH_FOLDER/nginx-$PORT.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  log_format arrivals '\$msec';
  access_log ${BENCH_ARRIVALS:-off}${BENCH_ARRIVALS:+ arrivals};
  keepalive_requests 1000000000;
  client_body_temp_path $BENCH_FOLDER/body-$PORT;
  proxy_temp_path $BENCH_FOLDER/proxy-$PORT;
  fastcgi_temp_path $BENCH_FOLDER/fastcgi-$PORT;
  uwsgi_temp_path $BENCH_FOLDER/uwsgi-$PORT;
  scgi_temp_path $BENCH_FOLDER/scgi-$PORT;
  server {
    listen 127.0.0.1:$PORT backlog=1024;
    default_type text/plain;
    location / { return 200 "ok\n"; }
  }
}
NGINX
exec nginx -c "$config" -e stderr
