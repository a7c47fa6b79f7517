#!/bin/sh
# Make both environments and fetch the jars: infra/setup/environments.py, run by a Python that fits.
# Needs nothing but Python 3.11 or 3.12. A second run takes a moment.
set -eu
cd "$(dirname "$0")/../.."
seen=
for name in ${NINELINES_PYTHON:-python3.12 python3.11 python3}; do
  # asked, not looked up: a version manager's shim may be on PATH for a Python that is not installed
  version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || version=
  case $version in
    3.11 | 3.12) exec "$name" -m infra.setup.environments ;;
  esac
  seen="$seen
  $name: ${version:-not found}"
done
cat >&2 <<END
setup: Python 3.11 or 3.12 is needed. Looked for:$seen
Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: NINELINES_PYTHON=/path/to/python3.11 make
END
exit 1
