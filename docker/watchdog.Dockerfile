# The watchdog, for images of functions to copy from: COPY --from=caravan/watchdog /watchdog /opt/watchdog
#   ./caravan watchdog && docker build -t caravan/watchdog -f docker/watchdog.Dockerfile target/watchdog
FROM scratch
COPY . /watchdog
