#!/bin/sh
# Resolve every version anew: Python packages with hashes, and the jars.
set -eu
cd "$(dirname "$0")/../.."
uv=$(command -v uv || echo .tools/bin/uv)
compile() {
  "$uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --custom-compile-command "make lock" "$@"
}
compile --extra dev pyproject.toml -o infra/locks/jobs.txt
compile infra/locks/airflow.in -o infra/locks/airflow.txt
compile infra/locks/uv.in -o infra/locks/uv.txt
compile infra/locks/go.in -o infra/locks/go.txt
exec .venv/bin/python -m infra.setup.jars --lock
