#!/usr/bin/env bash
# Removes the demo's data: its folder, and the folder of the servers' files where those had to be elsewhere (see `server.path`).
# Usage: scripts/demo-reset.sh <data folder>
set -euo pipefail

cd "$(dirname "$0")/.."
folder=${1:?which folder}
if [[ ! -d $folder ]]; then
    echo "there is no demo data in $folder"
    exit 0
fi
# Only what the demo has made may be removed, whatever was given as folder.
if [[ ! -f $folder/keys.json || ! -f $folder/lock ]]; then
    echo "$folder does not look like a data folder of the demo; nothing removed" >&2
    exit 1
fi
if has_flock=$(command -v flock) && ! "$has_flock" --nonblock "$folder/lock" true; then
    echo "the demo is running; stop it with Ctrl-C first" >&2
    exit 1
fi
if [[ -f $folder/server.path ]]; then
    elsewhere=$(<"$folder/server.path")
    if [[ $elsewhere =~ ^/var/tmp/zhengtong-[0-9a-f]{16}$ ]]; then
        rm -rf -- "$elsewhere"
    else
        echo "server.path names an unexpected folder, which is left alone: $elsewhere" >&2
    fi
fi
rm -rf -- "$folder"
echo "removed the demo data in $folder"
