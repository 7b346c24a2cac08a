#!/bin/sh
# Tests of the training code. What this machine lacks is named beside each test that is skipped for it.
set -eu
here=$(dirname "$0")
python=$("$here/python.sh")
echo "training code: $("$python" --version), $(command -v "$python")"
exec "$python" -m unittest discover --verbose "$here"
