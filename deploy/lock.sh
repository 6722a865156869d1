#!/bin/sh
# Writes the pinned and hashed requirements. A pin stays as it is unless an *.in file forbids it;
# `UPGRADE=1 make lock` moves every pin to the newest version.
set -eu
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header ${UPGRADE:+--upgrade} "$@"
}

compile --universal --python-version 3.11 requirements.in -o requirements.txt
compile --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt
compile --python-version 3.10 nlu/requirements.in -o nlu/requirements.txt
