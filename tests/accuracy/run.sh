#!/bin/sh
# Prints, for every start of an engine in the ground truth, what is predicted and what was logged.
#   tests/accuracy/run.sh [BUILD_DIR] [CSV]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build/release}
captures=${MS_CAPTURES:-$root/../shared/data}
csv=${2:-$captures/ground-truth/kv_startup_logs.csv}
if [ ! -f "$csv" ]; then
    echo "skipped: $csv is not here" >&2
    exit 0
fi
exec "$build/accuracy" "$csv"
