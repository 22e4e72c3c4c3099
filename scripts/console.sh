#!/usr/bin/env bash
# Builds the staff console if a source is newer than the last build; the shared style sheets are sources too. Folders count as sources, so a deleted file is noticed too.
# Usage: scripts/console.sh
set -euo pipefail

cd "$(dirname "$0")/.."
console=tenants/console
if [[ ! -f $console/package.json ]]; then
    echo "there is no console in $console; nothing to build" >&2
    exit 0
fi
scripts/npm-ci.sh "$console"

cd "$console"
built=dist/index.html
if [[ -f $built ]]; then
    newer=$(find . ../assets \( -path ./node_modules -o -path ./dist \) -prune -o -mindepth 1 -newer "$built" -print -quit)
    if [[ -z $newer ]]; then exit 0; fi
fi
npm run build
# A build that writes nothing new must not be repeated for ever.
touch "$built"
