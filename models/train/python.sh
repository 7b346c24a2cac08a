#!/bin/sh
# Prints the Python that can run most of this folder: $PYTHON if it is set, else the first of python3 on the path and
# Debian's own that has torch, else one that has numpy, else python3.
set -eu
[ -z "${PYTHON:-}" ] || { echo "$PYTHON"; exit 0; }
for module in torch numpy; do
	for python in python3 /usr/bin/python3; do
		"$python" -c "import $module" 2>/dev/null && { echo "$python"; exit 0; }
	done
done
echo python3
