#!/bin/sh
# Finds a Python for deploy/setup.py and hands over; what to set up comes as arguments.
set -eu
cd "$(dirname "$0")/.."

works() { # a shim of a version manager may be on PATH and still not run
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -x .venv/bin/pip ] && works .venv/bin/python; then
    exec .venv/bin/python deploy/setup.py "$@"
fi
# 3.13 comes after 3.12 and 3.11: fewer wheels carry programs for it.
for python in python3.12 python3.11 python3.13 python3; do
    if works "$python"; then
        exec "$python" deploy/setup.py "$@"
    fi
done
echo "Python 3.11 or newer is needed and none was found. On Debian and Ubuntu: apt-get install python3 python3-venv" >&2
exit 1
