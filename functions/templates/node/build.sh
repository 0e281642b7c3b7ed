# Fetches what function/package.json depends on, and reads the handler once.
set -eu
if [ -f function/package.json ] && grep -q '"dependencies"' function/package.json; then
  (cd function && npm install --omit=dev --no-audit --no-fund)
fi
node --check function/handler.js
