# Finds what the shell cannot read before anybody calls it.
set -eu
sh -n function/handler.sh
