# Fetches what function/requirements.txt names, into packages/.
set -eu
if [ -s function/requirements.txt ]; then
  python3 -m pip install --disable-pip-version-check --no-cache-dir --target packages -r function/requirements.txt
fi
python3 -m compileall -q caravan.py index.py function
