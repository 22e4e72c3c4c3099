#!/usr/bin/env bash
# Installs the npm packages of a folder exactly as its lock file says, unless that has been done for this very lock file.
# Usage: scripts/npm-ci.sh <folder>      A folder without a lock file is left alone.
set -euo pipefail

folder=${1:?which folder}
cd "$(dirname "$0")/.."
[[ -f $folder/package-lock.json ]] || exit 0
cd "$folder"

stamp=node_modules/.installed-from
wanted=$(sha256sum package-lock.json | cut -d ' ' -f 1)
if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then exit 0; fi

# Browsers come from the system, never as a download of an npm package.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 PUPPETEER_SKIP_DOWNLOAD=1
npm ci --no-audit --no-fund
# npm makes no folder where there is nothing to install.
mkdir -p node_modules
printf '%s\n' "$wanted" >"$stamp"
